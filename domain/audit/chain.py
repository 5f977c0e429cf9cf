"""The hash chain of audit events: each hash covers the entry and the hash before it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.actor import Actor

FIRST_HASH = b"\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that was done; ``detail`` holds JSON values without personal data."""

    action: str
    target_kind: str
    target_id: UUID | None
    purpose: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


AuditRecord = tuple[
    UUID, int, str, UUID | None, str, str, UUID | None, str | None, str, str | None, datetime, bytes, bytes
]


def link(entry: AuditEntry, *, actor: Actor, seq: int, at: datetime, prev_hash: bytes) -> AuditRecord:
    """Return the row of an entry, in the order of the insert statement; its last item is the new hash."""
    detail = orjson.dumps(entry.detail, option=orjson.OPT_SORT_KEYS, default=str).decode()
    fields = (
        actor.workspace_id,
        seq,
        actor.kind.value,
        actor.id,
        entry.action,
        entry.target_kind,
        entry.target_id,
        entry.purpose,
        detail,
        actor.request_id,
        at,
        prev_hash,
    )
    return (*fields, chain_hash(fields))


def chain_hash(fields: tuple[Any, ...]) -> bytes:
    """Return SHA-256 over the row's fields, ``prev_hash`` included; ``detail`` is compared as parsed JSON."""
    *plain, detail, request_id, at, prev_hash = fields
    canonical = orjson.dumps(
        [*plain, orjson.loads(detail), request_id, at.isoformat(), prev_hash.hex()],
        option=orjson.OPT_SORT_KEYS,
        default=str,
    )
    return hashlib.sha256(canonical).digest()
