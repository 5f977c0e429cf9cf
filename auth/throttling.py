"""How often one may try: sign-in, codes and mails that anyone can ask for.

Every try is counted before it is judged, by where it comes from, by the account it names, and by the two
together, so ten aliases in one GraphQL document are ten tries and parallel requests can't slip through.
The pair is the tight limit: somebody else's guesses from elsewhere don't lock the owner out at once.

When Valkey is away each process counts for itself and says so in the log: neither is everyone locked out,
nor may anyone guess freely.
"""

import hashlib
import ipaddress
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import Redis

from domain.errors import LimitReached

log = structlog.get_logger(__name__)


class TooManyAttempts(LimitReached):
    """The same caller or account has tried too often; ``retry_after_s`` is whole seconds, at least 1."""

    code = "RATE_LIMITED"

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(f"too many attempts; try again in {retry_after_s} seconds")
        self.retry_after_s = retry_after_s


class Attempt(StrEnum):
    """What is tried; each is counted apart."""

    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    REDEEM_CODE = "redeem_code"
    REQUEST_MAIL = "request_mail"


@dataclass(frozen=True, slots=True)
class Allowance:
    """``tries`` in any ``window_s`` seconds."""

    tries: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Allowances:
    """The three limits of one kind of attempt."""

    by_address: Allowance
    by_pair: Allowance
    by_account: Allowance


_QUARTER_HOUR_S: Final = 900
_HOUR_S: Final = 3600

ALLOWANCES: Final[Mapping[Attempt, Allowances]] = {
    Attempt.SIGN_IN: Allowances(
        by_address=Allowance(100, _QUARTER_HOUR_S),  # wide, because an office shares one address
        by_pair=Allowance(8, _QUARTER_HOUR_S),
        by_account=Allowance(60, _HOUR_S),
    ),
    Attempt.SIGN_UP: Allowances(
        by_address=Allowance(20, _HOUR_S), by_pair=Allowance(3, _HOUR_S), by_account=Allowance(5, _HOUR_S)
    ),
    Attempt.REDEEM_CODE: Allowances(
        by_address=Allowance(60, _QUARTER_HOUR_S),
        by_pair=Allowance(10, _QUARTER_HOUR_S),
        by_account=Allowance(30, _HOUR_S),
    ),
    Attempt.REQUEST_MAIL: Allowances(
        by_address=Allowance(20, _HOUR_S),
        by_pair=Allowance(4, _HOUR_S),
        by_account=Allowance(5, _HOUR_S),  # the owner of the inbox should not be flooded
    ),
}


def valkey_storage(client: Redis) -> Storage:
    """Return the shared counter store on an existing connection pool."""
    return RedisStorage(
        "async+redis://",
        implementation="redispy",
        wrap_exceptions=True,
        key_prefix="plera:throttle",
        connection_pool=client.connection_pool,  # type: ignore[arg-type]  # documented, typed too narrowly
    )


class AttemptThrottle:
    """Counts attempts in Valkey under keyed hashes, so no address or account name is readable there.

    Args:
        storage: from ``valkey_storage``, or limits' MemoryStorage for one process.
        key: 32 bytes for the keyed hashes, the same in every process.
        allowances: the limits of each kind of attempt.
    """

    def __init__(
        self, *, storage: Storage, key: bytes, allowances: Mapping[Attempt, Allowances] = ALLOWANCES
    ) -> None:
        self._shared = MovingWindowRateLimiter(storage)
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._key = key
        self._allowances = allowances

    async def admit(self, attempt: Attempt, *, account: str, address: str | None) -> None:
        """Count one try and let it pass; call it before looking anything up.

        Args:
            attempt: what is tried.
            account: the normalised e-mail or other name, whether or not it exists.
            address: the caller's IP address as text; unreadable or missing ones share one count.

        Raises:
            TooManyAttempts: nothing should be looked at; says when a try passes again.
        """
        for item, name in self._counters(attempt, account=account, address=address):
            if not await self._hit(item, name):
                raise TooManyAttempts(retry_after_s=await self._retry_after_s(item, name))

    async def forgive(self, attempt: Attempt, *, account: str, address: str | None) -> None:
        """Forget the tries of this account from this address, after one that succeeded."""
        _, (item, name), _ = self._counters(attempt, account=account, address=address)
        await self._local.clear(item, name)
        try:
            await self._shared.clear(item, name)
        except StorageError as trouble:
            log.warning("throttle.shared_counter_unavailable", reason=type(trouble).__name__)

    def _counters(
        self, attempt: Attempt, *, account: str, address: str | None
    ) -> tuple[tuple[RateLimitItem, str], ...]:
        """Return limits and counters, address first: a barred address can't use up an account's tries."""
        allowances, network = self._allowances[attempt], network_of(address)
        named = (
            (allowances.by_address, f"address\0{network}"),
            (allowances.by_pair, f"pair\0{network}\0{account}"),
            (allowances.by_account, f"account\0{account}"),
        )
        return tuple(
            (
                RateLimitItemPerSecond(allowance.tries, allowance.window_s, namespace=attempt),
                self._hidden(name),
            )
            for allowance, name in named
        )

    async def _hit(self, item: RateLimitItem, name: str) -> bool:
        try:
            return await self._shared.hit(item, name)
        except StorageError as trouble:
            log.warning("throttle.shared_counter_unavailable", reason=type(trouble).__name__)
            return await self._local.hit(item, name)

    async def _retry_after_s(self, item: RateLimitItem, name: str) -> int:
        try:
            stats = await self._shared.get_window_stats(item, name)
        except StorageError:
            stats = await self._local.get_window_stats(item, name)
        return max(1, math.ceil(stats.reset_time - time.time()))

    def _hidden(self, name: str) -> str:
        return hashlib.blake2b(
            name.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16
        ).hexdigest()


def network_of(address: str | None) -> str:
    """Return what one caller controls: an IPv4 address, or an IPv6 /64, of which a home has a whole one."""
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((int(ip), 64), strict=False))
