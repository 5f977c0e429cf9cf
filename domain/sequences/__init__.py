"""Sequences: steps, drafted messages, and the gate a message passes before a person may approve it."""
