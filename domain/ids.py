"""Ids are UUIDv7 (RFC 9562), made here so that no database version matters."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a fresh UUIDv7: 48 bits of milliseconds, then 74 random bits; sorts by creation."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high = random >> 68 & 0xFFF
    low = random & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
