"""Unsubscribe tokens: a link that says which message it was, and that we made it.

A token is 24 bytes in 32 URL-safe characters: the message's id (16) and a MAC over it (8). It holds nothing
about the person, never expires and needs no login (RFC 8058: the address alone must do). The whole URL should
stay within 60 characters, because longer words in a mail header get folded or encoded by mail software.

Eight bytes of MAC are enough: a forger has to guess them by asking us, 2^64 tries for one message, and needs
to know the random part of that message's id before.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domain.errors import Invalid

UNSUBSCRIBE_PURPOSE: Final = "unsubscribe-token"
"""The purpose to derive the key with: ``keyring.derive(UNSUBSCRIBE_PURPOSE)``."""

_ID_BYTES: Final = 16
_MAC_BYTES: Final = 8
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{32}")


class UnsubscribeTokenInvalid(Invalid):
    """The token isn't one of ours, or was cut or changed on its way."""

    code = "UNSUBSCRIBE_TOKEN_INVALID"


def make_unsubscribe_token(*, message_id: UUID, key: bytes) -> str:
    """Return the 32-character token for a message; the same message and key always give the same token."""
    return base64.urlsafe_b64encode(message_id.bytes + _mac(message_id.bytes, key=key)).decode()


def read_unsubscribe_token(token: str, *, keys: Sequence[bytes]) -> UUID:
    """Return the id of the message a token was made for, comparing in constant time.

    Args:
        token: as it stood in the URL.
        keys: the current key and all earlier ones, because mail lies in inboxes for years.

    Raises:
        UnsubscribeTokenInvalid: no key made this token.
    """
    blob = _decoded(token)
    identity, mac = blob[:_ID_BYTES], blob[_ID_BYTES:]
    matches = [hmac.compare_digest(_mac(identity, key=key), mac) for key in keys]
    if not any(matches):
        raise _invalid()
    return UUID(bytes=identity)


def unsubscribe_path(token: str) -> str:
    """Return the path that answers GET with a question and POST with the deed; 35 characters."""
    return f"/u/{token}"


def _mac(identity: bytes, *, key: bytes) -> bytes:
    return hmac.new(key, b"plera/unsubscribe/1/" + identity, hashlib.sha256).digest()[:_MAC_BYTES]


def _decoded(token: str) -> bytes:
    if not _FORM.fullmatch(token):
        raise _invalid()
    return base64.urlsafe_b64decode(token)


def _invalid() -> UnsubscribeTokenInvalid:
    return UnsubscribeTokenInvalid("this unsubscribe link is not complete", field=("token",))
