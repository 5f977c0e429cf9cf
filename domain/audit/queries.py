"""Reads of the audit chain."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain import tenancy

if TYPE_CHECKING:
    from domain.tenancy import Connection

AuditRow = tuple[Any, ...]

_BATCH: Final = 2_000
_ROWS: Final = """
SELECT workspace_id, seq, actor_kind, actor_id, action, target_kind, target_id, purpose, detail::text, request_id,
       occurred_at, prev_hash, hash
FROM audit_event WHERE workspace_id = $1 AND seq <= $2 ORDER BY seq
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The end of a chain: its last number and hash."""

    seq: int
    hash: bytes


@asynccontextmanager
async def reading_chain(workspace_id: UUID) -> AsyncIterator[tuple[ChainHead, AsyncIterator[AuditRow]]]:
    """Open a workspace's chain: its head, and its rows in order, streamed.

    The head is read first; what is appended meanwhile is left to the next verification.
    """
    async with tenancy.reading(workspace_id) as connection:
        head = await connection.fetchrow(
            "SELECT audit_seq, audit_hash FROM log_head WHERE workspace_id = $1", workspace_id
        )
        if head is None:
            raise RuntimeError("the workspace has no log head")
        chain_head = ChainHead(seq=head["audit_seq"], hash=bytes(head["audit_hash"]))
        yield chain_head, _rows(connection, workspace_id, last_seq=chain_head.seq)


async def _rows(connection: "Connection", workspace_id: UUID, *, last_seq: int) -> AsyncIterator[AuditRow]:
    async for row in connection.cursor(_ROWS, workspace_id, last_seq, prefetch=_BATCH):
        yield tuple(row)
