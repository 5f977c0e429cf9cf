"""Appending to a workspace's log: its events and the chain of its audit entries.

The head row's lock orders all commits of a workspace, so it is taken last and held for as few round trips as there
can be: one for the events, one more for audit entries, whose hashes need the hash before them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

import orjson

from domain.actor import Actor
from domain.audit.chain import AuditEntry, link
from domain.events import DomainEvent

if TYPE_CHECKING:
    from domain.tenancy import Connection

_APPEND_EVENTS = """
WITH head AS (
    UPDATE log_head SET seq = seq + $2, audit_seq = audit_seq + $3 WHERE workspace_id = $1
    RETURNING seq, audit_seq, audit_hash
), appended AS (
    INSERT INTO event (workspace_id, seq, type, subject_kind, subject_id, run_id, payload, occurred_at)
    SELECT $1, head.seq - $2 + n, type, kind, id, run, payload, $9
    FROM head, unnest($4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::jsonb[])
        WITH ORDINALITY AS new (type, kind, id, run, payload, n)
)
SELECT seq, audit_seq, audit_hash FROM head
"""

_APPEND_AUDITS = """
WITH appended AS (
    INSERT INTO audit_event (workspace_id, seq, actor_kind, actor_id, action, target_kind, target_id, purpose, detail,
                             request_id, occurred_at, prev_hash, hash)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::uuid[],
                         $8::text[], $9::jsonb[], $10::text[], $11::timestamptz[], $12::bytea[], $13::bytea[])
)
UPDATE log_head SET audit_hash = $15 WHERE workspace_id = $14
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appending:
    """What one unit of work has to say, in the order in which it happened."""

    actor: Actor
    at: datetime
    events: Sequence[DomainEvent]
    audits: Sequence[AuditEntry]


async def append_log(connection: "Connection", new: Appending) -> int | None:
    """Append; returns the last event's number, None when there is no event."""
    if not new.events and not new.audits:
        return None
    head = await connection.fetchrow(
        _APPEND_EVENTS,
        new.actor.workspace_id,
        len(new.events),
        len(new.audits),
        [type(event).__name__ for event in new.events],
        [event.subject_kind for event in new.events],
        [event.subject_id for event in new.events],
        [event.run_id for event in new.events],
        # asyncpg's ids are a subclass of UUID, which orjson doesn't know by itself.
        [orjson.dumps(event.as_payload(), default=str).decode() for event in new.events],
        new.at,
    )
    if head is None:
        raise RuntimeError("the workspace has no log head")
    if new.audits:
        await _append_audits(
            connection,
            new,
            first_seq=head["audit_seq"] - len(new.audits) + 1,
            prev_hash=head["audit_hash"],
        )
    return cast(int, head["seq"]) if new.events else None


async def _append_audits(
    connection: "Connection", new: Appending, *, first_seq: int, prev_hash: bytes
) -> None:
    records = []
    for seq, entry in enumerate(new.audits, start=first_seq):
        record = link(entry, actor=new.actor, seq=seq, at=new.at, prev_hash=prev_hash)
        records.append(record)
        prev_hash = record[-1]
    columns = [list(column) for column in zip(*records, strict=True)]
    await connection.execute(_APPEND_AUDITS, *columns, new.actor.workspace_id, prev_hash)
