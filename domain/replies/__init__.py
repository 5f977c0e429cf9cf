"""Inbound mail: what came, whose thread it belongs to, what it means, and what that does to a sequence."""
