"""Background work for senders."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySender(Task):
    """Sign in on both sides, send a test message to the mailbox itself and watch where it turns up."""

    sender_id: UUID

    @property
    def unique_key(self) -> str | None:
        """One check of a mailbox at a time."""
        return f"verify-sender:{self.sender_id}"
