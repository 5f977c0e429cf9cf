"""How many listen over sockets and streams, and how fast they talk."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from auth.budgets import Budget
from auth.viewer import Viewer
from domain.api_clients.rules import SUBSCRIPTIONS_MAX
from resolvers.context import Context
from web.graphql.refusals import TooManySubscriptions

SOCKETS_MAX: Final = 50
MESSAGES: Final = Budget(points_max=200, points_per_s=50)
"""Of one caller over all its sockets."""
Principal = tuple[str, str]
"""A caller and the workspace it acts in; a client's keys are one caller."""


def principal_of(viewer: Viewer) -> Principal:
    """Return what one caller's sockets have in common."""
    return str(viewer.principal_id), str(viewer.workspace_id)


class Listeners:
    """What the callers of this process have open, and how much each of them talks."""

    def __init__(self) -> None:
        self._sockets: Counter[Principal] = Counter()
        self._subscriptions: Counter[Principal] = Counter()

    @property
    def sockets_open(self) -> int:
        """How many sockets are open of callers who said who they are."""
        return self._sockets.total()

    @property
    def operations_open(self) -> int:
        """How many operations run over sockets and streams, subscriptions most of all."""
        return self._subscriptions.total()

    def enter(self, viewer: Viewer) -> bool:
        """Count a socket in, unless its caller has too many."""
        principal = principal_of(viewer)
        if self._sockets[principal] >= SOCKETS_MAX:
            return False
        self._sockets[principal] += 1
        return True

    def leave(self, viewer: Viewer) -> None:
        """Count a socket out that was counted in."""
        _decrease(self._sockets, principal_of(viewer))

    @contextmanager
    def operation(self, viewer: Viewer) -> Iterator[None]:
        """Count what a caller runs over sockets and streams; raises TooManySubscriptions."""
        principal = principal_of(viewer)
        most = viewer.client.subscriptions_max if viewer.client is not None else None
        most = SUBSCRIPTIONS_MAX if most is None else most
        if self._subscriptions[principal] >= most:
            raise TooManySubscriptions(f"at most {most} operations at once over sockets and streams")
        self._subscriptions[principal] += 1
        try:
            yield
        finally:
            _decrease(self._subscriptions, principal)

    def may_talk(self, context: Context) -> bool:
        """Count a message, unless its caller sends too many."""
        key = ("messages", principal_of(context.viewer))
        return context.services.budgets.spend(key, 1, budget=MESSAGES).granted


def _decrease(counter: Counter[Principal], principal: Principal) -> None:
    counter[principal] -= 1
    if counter[principal] <= 0:
        del counter[principal]
