"""Background work about privacy requests."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPrivacyRequest(Task):
    """Open a request that came by mail."""

    reply_id: UUID
    wanted: str

    @property
    def unique_key(self) -> str:
        """One per mail."""
        return f"privacy-open:{self.reply_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPrivacyCode(Task):
    """Make a one-time code and mail it to the person."""

    request_id: UUID

    @property
    def unique_key(self) -> str:
        """One code at a time."""
        return f"privacy-code:{self.request_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilPrivacyRequest(Task):
    """Do what a proven person asked for."""

    request_id: UUID

    @property
    def unique_key(self) -> str:
        """One at a time."""
        return f"privacy-fulfil:{self.request_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckErasure(Task):
    """Erase what work that was under way during an erasure has written since."""

    request_id: UUID
    lead_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirePrivacyResult(Task):
    """Delete a bundle or receipt whose time has passed."""

    request_id: UUID
