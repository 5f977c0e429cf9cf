"""Remembers for a moment who is behind a credential, so that a burst of requests asks the database once.

What is remembered is at most ``REMEMBERED`` old, and nothing that was remembered before an operation of this process
that may change callers is trusted after it: whoever signs out, or takes a right away, sees it at once.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from auth.tokens import hash_token
from auth.viewer import ANONYMOUS, Viewer, identify

REMEMBERED = timedelta(seconds=1.5)
"""Together with the recheck of sockets, less than the five seconds in which a revoked right has to end."""

KEPT_MAX = 10_000


class RememberedViewers:
    """The viewers of this process's last moments.

    Args:
        clock: the present moment, aware UTC.
    """

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[bytes, str | None], tuple[datetime, Viewer]] = OrderedDict()
        self._generation = 0

    async def identify(self, *, credential: str | None, workspace: str | None, request_id: str) -> Viewer:
        """Return whom a credential belongs to; raises like ``auth.viewer.identify``."""
        if credential is None:
            return ANONYMOUS
        key, now = (hash_token(credential), workspace), self._clock()
        remembered = self._kept.get(key)
        if remembered is not None and now - remembered[0] < REMEMBERED:
            return replace(remembered[1], request_id=request_id)
        generation = self._generation
        viewer = await identify(credential=credential, workspace=workspace, request_id=request_id, now=now)
        if generation == self._generation:  # else it may have been read before what has changed since
            self._kept[key] = now, viewer
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return viewer

    def forget(self) -> None:
        """Ask anew from now on."""
        self._generation += 1
        self._kept.clear()
