"""What isn't kept about a person, and never written to one: special categories of data, crime, hardship."""

import re
from collections.abc import Iterable

from .facts import Fact, Subject


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(entry.split()) for entry in text.split(","))


# Special categories (Art. 9 GDPR), crime (Art. 10), hardship. Stems, matched at a word's beginning.
_SENSITIVE: dict[str, tuple[str, ...]] = {
    "health": _listed("""
        diagnos, cancer, depress, disabilit, pregnan, illness, burnout, krebs, schwanger, behinder,
        erkrank, krankheit, enceinte, handicap, maladie
    """),
    "religion": _listed("""
        religio, muslim, christian faith, jewish, catholic, atheis, jüdisch, katholisch, musulman,
        juif, juive
    """),
    "politics": _listed("""
        political view, political part, votes for, wählt die, parteimitglied, parti politique,
        republican, democrat
    """),
    "union": _listed("trade union, labor union, labour union, gewerkschaft, syndicat"),
    "orientation": _listed("sexual, lesbian, homosexu, transgender, schwul, lesbisch, lesbienne"),
    "ethnicity": _listed("ethnic, racial, skin colour, skin color, ethnisch, hautfarbe, ethnique"),
    "crime": _listed(
        """convicted, criminal record, arrested, lawsuit against, vorbestraft, verurteilt, condamné"""
    ),
    "hardship": _listed(
        """divorc, bankrupt, funeral, passed away, geschieden, insolven, verstorben, décès, faillite"""
    ),
}
_SENSITIVE_PATTERNS = {
    topic: re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, stems)) + ")", re.IGNORECASE)
    for topic, stems in _SENSITIVE.items()
}


def find_sensitive_topic(text: str) -> str | None:
    """Return the first sensitive topic the text touches, or None."""
    return next((topic for topic, pattern in _SENSITIVE_PATTERNS.items() if pattern.search(text)), None)


def without_sensitive(facts: Iterable[Fact]) -> tuple[tuple[Fact, ...], int]:
    """Return the facts that may be kept, and how many about people may not (Articles 9 and 10 GDPR).

    A company's trade isn't data about a person: a hospital's description stays.
    """
    asked = tuple(facts)
    kept = tuple(fact for fact in asked if not _is_sensitive(fact))
    return kept, len(asked) - len(kept)


def _is_sensitive(fact: Fact) -> bool:
    return (
        fact.subject is not Subject.COMPANY
        and find_sensitive_topic(f"{fact.value} {fact.snippet}") is not None
    )
