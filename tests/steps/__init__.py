"""Steps of tests: what several features' tests do before they look."""
