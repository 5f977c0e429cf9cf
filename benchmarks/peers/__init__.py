"""The peers: the same API as others would build it, over the same tables and the same row-level security."""
