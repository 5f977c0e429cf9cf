"""Which keyed hashes may be suppressed: one bit for each, so that nearly all people need no look-up in the database."""

import struct
from collections.abc import Callable
from typing import Final

BEGINNING_BYTES: Final = 4
"""So much of a hash decides."""

_BITS_PER_KEY: Final = 64
_LOG_MIN, _LOG_MAX = 13, 26  # 1 KB to 8 MB


def make_sieve(beginnings: bytes) -> bytes:
    """Return the bits of a sieve that lets these hashes through, and about one in 64 others.

    With more than a million hashes it lets more through; it never holds back one of its own.

    Args:
        beginnings: the first four bytes of each hash, in a row.
    """
    log = min(max((len(beginnings) // BEGINNING_BYTES * _BITS_PER_KEY).bit_length(), _LOG_MIN), _LOG_MAX)
    bits, shift = bytearray(1 << log - 3), 32 - log
    for (beginning,) in struct.iter_unpack("!I", beginnings):
        place = beginning >> shift
        bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def through(sieve: bytes) -> Callable[[bytes], bool]:
    """Return what tells whether a hash, or its first four bytes, gets through."""
    shift, to_int = 30 - len(sieve).bit_length(), int.from_bytes  # of 1 << log - 3 bytes

    def gets_through(key_hash: bytes) -> bool:
        place = to_int(key_hash[:BEGINNING_BYTES], "big") >> shift
        return bool(sieve[place >> 3] >> (place & 7) & 1)

    return gets_through


def lets_all_through(sieve: bytes, beginnings: bytes) -> bool:
    """Tell whether a sieve still fits: whether nothing has been added that it would hold back."""
    gets_through = through(sieve)
    starts = range(0, len(beginnings), BEGINNING_BYTES)
    return all(gets_through(beginnings[start : start + BEGINNING_BYTES]) for start in starts)
