"""How far each mailbox has been read, and who reads it now.

A cursor moves in the transaction that stores what was read. Its lease keeps two workers from reading one mailbox
at once; its epoch keeps a worker that lost the lease from moving the cursor. Times are the database's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.errors import Conflict
from domain.ids import new_id
from domain.senders.ports import FolderCursor
from domain.work import Work, unit_of_work

INBOX: Final = "INBOX"
LEASE_S: Final = 300.0
"""Longer than one page of mail takes to be fetched and stored; renewed with each mail."""

HEARD_STATUSES: Final = ("ACTIVE", "THROTTLED", "WARMING", "DEGRADED", "PAUSED")
"""Paused senders are heard too: what they have sent may still be answered, and an opt-out can't wait."""

BACK_OFF_S_MAX: Final = 1_800.0


class LeaseLost(Conflict):
    """Another worker reads this mailbox now; nothing was stored."""

    code = "MAILBOX_LEASE_LOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to read a mailbox's folder until the lease ends.

    Attributes:
        cursor: where to go on.
        failures: polls that failed since the last good one.
    """

    sender_id: UUID
    epoch: int
    cursor: FolderCursor
    failures: int


async def find_due(*, limit: int) -> list[tuple[UUID, UUID]]:
    """Return (workspace_id, sender_id) of mailboxes to be read now, longest due first."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT s.workspace_id, s.id FROM sender s
            LEFT JOIN mailbox_cursor c ON (c.workspace_id, c.sender_id, c.folder) = (s.workspace_id, s.id, $1)
            WHERE s.kind <> 'LINKEDIN' AND s.status = ANY ($2)
              AND (c.sender_id IS NULL OR (c.next_poll_at <= clock_timestamp()
                   AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())))
            ORDER BY c.next_poll_at NULLS FIRST LIMIT $3
            """,
            INBOX,
            HEARD_STATUSES,
            limit,
        )
    return [(row["workspace_id"], row["id"]) for row in rows]


async def find_watchable(*, limit: int) -> list[tuple[UUID, UUID]]:
    """Return (workspace_id, sender_id) of mailboxes that offer IDLE, were read before, and have no listener."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT s.workspace_id, s.id FROM sender s
            JOIN mailbox_cursor c ON (c.workspace_id, c.sender_id, c.folder) = (s.workspace_id, s.id, $1)
            WHERE s.kind <> 'LINKEDIN' AND s.status = ANY ($2) AND c.uid_validity > 0 AND s.capabilities ? 'IDLE'
              AND (c.watched_until IS NULL OR c.watched_until < clock_timestamp())
            ORDER BY c.watched_until NULLS FIRST LIMIT $3
            """,
            INBOX,
            HEARD_STATUSES,
            limit,
        )
    return [(row["workspace_id"], row["id"]) for row in rows]


async def claim(*, actor: Actor, sender_id: UUID, now: datetime) -> Claim | None:
    """Take a mailbox to read it; None when another worker has it or it isn't to be read any more.

    A mailbox that was never read begins with the mail since it was connected.
    """
    async with unit_of_work(actor, now=now) as work:
        row = await work.connection.fetchrow(
            """
            INSERT INTO mailbox_cursor AS c
                (id, workspace_id, sender_id, folder, read_since, next_poll_at, lease_until, epoch)
            SELECT $3, s.workspace_id, s.id, $4, coalesce(s.verified_at, s.created_at), clock_timestamp(),
                   clock_timestamp() + make_interval(secs => $5), 1
            FROM sender s WHERE s.workspace_id = $1 AND s.id = $2 AND s.status = ANY ($6)
            ON CONFLICT (workspace_id, sender_id, folder) DO UPDATE
                SET lease_until = excluded.lease_until, epoch = c.epoch + 1
                WHERE c.lease_until IS NULL OR c.lease_until < clock_timestamp()
            RETURNING epoch, folder, uid_validity, last_uid, read_since, failures
            """,
            actor.workspace_id,
            sender_id,
            new_id(),
            INBOX,
            LEASE_S,
            HEARD_STATUSES,
        )
    if row is None:
        return None
    cursor = FolderCursor(
        since=row["read_since"], folder=row["folder"], uidvalidity=row["uid_validity"], uid=row["last_uid"]
    )
    return Claim(sender_id=sender_id, epoch=row["epoch"], cursor=cursor, failures=row["failures"])


async def advance(work: Work, claim: Claim, *, cursor: FolderCursor) -> None:
    """Move the cursor in the transaction that stores what lies before it, and keep the lease.

    A server's date in the future isn't believed, else a renumbered folder would hide mail.

    Raises:
        LeaseLost: another worker has taken the mailbox over.
    """
    moved = await work.connection.fetchval(
        """
        UPDATE mailbox_cursor SET uid_validity = $5, last_uid = $6,
               read_since = greatest(read_since, least($7, clock_timestamp())),
               lease_until = clock_timestamp() + make_interval(secs => $8)
        WHERE workspace_id = $1 AND sender_id = $2 AND folder = $3 AND epoch = $4 RETURNING true
        """,
        work.workspace_id,
        claim.sender_id,
        cursor.folder,
        claim.epoch,
        cursor.uidvalidity,
        cursor.uid,
        cursor.since,
        LEASE_S,
    )
    if moved is None:
        raise LeaseLost("another worker reads this mailbox")


async def release(work: Work, claim: Claim, *, failure: str | None, interval_s: float) -> None:
    """Let go of a mailbox; after a failure it waits longer each time, half an hour at most."""
    delay_s = interval_s
    if failure is not None:
        delay_s = max(interval_s, min(interval_s * 2**claim.failures, BACK_OFF_S_MAX))
    await work.connection.execute(
        """
        UPDATE mailbox_cursor SET lease_until = NULL, failure = $5,
               failures = CASE WHEN $5::text IS NULL THEN 0 ELSE failures + 1 END,
               polled_at = CASE WHEN $5::text IS NULL THEN clock_timestamp() ELSE polled_at END,
               next_poll_at = clock_timestamp() + make_interval(secs => $6)
        WHERE workspace_id = $1 AND sender_id = $2 AND folder = $3 AND epoch = $4
        """,
        work.workspace_id,
        claim.sender_id,
        claim.cursor.folder,
        claim.epoch,
        failure,
        delay_s,
    )


async def let_go(claim: Claim, *, actor: Actor, now: datetime) -> None:
    """Let another worker take a mailbox that was being read, at once and without a word about how it went."""
    async with unit_of_work(actor, now=now) as work:
        await work.connection.execute(
            """
            UPDATE mailbox_cursor SET lease_until = NULL
            WHERE workspace_id = $1 AND sender_id = $2 AND folder = $3 AND epoch = $4
            """,
            work.workspace_id,
            claim.sender_id,
            claim.cursor.folder,
            claim.epoch,
        )


async def claim_watch(*, actor: Actor, sender_id: UUID, lease_s: float, now: datetime) -> FolderCursor | None:
    """Take a mailbox to listen to it; None when somebody listens already."""
    async with unit_of_work(actor, now=now) as work:
        row = await work.connection.fetchrow(
            """
            UPDATE mailbox_cursor SET watched_until = clock_timestamp() + make_interval(secs => $4)
            WHERE workspace_id = $1 AND sender_id = $2 AND folder = $3 AND uid_validity > 0
              AND (watched_until IS NULL OR watched_until < clock_timestamp())
            RETURNING read_since, folder, uid_validity, last_uid
            """,
            actor.workspace_id,
            sender_id,
            INBOX,
            lease_s,
        )
    if row is None:
        return None
    return FolderCursor(
        since=row["read_since"], folder=row["folder"], uidvalidity=row["uid_validity"], uid=row["last_uid"]
    )


async def release_watch(*, actor: Actor, sender_id: UUID, pause_s: float, now: datetime) -> None:
    """Stop listening; nobody begins again for ``pause_s``."""
    async with unit_of_work(actor, now=now) as work:
        await work.connection.execute(
            """
            UPDATE mailbox_cursor SET watched_until = clock_timestamp() + make_interval(secs => $4)
            WHERE workspace_id = $1 AND sender_id = $2 AND folder = $3
            """,
            actor.workspace_id,
            sender_id,
            INBOX,
            pause_s,
        )
