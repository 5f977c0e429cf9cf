"""The one way out to addresses that a user or a page can influence."""
