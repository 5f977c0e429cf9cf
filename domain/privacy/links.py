"""Links for people without a login: they name a request and prove that we made them for one purpose."""

import base64
import hashlib
import hmac
import re
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Invalid

LINK_PURPOSE: Final = "privacy links"
"""The purpose to derive the key with: ``keyring.derive(LINK_PURPOSE)``."""

_MAC_BYTES: Final = 16
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{64}")


class LinkUse(StrEnum):
    """What a link opens."""

    CONFIRM = "confirm"
    RESULT = "result"


class PrivacyLinkInvalid(Invalid):
    """The link isn't one of ours, was cut, or its time has passed."""

    code = "PRIVACY_LINK_INVALID"


def make_link_token(*, use: LinkUse, workspace_id: UUID, request_id: UUID, key: bytes) -> str:
    """Return the 64 characters that stand in a link; the same request and use always give the same."""
    body = workspace_id.bytes + request_id.bytes
    return base64.urlsafe_b64encode(body + _mac(body, use=use, key=key)).decode()


def read_link_token(token: str, *, use: LinkUse, key: bytes) -> tuple[UUID, UUID]:
    """Return workspace and request; compared in constant time.

    Raises:
        PrivacyLinkInvalid: it was made by somebody else, or for another use.
    """
    if not _FORM.fullmatch(token):
        raise PrivacyLinkInvalid("this link is not complete", field=("token",))
    blob = base64.urlsafe_b64decode(token)
    body, mac = blob[:-_MAC_BYTES], blob[-_MAC_BYTES:]
    if not hmac.compare_digest(_mac(body, use=use, key=key), mac):
        raise PrivacyLinkInvalid("this link is not one of ours", field=("token",))
    return UUID(bytes=body[:16]), UUID(bytes=body[16:])


def _mac(body: bytes, *, use: LinkUse, key: bytes) -> bytes:
    return hmac.new(key, f"plera/privacy/{use}/".encode() + body, hashlib.sha256).digest()[:_MAC_BYTES]
