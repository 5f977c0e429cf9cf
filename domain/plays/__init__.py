"""What to do, for whom, and with which strategy."""
