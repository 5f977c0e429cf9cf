"""Appending to a workspace's log: its events and the chain of its audit entries.

The head row's lock orders all commits of a workspace, so it is taken last and held for one statement before the
commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import orjson

from domain.actor import Actor
from domain.audit.chain import AuditEntry, covered
from domain.events import DomainEvent

if TYPE_CHECKING:
    from domain.tenancy import Connection

_APPEND = """
WITH head AS (
    UPDATE log_head
    SET seq = seq + cardinality($3::text[]), audit_seq = audit_seq + cardinality($16::text[]),
        audit_hash = (audit_chain(audit_hash, $1, audit_seq, $16))[cardinality($16) + 1]
    WHERE workspace_id = $1
    RETURNING old.seq AS seq, old.audit_seq AS audit_seq, new.seq AS last_seq,
              audit_chain(old.audit_hash, $1, old.audit_seq, $16) AS hashes
), said AS (
    INSERT INTO event (workspace_id, seq, type, subject_kind, subject_id, run_id, payload, occurred_at)
    SELECT $1, head.seq + n, type, kind, id, run, payload, $2
    FROM head, unnest($3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::jsonb[])
        WITH ORDINALITY AS new (type, kind, id, run, payload, n)
), done AS (
    INSERT INTO audit_event (workspace_id, seq, actor_kind, actor_id, request_id, action, target_kind, target_id,
                             purpose, detail, occurred_at, prev_hash, hash)
    SELECT $1, head.audit_seq + n, $8, $9, $10, action, kind, id, purpose, detail, $2, prev_hash, hash
    FROM head, unnest($11::text[], $12::text[], $13::uuid[], $14::text[], $15::jsonb[],
                      trim_array(head.hashes, 1), head.hashes[2:])
        WITH ORDINALITY AS new (action, kind, id, purpose, detail, prev_hash, hash, n)
)
SELECT last_seq FROM head
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
    last_seq = await connection.fetchval(
        _APPEND, new.actor.workspace_id, new.at, *_columns_of_events(new), *_columns_of_audits(new)
    )
    if last_seq is None:
        raise RuntimeError("the workspace has no log head")
    return cast(int, last_seq) if new.events else None


def _columns_of_events(new: Appending) -> tuple[list[Any], ...]:
    return (
        [type(event).__name__ for event in new.events],
        [event.subject_kind for event in new.events],
        [event.subject_id for event in new.events],
        [event.run_id for event in new.events],
        [_json(event.as_payload()) for event in new.events],
    )


def _columns_of_audits(new: Appending) -> tuple[Any, ...]:
    kind, id_, request_id = new.actor.kind.value, new.actor.id, new.actor.request_id
    return (
        kind,
        id_,
        request_id,
        [entry.action for entry in new.audits],
        [entry.target_kind for entry in new.audits],
        [entry.target_id for entry in new.audits],
        [entry.purpose for entry in new.audits],
        [_json(entry.detail) for entry in new.audits],
        [
            covered(entry, actor_kind=kind, actor_id=id_, request_id=request_id, at=new.at)
            for entry in new.audits
        ],
    )


def _json(value: Any) -> str:
    # asyncpg's ids are a subclass of UUID, which orjson doesn't know by itself.
    return orjson.dumps(value, default=str).decode()
