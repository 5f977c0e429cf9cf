"""Master keys: reading them, choosing one, deriving keys for other purposes from one."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import NotConfigured

KEY_BYTES: Final = 32
_KEY_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class MalformedKeyring(NotConfigured):
    """The setting that lists the master keys can't be read."""

    code = "KEYRING_MALFORMED"


class UnknownMasterKey(NotConfigured):
    """Something was encrypted under a master key this installation doesn't have."""

    code = "MASTER_KEY_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The installation's master keys by id; the first encrypts, every one decrypts.

    Rotation without a stop: put the new key first, rewrap every data key, then drop the old one.
    """

    current_id: str
    _keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read ``id:base64,id:base64``; the first is current; each key is 32 bytes.

        Ids are 1-32 characters of a-z, 0-9 and ``-``. Messages never repeat key material.

        Raises:
            MalformedKeyring: empty, a bad or double id, bad base64, a wrong length, or one key under two ids.
        """
        keys: dict[str, bytes] = {}
        for place, entry in enumerate(text.split(","), start=1):
            key_id, key = _parse_entry(entry.strip(), place=place)
            if key_id in keys or key in keys.values():
                raise MalformedKeyring(f"master key {place} repeats an earlier id or key")
            keys[key_id] = key
        return cls(current_id=next(iter(keys)), _keys=keys)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, current first."""
        return tuple(self._keys)

    def get(self, key_id: str) -> bytes:
        """Return the 32 bytes of one master key.

        Raises:
            UnknownMasterKey: no key of that id.
        """
        try:
            return self._keys[key_id]
        except KeyError:
            raise UnknownMasterKey(f"there is no master key named {key_id!r} in the settings") from None

    def derive(self, purpose: str, *, key_id: str | None = None) -> bytes:
        """Derive the 32-byte key for a purpose from one master key, by default the oldest (the last listed).

        The oldest is the default because a keyed hash must not change when a new key is put in front.
        An installation that wants to drop its oldest key gives such purposes a key of their own first.
        """
        return derive_key(self.get(key_id or self.ids[-1]), purpose=purpose)


def derive_key(source: bytes, *, purpose: str) -> bytes:
    """Derive a 32-byte key that serves one purpose only (HKDF-SHA256, RFC 5869).

    Args:
        source: at least 32 bytes of high entropy, never a password.
        purpose: names the use, such as ``identity-hash``; another purpose gives an unrelated key.
    """
    if len(source) < KEY_BYTES:
        raise MalformedKeyring(f"a key to derive from needs at least {KEY_BYTES} bytes")
    info = b"plera/derived-key/1/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(source)


def _parse_entry(entry: str, *, place: int) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.partition(":")
    if not colon or not _KEY_ID.fullmatch(key_id):
        raise MalformedKeyring(f"master key {place} must look like id:base64, with an id of a-z, 0-9 and -")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedKeyring(f"master key {place} is not base64") from None
    if len(key) != KEY_BYTES:
        raise MalformedKeyring(f"master key {place} has {len(key)} bytes, not {KEY_BYTES}")
    return key_id, key
