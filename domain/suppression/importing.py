"""Suppression lists that customers bring along, one row at a time."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from domain.errors import Invalid
from domain.suppression.keys import fold
from domain.suppression.rules import Channel, SuppressionKind, SuppressionReason

IMPORT_REASONS: Final = frozenset(SuppressionReason) - {SuppressionReason.ERASURE}
"""An erasure is entered by its privacy request alone."""

_NAMED_KINDS: Final = {
    "email": SuppressionKind.EMAIL,
    "domain": SuppressionKind.DOMAIN,
    "phone": SuppressionKind.PHONE,
    "linkedin": SuppressionKind.LINKEDIN,
}
_PHONE: Final = re.compile(r"(\+|00)[\d\s().\-/]+")

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSuppression:
    """One row, understood.

    Args:
        kind: what the row names.
        value: its folded spelling.
        reason: why it was suppressed.
        channels: those it closes; empty closes all.
        expires_at: the end of the last day it holds (UTC); None for good.
    """

    kind: SuppressionKind
    value: str
    reason: SuppressionReason
    channels: frozenset[Channel]
    expires_at: datetime | None


def parse_import_row(row: Mapping[str, str | None]) -> ImportedSuppression:
    """Return what one row of a suppression list says.

    The identifier stands either in the column of its kind (``email``, ``domain``, ``phone``, ``linkedin``)
    or in ``value``, whose kind is ``kind`` or is told from its form. ``reason`` is MANUAL unless given;
    ``channels`` are separated by commas, semicolons or spaces; ``expires_on`` is an ISO date.

    Args:
        row: cells by column name in lower case; None and blank cells count as absent.

    Raises:
        Invalid: no identifier or more than one, an unknown word, or a value that isn't of its kind.
    """
    cells = {name: cell.strip() for name, cell in row.items() if cell and cell.strip()}
    kind, value = _identifier(cells)
    reason = _member(SuppressionReason, cells.get("reason", "MANUAL"), column="reason")
    if reason not in IMPORT_REASONS:
        raise Invalid(f"a list can't suppress for {reason.value}", field=("reason",))
    return ImportedSuppression(
        kind=kind,
        value=fold(kind=kind, value=value),
        reason=reason,
        channels=_channels(cells.get("channels", "")),
        expires_at=_end_of(cells["expires_on"]) if "expires_on" in cells else None,
    )


def guess_kind(value: str) -> SuppressionKind:
    """Return what an identifier looks like: an address, a profile, a phone number or a domain."""
    if value.startswith("@"):
        return SuppressionKind.DOMAIN
    if "linkedin.com/" in value.lower():
        return SuppressionKind.LINKEDIN
    if "@" in value:
        return SuppressionKind.EMAIL
    return SuppressionKind.PHONE if _PHONE.fullmatch(value) else SuppressionKind.DOMAIN


def _identifier(cells: Mapping[str, str]) -> tuple[SuppressionKind, str]:
    named = [(kind, cells[column]) for column, kind in _NAMED_KINDS.items() if column in cells]
    if "value" in cells:
        word = cells.get("kind")
        kind = _member(SuppressionKind, word, column="kind") if word else guess_kind(cells["value"])
        named.append((kind, cells["value"]))
    if len(named) != 1:
        raise Invalid("a row names exactly one address, domain, phone or profile", field=("value",))
    kind, value = named[0]
    return kind, value.removeprefix("@") if kind is SuppressionKind.DOMAIN else value


def _channels(text: str) -> frozenset[Channel]:
    return frozenset(_member(Channel, word, column="channels") for word in re.split(r"[\s,;]+", text) if word)


def _member(members: type[Member] | Iterable[Member], word: str, *, column: str) -> Member:
    wanted = word.upper()
    for member in members:
        if member.value == wanted:
            return member
    raise Invalid(f"unknown {column}", field=(column,))


def _end_of(text: str) -> datetime:
    try:
        last_day = date.fromisoformat(text)
        return datetime.combine(last_day + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("dates are YYYY-MM-DD", field=("expires_on",)) from error
