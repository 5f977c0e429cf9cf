"""The domain's enums as the API shows them: what each is about, and what each value means.

Importing the package registers them all.
"""

from schema.enums import accounts, api_clients, leads, plays, privacy, replies, sending, sequences

__all__ = ["accounts", "api_clients", "leads", "plays", "privacy", "replies", "sending", "sequences"]
