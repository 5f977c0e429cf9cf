"""Stateful local stand-ins of outside parties, for tests and the demo; they import nothing of ours."""
