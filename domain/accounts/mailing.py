"""The queue of the installation's own mails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain import tenancy


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingMail:
    """A mail that one worker may send now."""

    id: UUID
    to_address: str
    subject: str
    body: str
    attempts: int


async def claim_due(*, limit: int, lease: timedelta, now: datetime) -> list[WaitingMail]:
    """Take up to ``limit`` mails that are due; a worker that dies leaves them to others after ``lease``."""
    async with tenancy.across_workspaces() as connection:
        rows = await connection.fetch(
            """
            UPDATE platform_mail SET state = 'LEASED', attempts = attempts + 1, due_at = $2
            WHERE id IN (
                SELECT id FROM platform_mail WHERE state IN ('READY', 'LEASED') AND due_at <= $3
                ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
            )
            RETURNING id, to_address, subject, body, attempts
            """,
            limit,
            now + lease,
            now,
        )
    return [WaitingMail(**row) for row in rows]


async def finish(*, mail_id: UUID) -> None:
    """Forget text and address of a mail that was sent: it holds a one-time link, and nobody needs it any more."""
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            "UPDATE platform_mail SET state = 'DONE', to_address = '', body = '', error = NULL WHERE id = $1",
            mail_id,
        )


async def put_back(*, mail_id: UUID, due_at: datetime | None, error: str) -> None:
    """Try again at ``due_at``; None gives up."""
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            """
            UPDATE platform_mail SET state = CASE WHEN $2::timestamptz IS NULL THEN 'DEAD' ELSE 'READY' END,
                                     due_at = coalesce($2, due_at), error = $3
            WHERE id = $1
            """,
            mail_id,
            due_at,
            error,
        )
