"""Verify a workspace's audit chain: no entry changed, none taken out, none cut off at the end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from domain.audit.chain import FIRST_HASH, chain_hash
from domain.audit.queries import AuditRow, ChainHead


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a verification found.

    Attributes:
        count: entries that hold, from the first on.
        broken_at: number of the first entry that doesn't hold or isn't there; None when all is well.
    """

    count: int
    broken_at: int | None

    @property
    def ok(self) -> bool:
        """Whether the whole chain holds."""
        return self.broken_at is None


_HASH: Final = -1
_PREV_HASH: Final = -2


async def verify_chain(rows: AsyncIterator[AuditRow], *, head: ChainHead) -> ChainReport:
    """Walk the chain and compare every link.

    Args:
        rows: in the order of ``seq``; fields as in ``chain.link``, the stored hash last.
        head: where the chain ends, as the log's head knows it.
    """
    count, prev_hash = 0, FIRST_HASH
    async for row in rows:
        holds = row[1] == count + 1 and row[_PREV_HASH] == prev_hash and chain_hash(row[:_HASH]) == row[_HASH]
        if not holds:
            return ChainReport(count=count, broken_at=count + 1)
        count, prev_hash = count + 1, row[_HASH]
    if (count, prev_hash) != (head.seq, head.hash):
        return ChainReport(count=count, broken_at=min(count, head.seq) + 1)
    return ChainReport(count=count, broken_at=None)
