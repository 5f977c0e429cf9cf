"""How often a host is asked, over all crawls of this process."""

import asyncio
from collections.abc import Awaitable, Callable

_HOSTS_MAX = 2000


class HostPacer:
    """Gives every host its turns: one request per interval, whoever asks.

    Args:
        now: monotonic seconds.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sleep = sleep
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._free_at: dict[str, float] = {}

    async def take_turn(self, host: str, *, interval_s: float) -> None:
        """Wait for the host's next turn; whoever comes after waits ``interval_s`` longer."""
        await self._sleep(self.reserve(host, interval_s=interval_s))

    def reserve(self, host: str, *, interval_s: float) -> float:
        """Take the host's next turn and return the seconds to wait for it."""
        now = self._now()
        if len(self._free_at) > _HOSTS_MAX:
            self._free_at = {name: at for name, at in self._free_at.items() if at > now}
        turn = max(now, self._free_at.get(host, now))
        self._free_at[host] = turn + interval_s
        return turn - now

    def wait_s(self, host: str) -> float:
        """Return the seconds until the host's next turn, without taking it."""
        now = self._now()
        return max(0.0, self._free_at.get(host, now) - now)
