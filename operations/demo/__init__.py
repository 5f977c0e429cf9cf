"""The demo: plays the main job through the public API against real servers, and checks that the numbers add up."""
