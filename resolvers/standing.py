"""Whether those who listen still may: looked at again and again, once for all streams of one credential."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from asyncpg import InterfaceError, PostgresError

from auth.viewer import identify
from domain.actor import require
from domain.errors import DomainError, Forbidden, Unauthenticated
from domain.workspaces.rules import Permission

if TYPE_CHECKING:
    from resolvers.context import Context

log = structlog.get_logger(__name__)

SHARED = timedelta(seconds=0.9)
KEPT_MAX = 1_000


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime
    reason: "asyncio.Task[DomainError | None]"


class Standing:
    """Looks whether credentials are still good."""

    def __init__(self) -> None:
        self._looks: dict[tuple[str | None, UUID], _Look] = {}

    async def require(self, context: "Context") -> None:
        """Raise Unauthenticated or Forbidden when the credential or the membership is gone."""
        now, key = context.now(), (context.caller.credential, context.actor.workspace_id)
        look = self._looks.get(key)
        if look is None or now - look.at >= SHARED:
            if len(self._looks) >= KEPT_MAX:
                self._looks = {key: one for key, one in self._looks.items() if now - one.at < SHARED}
            look = self._looks[key] = _Look(now, asyncio.create_task(_reason_to_end(context)))
        reason = look.reason.result() if look.reason.done() else await asyncio.shield(look.reason)
        if reason is not None:
            raise type(reason)(reason.message)


async def _reason_to_end(context: "Context") -> DomainError | None:
    actor = context.actor
    try:
        viewer = await identify(
            credential=context.caller.credential,
            workspace=str(actor.workspace_id),
            request_id=context.request_id,
            now=context.now(),
        )
        if viewer.kind is None:
            raise Unauthenticated("the session has ended")
        if viewer.workspace_id != actor.workspace_id:
            raise Forbidden("no longer a member of this workspace")
        require(viewer.require_actor(), Permission.READ)
    except DomainError as error:
        return error
    except (PostgresError, InterfaceError, OSError) as error:  # nothing is known; the next look will tell
        log.warning("standing_unknown", error=type(error).__name__)
    return None
