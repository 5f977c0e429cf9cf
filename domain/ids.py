"""Ids are UUIDv7 (RFC 9562), made here so that no database version matters."""

import os
import time
from dataclasses import dataclass
from uuid import UUID


def new_id() -> UUID:
    """Return a fresh UUIDv7; it sorts after all that this process has made before.

    48 bits of milliseconds, 12 bits of their fraction (RFC 9562, section 6.2, method 3), 62 random bits.
    """
    tick = _clock.next_tick()
    random = int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=tick >> 12 << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | random)


@dataclass(slots=True)
class _Clock:
    """Counts time in ticks of 1/4096 ms, each given once."""

    latest: int = 0

    def next_tick(self) -> int:
        """Return now, or what comes after the latest tick when the clock stands or was set back."""
        self.latest = max(time.time_ns() * 4096 // 1_000_000, self.latest + 1)
        return self.latest


_clock = _Clock()
