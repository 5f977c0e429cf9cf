"""Cursors: a row's sort keys, versioned and signed, good only for the list they came from."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from domain.errors import Invalid
from resolvers.reading.describe import Listing

VERSION = 1
MAC_BYTES = 12


class CursorInvalid(Invalid):
    """The cursor is garbage, or belongs to another list, order, filter or workspace."""

    code = "CURSOR_INVALID"


class CursorKey:
    """Signs cursors with a key of the installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def encode(self, keys: Sequence[Any], *, listing: Listing, workspace_id: UUID) -> str:
        """Return the cursor of the row with these sort keys."""
        body = orjson.dumps([VERSION, [_tagged(key) for key in keys]])
        return base64.urlsafe_b64encode(self._mac(body, listing, workspace_id) + body).decode().rstrip("=")

    def decode(self, cursor: str, *, listing: Listing, workspace_id: UUID) -> list[Any]:
        """Return the sort keys; raises CursorInvalid."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
            if hmac.compare_digest(mac, self._mac(body, listing, workspace_id)):
                version, keys = orjson.loads(body)
                if version == VERSION:
                    return [_untagged(key) for key in keys]
        except (ValueError, TypeError):
            pass
        raise CursorInvalid("this cursor doesn't belong to this list", field=("after",))

    def encode_seq(self, seq: int, *, workspace_id: UUID) -> str:
        """Return the cursor of a place in a workspace's event log; good for each of its streams."""
        body = str(seq).encode()
        mac = hmac.digest(self._secret, workspace_id.bytes + body, "sha256")[:MAC_BYTES]
        return base64.urlsafe_b64encode(mac + body).decode().rstrip("=")

    def decode_seq(self, cursor: str, *, workspace_id: UUID) -> int | None:
        """Return the place in the log; None when the cursor isn't one of this workspace's."""
        try:
            seq = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[MAC_BYTES:])
        except ValueError:
            return None
        return seq if hmac.compare_digest(self.encode_seq(seq, workspace_id=workspace_id), cursor) else None

    def _mac(self, body: bytes, listing: Listing, workspace_id: UUID) -> bytes:
        of_list = repr((workspace_id, listing.entity.table, listing.where, tuple(listing.order)))
        return hmac.digest(self._secret, hashlib.sha256(of_list.encode()).digest() + body, "sha256")[
            :MAC_BYTES
        ]


def _tagged(value: Any) -> Any:
    match value:
        case UUID():
            return {"u": value.hex}
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
    return value


def _untagged(value: Any) -> Any:
    match value:
        case {"u": str(text)}:
            return UUID(text)
        case {"t": str(text)}:
            return datetime.fromisoformat(text)
        case {"d": str(text)}:
            return date.fromisoformat(text)
    return value
