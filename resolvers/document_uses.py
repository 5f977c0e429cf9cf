"""How often registered documents are sent, and when last; written now and then, for a request mustn't wait for it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from domain.api_clients.first_party import add_first_party_uses
from domain.api_clients.queries import add_uses

log = structlog.get_logger(__name__)

WRITTEN_EVERY_S: Final = 10.0


class DocumentUses:
    """Counts in memory and adds to the database's counts every ten seconds.

    Args:
        clock: the present moment, aware UTC.
    """

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._counted: Counter[tuple[UUID | None, UUID | None, str]] = Counter()
        self._writing: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """Return the present moment."""
        return self._clock()

    def count(self, *, workspace_id: UUID | None, client_id: UUID | None, document_id: str) -> None:
        """Count one use; without workspace and client it is a first-party document's."""
        self._counted[workspace_id, client_id, document_id] += 1
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_later())

    async def close(self) -> None:
        """Write what is counted."""
        if self._writing is not None:
            self._writing.cancel()
        await self.write()

    async def write(self) -> None:
        """Add what is counted to the database's counts; what can't be written is lost, and told."""
        counted, self._counted = self._counted, Counter()
        by_workspace: dict[UUID | None, dict[tuple[UUID | None, str], int]] = {}
        for (workspace_id, client_id, id_), n in counted.items():
            by_workspace.setdefault(workspace_id, {})[client_id, id_] = n
        for workspace_id, uses in by_workspace.items():
            try:
                await _add(workspace_id, uses, self._clock())
            except Exception:  # counts are worth no failure, and none is worth another workspace's
                log.warning("document_uses_lost", exc_info=True)

    async def _write_later(self) -> None:
        await asyncio.sleep(WRITTEN_EVERY_S)
        self._writing = None
        await self.write()


async def _add(workspace_id: UUID | None, uses: dict[tuple[UUID | None, str], int], at: datetime) -> None:
    if workspace_id is None:
        await add_first_party_uses(uses={id_: n for (_, id_), n in uses.items()}, at=at)
    else:
        of_clients = {(client_id, id_): n for (client_id, id_), n in uses.items() if client_id is not None}
        await add_uses(workspace_id=workspace_id, uses=of_clients, at=at)
