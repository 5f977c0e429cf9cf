"""Automatic persisted queries: texts that were sent before, by their hashes. Nothing here makes one registered.

They are this process's own, and bounded: what is forgotten is sent again by the client, which waits for that answer.
"""

from collections import OrderedDict
from typing import Final
from uuid import UUID

KEPT_MAX: Final = 1_000
BYTES_MAX: Final = 4_000_000
STRANGERS_KEPT_MAX: Final = 100
STRANGERS_BYTES_MAX: Final = 400_000


class AutomaticQueries:
    """Texts by hash, of each workspace; callers who aren't signed in have a shelf of their own."""

    def __init__(self) -> None:
        self._of_callers = _Shelf(kept_max=KEPT_MAX, bytes_max=BYTES_MAX)
        self._of_strangers = _Shelf(kept_max=STRANGERS_KEPT_MAX, bytes_max=STRANGERS_BYTES_MAX)

    def find(self, owner: UUID | None, hash_: str) -> str | None:
        """Return the text.

        Args:
            owner: the caller's workspace, or the caller without one; None for strangers.
        """
        return self._shelf(owner).find((owner, hash_))

    def keep(self, owner: UUID | None, hash_: str, text: str) -> None:
        """Remember a text by its hash, which has been checked."""
        self._shelf(owner).keep((owner, hash_), text)

    def _shelf(self, owner: UUID | None) -> "_Shelf":
        return self._of_strangers if owner is None else self._of_callers


class _Shelf:
    """Holds the texts used last, up to a number and a sum of lengths."""

    def __init__(self, *, kept_max: int, bytes_max: int) -> None:
        self._kept_max = kept_max
        self._bytes_max = bytes_max
        self._texts: OrderedDict[tuple[UUID | None, str], str] = OrderedDict()
        self._bytes = 0

    def find(self, key: tuple[UUID | None, str]) -> str | None:
        text = self._texts.get(key)
        if text is not None:
            self._texts.move_to_end(key)
        return text

    def keep(self, key: tuple[UUID | None, str], text: str) -> None:
        if key not in self._texts:
            self._bytes += len(text)
        self._texts[key] = text
        self._texts.move_to_end(key)
        while len(self._texts) > self._kept_max or self._bytes > self._bytes_max:
            _, dropped = self._texts.popitem(last=False)
            self._bytes -= len(dropped)
