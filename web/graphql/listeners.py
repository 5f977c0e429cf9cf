"""Who listens over sockets: how many of each, how fast they talk, and whether they still may."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import structlog

from auth.budgets import Budget
from auth.viewer import Viewer
from domain.actor import require
from domain.errors import Forbidden, Unauthenticated
from domain.workspaces.rules import Permission
from resolvers.context import Context
from web.graphql.callers import Callers
from web.graphql.refusals import ServiceUnavailable, TooManySubscriptions

log = structlog.get_logger(__name__)

SOCKETS_MAX: Final = 50
SUBSCRIPTIONS_MAX: Final = 200
MESSAGES: Final = Budget(points_max=200, points_per_s=50)
"""Of one caller over all its sockets."""
RECHECK_S: Final = 3.0
"""A removed member, a revoked token or an ended session is shown out within five seconds."""

CLOSING_S: Final = 1.0

Closing = Callable[[int, str], Awaitable[None]]
Principal = tuple[str, str]
"""A credential and the workspace it is used in."""


def principal_of(viewer: Viewer) -> Principal:
    """Return what one caller's sockets have in common."""
    return str(viewer.token_id or viewer.user_id), str(viewer.workspace_id)


class Listener:
    """One socket, as the others see it."""

    def __init__(self, context: Context, close: Closing) -> None:
        self.context = context
        self.close = close
        self.principal = principal_of(context.viewer)


class Listeners:
    """The sockets of this process."""

    def __init__(self, callers: Callers, *, recheck_s: float = RECHECK_S) -> None:
        self._callers = callers
        self._recheck_s = recheck_s
        self._listeners: set[Listener] = set()
        self._sockets: Counter[Principal] = Counter()
        self._subscriptions: Counter[Principal] = Counter()
        self._rechecking: asyncio.Task[None] | None = None

    @property
    def sockets_open(self) -> int:
        """How many sockets are open of callers who said who they are."""
        return len(self._listeners)

    @property
    def operations_open(self) -> int:
        """How many operations run over sockets and streams, subscriptions most of all."""
        return self._subscriptions.total()

    def enter(self, listener: Listener) -> bool:
        """Count a socket in, unless its caller has too many."""
        if self._sockets[listener.principal] >= SOCKETS_MAX:
            return False
        self._listeners.add(listener)
        self._sockets[listener.principal] += 1
        if self._rechecking is None:
            self._rechecking = asyncio.create_task(self._recheck())
        return True

    def leave(self, listener: Listener) -> None:
        """Count a socket out, if it was counted in."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            _decrease(self._sockets, listener.principal)
        if not self._listeners and self._rechecking is not None:
            self._rechecking.cancel()
            self._rechecking = None

    @contextmanager
    def operation(self, viewer: Viewer) -> Iterator[None]:
        """Count what a caller runs over sockets and streams; raises TooManySubscriptions."""
        principal = principal_of(viewer)
        if self._subscriptions[principal] >= SUBSCRIPTIONS_MAX:
            raise TooManySubscriptions(
                f"at most {SUBSCRIPTIONS_MAX} operations at once over sockets and streams"
            )
        self._subscriptions[principal] += 1
        try:
            yield
        finally:
            _decrease(self._subscriptions, principal)

    def may_talk(self, listener: Listener) -> bool:
        """Count a message, unless its caller sends too many."""
        budgets = listener.context.services.budgets
        return budgets.spend(("messages", listener.principal), 1, budget=MESSAGES).granted

    async def _recheck(self) -> None:
        """Look again and again whether everyone may still listen."""
        while True:
            await asyncio.sleep(self._recheck_s)
            by_credential: dict[tuple[str | None, str], list[Listener]] = {}
            for listener in self._listeners:
                context = listener.context
                key = (context.caller.credential, str(context.viewer.workspace_id))
                by_credential.setdefault(key, []).append(listener)
            for (credential, _), listeners in by_credential.items():
                reason = await self._reason_to_close(credential, listeners[0].context)
                if reason is not None:
                    await asyncio.gather(*(_show_out(listener, *reason) for listener in listeners))

    async def _reason_to_close(self, credential: str | None, context: Context) -> tuple[int, str] | None:
        workspace_id = context.viewer.workspace_id
        try:
            viewer = await self._callers.viewer(
                credential,
                workspace=None if workspace_id is None else str(workspace_id),
                request_id=context.request_id,
            )
            if workspace_id is not None:
                require(viewer.require_actor(), Permission.READ)
        except Unauthenticated as error:
            return 4401, error.message
        except Forbidden as error:
            return 4403, error.message
        except ServiceUnavailable:
            return None  # nothing is known; the next look will tell
        except Exception:
            log.exception("recheck_failed")
        return None


async def _show_out(listener: Listener, code: int, reason: str) -> None:
    """Close a socket, but don't wait for one that reads nothing: the others' turn must come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_S):
            await listener.close(code, reason)


def _decrease(counter: Counter[Principal], principal: Principal) -> None:
    counter[principal] -= 1
    if counter[principal] <= 0:
        del counter[principal]
