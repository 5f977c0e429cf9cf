"""Programs that use the API: their keys, what they may send, and what they may use up."""
