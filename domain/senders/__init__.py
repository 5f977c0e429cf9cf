"""Mailboxes that messages leave from: connected with their owner's login, verified, paused, let go."""
