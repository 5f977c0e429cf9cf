"""The built-in drafter: users' and our own Liquid templates, rendered within strict limits; no AI."""
