"""Which facts may be kept: none about private life, none about people who had theirs erased or objected."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from domain.enrichment.rules.facts import Fact, Field
from domain.enrichment.rules.sensitive import without_sensitive
from domain.suppression.keys import Recipient
from domain.suppression.queries import match_each
from domain.suppression.rules import OPERATOR_REASONS

if TYPE_CHECKING:
    from domain.tenancy import Connection


async def screen_facts(
    connection: "Connection", *, facts: Iterable[Fact], identity_key: bytes, now: datetime
) -> tuple[tuple[Fact, ...], int]:
    """Return the facts that may be kept, and how many may not.

    A person on a page is recognised by the address, phone or profile that stands beside the name, so that an
    erasure isn't undone by the next look at the company's site.
    """
    allowed, refused = without_sensitive(facts)
    unwanted = await _unwanted(connection, allowed, identity_key=identity_key, now=now)
    kept = tuple(fact for fact in allowed if fact.about.casefold() not in unwanted)
    return kept, refused + len(allowed) - len(kept)


async def _unwanted(
    connection: "Connection", facts: Iterable[Fact], *, identity_key: bytes, now: datetime
) -> set[str]:
    """Return the folded names of people whose erasure or objection is known here."""
    people: dict[str, dict[Field, list[str]]] = {}
    for fact in facts:
        if fact.about:
            people.setdefault(fact.about.casefold(), {}).setdefault(fact.field, []).append(fact.value)
    recipients = [
        Recipient(
            emails=tuple(known.get(Field.EMAIL, ())),
            phones=tuple(known.get(Field.PHONE, ())),
            linkedin_urls=tuple(known.get(Field.LINKEDIN_URL, ())),
        )
        for known in people.values()
    ]
    entries = await match_each(connection, recipients=recipients, identity_key=identity_key, now=now)
    return {
        name
        for name, matching in zip(people, entries, strict=True)
        if any(entry.reason in OPERATOR_REASONS for entry in matching)
    }
