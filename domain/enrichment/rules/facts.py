"""The vocabulary of enrichment: what can be known, about whom, and where it was read."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

SNIPPET_MAX = 300


class Subject(StrEnum):
    """Whom a fact is about. LEAD is the asked-for person, PERSON anybody else at the company."""

    COMPANY = "COMPANY"
    PERSON = "PERSON"
    LEAD = "LEAD"


class Field(StrEnum):
    """What a fact tells. Values are text in the form the comment gives."""

    NAME = "NAME"  # as people write it
    LEGAL_NAME = "LEGAL_NAME"  # with its legal form: "Acme GmbH"
    DESCRIPTION = "DESCRIPTION"  # what the company does, in the site's language
    KEYWORDS = "KEYWORDS"  # comma-separated
    INDUSTRY = "INDUSTRY"
    EMPLOYEES = "EMPLOYEES"  # a number or a range: "11-50"
    FOUNDED = "FOUNDED"  # year, four digits
    ADDRESS = "ADDRESS"  # one line
    COUNTRY = "COUNTRY"  # ISO 3166-1 alpha-2
    LANGUAGE = "LANGUAGE"  # ISO 639-1, lower case
    TITLE = "TITLE"  # a person's role, as printed
    EMAIL = "EMAIL"  # domain in lower case
    PHONE = "PHONE"  # E.164
    LINKEDIN_URL = "LINKEDIN_URL"
    X_URL = "X_URL"
    FACEBOOK_URL = "FACEBOOK_URL"
    INSTAGRAM_URL = "INSTAGRAM_URL"
    YOUTUBE_URL = "YOUTUBE_URL"
    GITHUB_URL = "GITHUB_URL"


_OF_BOTH = frozenset(Field) - {
    Field.LEGAL_NAME,
    Field.DESCRIPTION,
    Field.KEYWORDS,
    Field.INDUSTRY,
    Field.EMPLOYEES,
    Field.FOUNDED,
}
_OF_A_JOB = frozenset({Field.TITLE, Field.EMAIL, Field.PHONE})


def evidence_name(field: str, *, of_company: bool) -> str:
    """Return the name templates and drafters know a stored field by: ``what_company_does``, ``title``.

    What a person and a company both have is told apart: ``email`` is the lead's, ``company_email`` the company's.
    """
    if not of_company:
        return field.lower()
    if field == Field.DESCRIPTION:
        return "what_company_does"
    return f"company_{field.lower()}" if field in _OF_BOTH else field.lower()


def fact_expires_at(field: Field, *, retrieved_at: datetime) -> datetime:
    """Return from when on a fact mustn't be used: what hangs on a job after 30 days, the rest after 90."""
    return retrieved_at + timedelta(days=30 if field in _OF_A_JOB else 90)


class Outcome(StrEnum):
    """How one call of a source ended."""

    FOUND = "FOUND"  # every wanted field
    PARTIAL = "PARTIAL"  # some of them
    NOT_FOUND = "NOT_FOUND"
    PENDING = "PENDING"  # the source answers later; ask again with the same query
    ERROR = "ERROR"  # may pass
    BLOCKED = "BLOCKED"  # refused on principle: robots.txt, a privacy opt-out, a forbidden address


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One claim with its evidence.

    Args:
        about: the person's printed name when ``subject`` is PERSON or LEAD, else empty.
        source_url: the page or record it was read on.
        snippet: verbatim text of that page, at most 300 characters, that carries the claim.
        confidence: 0..1, that the claim is true.
        retrieved_at: aware UTC.
    """

    subject: Subject
    field: Field
    value: str
    source_url: str
    snippet: str
    confidence: float
    retrieved_at: datetime
    about: str = ""

    def __post_init__(self) -> None:
        if not self.value:
            raise ValueError("a fact needs a value")
        if len(self.snippet) > SNIPPET_MAX:
            raise ValueError(f"a snippet holds at most {SNIPPET_MAX} characters, not {len(self.snippet)}")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence is 0..1, not {self.confidence}")
        if (self.subject is Subject.COMPANY) == bool(self.about):
            raise ValueError("a person's fact names the person, a company's names nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentQuery:
    """What is known about a lead and its company before asking; empty means unknown."""

    company_domain: str = ""
    company_name: str = ""
    website: str = ""
    full_name: str = ""
    title: str = ""
    email: str = ""
    linkedin_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentResult:
    """What one call of a source brought.

    Args:
        units: what the call used in the source's own unit (website: pages read).
        request_fingerprint: equal for equal questions to the same source; the key of caches and records.
        detail: one sentence for the provider-call record; never personal data.
    """

    outcome: Outcome
    facts: tuple[Fact, ...]
    units: int
    request_fingerprint: str
    detail: str = ""


def fingerprint_request(*, source: str, query: EnrichmentQuery, want: Iterable[Field]) -> str:
    """Return the SHA-256 (hex) of a normalised question; case and outer blanks don't matter."""
    question = {item.name: getattr(query, item.name).strip().casefold() for item in fields(query)}
    content = json.dumps([source, question, sorted(want)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def outcome_for(*, facts: Iterable[Fact], want: frozenset[Field]) -> Outcome:
    """Return FOUND, PARTIAL or NOT_FOUND by how many of the wanted fields the facts cover."""
    found = {fact.field for fact in facts} & want
    if not found:
        return Outcome.NOT_FOUND
    return Outcome.FOUND if found == want else Outcome.PARTIAL


def claim_for_lead(facts: Iterable[Fact], *, full_name: str) -> tuple[Fact, ...]:
    """Turn PERSON facts about the lead into LEAD facts and leave the others as they are.

    Two names are the same when their first and last words agree, ignoring case and academic titles.
    """
    wanted = _name_key(full_name)
    return tuple(
        replace(fact, subject=Subject.LEAD)
        if wanted and fact.subject is Subject.PERSON and _name_key(fact.about) == wanted
        else fact
        for fact in facts
    )


def _name_key(name: str) -> tuple[str, ...]:
    words = [word for word in name.casefold().replace(",", " ").split() if not word.endswith(".")]
    return (words[0], words[-1]) if len(words) > 1 else ()
