"""Anthropic's Messages API: an extractor that reads hostile pages, and a writer that never sees them."""
