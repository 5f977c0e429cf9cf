"""Cursors: a row's sort keys, versioned, and good only for the list they came from.

A cursor is the list's *tag* followed by the keys. The tag is a MAC over the version, the workspace, the list, its
filter and its order; so a cursor of another list, order, filter or workspace is refused, and none can be made up
without having seen one of the list. The keys aren't part of the MAC, so that PostgreSQL can write cursors: who changes
them asks for another place in a list that is theirs to read (docs/decisions/0012-cursors-written-by-postgres.md).
"""

import base64
import hashlib
import hmac
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from domain.errors import Invalid
from resolvers.reading.describe import Listing

VERSION = 2
MAC_BYTES = 12
TAG_LENGTH = 16
"""The MAC in base64: 12 bytes need no padding."""


class CursorInvalid(Invalid):
    """The cursor is garbage, or belongs to another list, order, filter or workspace."""

    code = "CURSOR_INVALID"


class CursorKey:
    """Tags cursors with a key of the installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def tag(self, listing: Listing, *, workspace_id: UUID, children_of: str | None = None) -> str:
        """Return what every cursor of a list begins with.

        Args:
            children_of: the column that names the parent, for a list below an object.
        """
        of_list = repr(
            (VERSION, workspace_id, listing.entity.table, children_of, listing.where, tuple(listing.order))
        )
        mac = hmac.digest(self._secret, hashlib.sha256(of_list.encode()).digest(), "sha256")[:MAC_BYTES]
        return base64.urlsafe_b64encode(mac).decode()

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


def read_keys(cursor: str, *, tag: str, names: list[str]) -> list[Any]:
    """Return the sort keys in a cursor of the list with this tag.

    Args:
        names: what the keys are called; the names' endings tell their types.

    Raises:
        CursorInvalid: it isn't one.
    """
    try:
        body = cursor[TAG_LENGTH:]
        if hmac.compare_digest(cursor[:TAG_LENGTH].encode(), tag.encode()):
            keys = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            return [revive(name, key) for name, key in zip(names, keys, strict=True)]
    except (ValueError, TypeError):
        pass
    raise CursorInvalid("this cursor doesn't belong to this list", field=("after",))


def revive(name: str, value: Any) -> Any:
    """Return a value of a row that travelled as JSON; the column's name tells its type, as everywhere."""
    if value is None:
        return None
    if name == "id" or name.endswith("_id"):
        return UUID(value)
    if name == "at" or name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name.endswith("_on"):
        return date.fromisoformat(value)
    return value
