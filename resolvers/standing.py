"""Whether those who listen still may: looked at again and again, once for all streams of one credential."""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from auth.viewer import identify
from domain.actor import require
from domain.errors import DomainError, Forbidden, Unauthenticated
from domain.tenancy import AWAY
from domain.workspaces.rules import Permission
from resolvers.sharing import Shared

if TYPE_CHECKING:
    from resolvers.context import Context

log = structlog.get_logger(__name__)

SHARED_S = 0.9
KEPT_MAX = 1_000


class Standing:
    """Looks whether credentials are still good."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._looks = Shared(for_s=SHARED_S, kept_max=KEPT_MAX, clock=clock)

    async def require(self, context: "Context") -> None:
        """Raise Unauthenticated or Forbidden when the credential or the membership is gone."""
        key = (context.caller.credential, context.actor.workspace_id)
        reason = await self._looks.get(key, lambda: _reason_to_end(context))
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
    except AWAY as error:  # nothing is known; the next look will tell
        log.warning("standing_unknown", error=type(error).__name__)
    return None
