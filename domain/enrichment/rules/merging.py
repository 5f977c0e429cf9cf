"""How facts from several sources and times become one current value per field, and what a column shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from publicsuffixlist import PublicSuffixList

from domain.leads.rules import FactState, SourceKind

from .choosing import Candidate, choose_current
from .facts import Fact, Field, Subject

FOUND_KINDS: Final = frozenset({SourceKind.PUBLIC, SourceKind.PROVIDER})
"""What enrichment brings; everything else is a person's word and isn't overwritten."""

GONE: Final = frozenset({FactState.REJECTED, FactState.ERASED})

Slot = tuple[str, str]
"""Whom and what a value tells: (printed name folded, empty for the owner itself; field)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """A field value as it is kept; the attributes are the table's columns."""

    id: UUID
    about: str
    field: str
    value: str
    source_kind: SourceKind
    source: str
    source_url: str | None
    confidence: float
    observed_at: datetime
    expires_at: datetime | None
    pinned: bool
    state: FactState

    @property
    def slot(self) -> Slot:
        """Which current value it competes for."""
        return self.about.casefold(), self.field

    def is_eligible(self, *, now: datetime) -> bool:
        """Tell whether it may be the current value."""
        is_over = self.expires_at is not None and self.expires_at <= now
        return self.state not in GONE and (self.pinned or not is_over)


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """What a source's answer adds to what is stored: facts that are new, and values it confirms."""

    new: tuple[Fact, ...]
    again: tuple[tuple[UUID, Fact], ...]


def plan_additions(*, stored: Sequence[StoredValue], facts: Iterable[Fact], source: str) -> Additions:
    """Tell new facts from confirmed ones; a value that a person rejected doesn't come back, from whomever."""
    rejected = {_key(value.slot, value.value) for value in stored if value.state is FactState.REJECTED}
    own = {
        _key(value.slot, value.value): value.id
        for value in stored
        if value.source == source and value.state not in GONE
    }
    seen: set[tuple[Slot, str]] = set()
    new: list[Fact] = []
    again: list[tuple[UUID, Fact]] = []
    for fact in facts:
        about = "" if fact.subject is Subject.LEAD else fact.about.casefold()
        key = _key((about, fact.field.value), fact.value)
        if key in rejected or key in seen:
            continue
        seen.add(key)
        if key in own:
            again.append((own[key], fact))
        else:
            new.append(fact)
    return Additions(new=tuple(new), again=tuple(again))


def elect(values: Sequence[StoredValue], *, now: datetime) -> dict[UUID, FactState]:
    """Return the states that have to change so that each field has its best value, and only one, CURRENT."""
    slots: dict[Slot, list[StoredValue]] = {}
    for value in values:
        slots.setdefault(value.slot, []).append(value)
    changes: dict[UUID, FactState] = {}
    for group in slots.values():
        winner = _winner([value for value in group if value.is_eligible(now=now)])
        for value in group:
            if value is winner and value.state is not FactState.CURRENT:
                changes[value.id] = FactState.CURRENT
            elif value is not winner and value.state is FactState.CURRENT:
                changes[value.id] = FactState.SUPERSEDED
    return changes


def same_value(values: Iterable[StoredValue], *, as_: StoredValue) -> tuple[StoredValue, ...]:
    """Return the values that say the same of the same, whoever gave them."""
    key = _key(as_.slot, as_.value)
    return tuple(value for value in values if _key(value.slot, value.value) == key)


def shown(
    field: Field, *, present: str | int | None, values: Sequence[StoredValue], sticky: bool
) -> str | int | None:
    """Return what a column of a lead or company shows.

    What a person or an upload put there stays; what enrichment put there follows the current value.

    Args:
        present: what stands there now.
        values: the owner's, with their states as they will be.
        sticky: an identity (address, profile): replaced only when nothing supports it any more.
    """
    of_field = [value for value in values if value.field == field and not value.about]
    current = next((value for value in of_field if value.state is FactState.CURRENT), None)
    wanted = as_column(field, current.value) if current else None
    if current is not None and (wanted is None or current.pinned or present is None):
        return present if wanted is None else wanted
    found = [value for value in of_field if value.source_kind in FOUND_KINDS]
    backed = {as_column(field, value.value) for value in found if value.state not in GONE}
    gone = {as_column(field, value.value) for value in found if value.state in GONE} - backed
    return wanted if present in (gone if sticky else gone | backed) else present


def as_column(field: Field, value: str) -> str | int | None:
    """Return a fact's value as its column keeps it; a range of employees is no number."""
    if field is not Field.EMPLOYEES:
        return value
    return int(value) if value.isascii() and value.isdigit() and 0 < int(value) <= 10_000_000 else None


def origin_of(*, source: str, source_url: str | None) -> str:
    """Return whose opinion a value is: the registrable domain it was read on, else the source's name."""
    host = (urlsplit(source_url).hostname or "") if source_url else ""
    return str(_suffixes().privatesuffix(host) or host or source)


def with_states(values: Iterable[StoredValue], changes: Mapping[UUID, FactState]) -> tuple[StoredValue, ...]:
    """Return the values as they are once the changes are made."""
    return tuple(replace(value, state=changes.get(value.id, value.state)) for value in values)


def _winner(eligible: Sequence[StoredValue]) -> StoredValue | None:
    by_candidate = {_candidate(value): value for value in reversed(eligible)}
    chosen = choose_current(list(by_candidate))
    return by_candidate[chosen] if chosen else None


def _candidate(value: StoredValue) -> Candidate:
    return Candidate(
        value=value.value,
        origin=origin_of(source=value.source, source_url=value.source_url),
        confidence=value.confidence,
        observed_at=value.observed_at,
        pinned=value.pinned,
    )


def _key(slot: Slot, value: str) -> tuple[Slot, str]:
    return slot, " ".join(value.casefold().split())


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
