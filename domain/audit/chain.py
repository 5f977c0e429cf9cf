"""The hash chain of audit events: each hash covers the entry and the hash before it.

PostgreSQL computes it when entries are appended (``audit_chain``), because only there the hash before is known without
asking for it; whoever verifies computes it here, from what is stored.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

FIRST_HASH = b"\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that was done; ``detail`` holds JSON values without personal data."""

    action: str
    target_kind: str
    target_id: UUID | None
    purpose: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def covered(
    entry: AuditEntry, *, actor_kind: str, actor_id: UUID | None, request_id: str | None, at: datetime
) -> str:
    """Return what an entry's hash covers of the entry alone: the members of a JSON list."""
    what = (entry.action, entry.target_kind, entry.target_id, entry.purpose, entry.detail)
    members = [actor_kind, actor_id, *what, request_id, at.isoformat()]
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS, default=str)[1:-1].decode()


def chain_hash(fields: tuple[Any, ...]) -> bytes:
    """Return SHA-256 over a row's fields, ``prev_hash`` included; ``detail`` is compared as parsed JSON."""
    workspace_id, seq, actor_kind, actor_id, action, target_kind, target_id, purpose, *rest = fields
    detail, request_id, at, prev_hash = rest
    entry = AuditEntry(
        action=action,
        target_kind=target_kind,
        target_id=target_id,
        purpose=purpose,
        detail=orjson.loads(detail),
    )
    own = covered(entry, actor_kind=actor_kind, actor_id=actor_id, request_id=request_id, at=at)
    return hashlib.sha256(f'["{workspace_id}",{seq},{own},"{prev_hash.hex()}"]'.encode()).digest()
