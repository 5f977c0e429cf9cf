"""Which kind of answer a client takes, by its header Accept."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

ACCEPT_LENGTH_MAX: Final = 1_000


class MediaType(StrEnum):
    """What an answer in one piece is called."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a client takes.

    Attributes:
        whole: the type of an answer in one piece; None when the client takes none.
        events: whether it takes an event stream.
        parts: whether it takes multipart/mixed.
        old_parts: whether its parts are those of Apollo's first incremental delivery.
        any_stream: whether a stream wasn't named, but anything goes.
    """

    whole: MediaType | None
    events: bool = False
    parts: bool = False
    old_parts: bool = False
    any_stream: bool = False

    @property
    def nothing(self) -> bool:
        """Whether there is no way to answer."""
        return self.whole is None and not self.events and not self.parts


@dataclass(frozen=True, slots=True)
class _Range:
    media: str
    quality: float
    parameters: dict[str, str]


@lru_cache(maxsize=256)
def accepted(header: str | None) -> Accepted:
    """Read the header; a missing one takes anything."""
    if header is None or not header.strip():
        return Accepted(whole=MediaType.JSON, any_stream=True)
    ranges = [_range(part) for part in header[:ACCEPT_LENGTH_MAX].split(",") if part.strip()]
    taken = [range_ for range_ in ranges if range_.quality > 0]
    parts = [range_ for range_ in taken if range_.media == "multipart/mixed"]
    return Accepted(
        whole=_whole(taken, refused={range_.media for range_ in ranges if range_.quality <= 0}),
        events=any(range_.media == "text/event-stream" for range_ in taken),
        parts=bool(parts),
        old_parts=any("deferspec" in range_.parameters for range_ in parts),
        any_stream=any(range_.media == "*/*" for range_ in taken),
    )


def _whole(taken: list[_Range], *, refused: set[str]) -> MediaType | None:
    """The named type of the highest quality, the newer of equals; JSON where only anything is named."""
    named = [
        (range_.quality, range_.media == MediaType.GRAPHQL, MediaType(range_.media))
        for range_ in taken
        if range_.media in set(MediaType) and range_.parameters.get("charset", "utf-8") in {"utf-8", "utf8"}
    ]
    if named:
        return max(named)[2]
    wild = any(range_.media in {"*/*", "application/*"} for range_ in taken)
    return next((kind for kind in (MediaType.JSON, MediaType.GRAPHQL) if wild and kind not in refused), None)


def _range(text: str) -> _Range:
    media, *rest = (part.strip() for part in text.split(";"))
    parameters = {
        name.strip().lower(): value.strip().strip('"').lower()
        for name, _, value in (part.partition("=") for part in rest)
    }
    try:
        quality = float(parameters.pop("q", "1"))
    except ValueError:
        quality = 0.0
    return _Range(media.lower(), quality if quality >= 0 else 0.0, parameters)  # NaN is no quality either
