"""Readiness: the deterministic checks between a draft and a person's approval (``gate.check_message``)."""
