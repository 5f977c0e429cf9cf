"""Links that a browser can open without a header: signed, short-lived, for one file and one caller."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.errors import Unauthenticated

LIFETIME: Final = timedelta(minutes=5)
_MAC_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadGrant:
    """What a link allows: one file of a workspace, on behalf of the user who saw the link."""

    file_id: UUID
    workspace_id: UUID
    user_id: UUID


def sign_download(grant: DownloadGrant, *, key: bytes, now: datetime) -> str:
    """Return a token that is good for five minutes."""
    body = _body(grant, expires=int((now + LIFETIME).timestamp()))
    return base64.urlsafe_b64encode(_mac(body, key) + body).decode().rstrip("=")


def read_download(token: str, *, file_id: UUID, key: bytes, now: datetime) -> DownloadGrant:
    """Return what a token allows.

    Raises:
        Unauthenticated: it is forged, too old, or for another file.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if len(body) == 56 and hmac.compare_digest(mac, _mac(body, key)):
        ids = [UUID(bytes=body[start : start + 16]) for start in (0, 16, 32)]
        if ids[0] == file_id and now.timestamp() < int.from_bytes(body[48:], "big"):
            return DownloadGrant(file_id=ids[0], workspace_id=ids[1], user_id=ids[2])
    raise Unauthenticated("this link is no longer good; ask for the export again")


def _body(grant: DownloadGrant, *, expires: int) -> bytes:
    ids = (grant.file_id, grant.workspace_id, grant.user_id)
    return b"".join(each.bytes for each in ids) + expires.to_bytes(8, "big")


def _mac(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, hashlib.sha256(b"plera/download/1").digest() + body, "sha256")[:_MAC_BYTES]
