"""Keyed hashes: find a person again without storing who it is."""

import hashlib
import hmac
from typing import Final

from domain.secrets.keyring import KEY_BYTES, MalformedKeyring

IDENTITY_PURPOSE: Final = "identity-hash"
"""The purpose to derive the identity key with: ``keyring.derive(IDENTITY_PURPOSE)``."""


def identity_hash(value: str, *, kind: str, key: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA256 under which an identifier is kept after its erasure.

    Keyed, because the hash of an address alone is undone by trying every known address.

    Args:
        value: normalised by the caller (``ada@example.com``, ``example.com``, ``+4930123456``).
        kind: what the value is (``email``, ``domain``, ``phone``); equal values of two kinds hash apart.
        key: 32 bytes that never change while hashes are kept.
    """
    if len(key) != KEY_BYTES:
        raise MalformedKeyring(f"the identity key has {len(key)} bytes, not {KEY_BYTES}")
    if "\0" in kind:
        raise ValueError("a kind never contains NUL, which ends it in the hashed text")
    return hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).digest()
