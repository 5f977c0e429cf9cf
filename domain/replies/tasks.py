"""Background work about inbound mail."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveMail(Task):
    """Read one mail again that couldn't be taken in while its mailbox was read; those after it didn't wait.

    Attributes:
        since: when the mail came, RFC 3339; where to look if the folder was renumbered meanwhile.
    """

    sender_id: UUID
    folder: str
    uid_validity: int
    uid: int
    since: str

    @property
    def unique_key(self) -> str:
        """One task per mail."""
        return f"mail:{self.sender_id}:{self.folder}:{self.uid_validity}:{self.uid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeThread(Task):
    """Open a snoozed thread when its time has come; the thread itself says when."""

    thread_id: UUID
