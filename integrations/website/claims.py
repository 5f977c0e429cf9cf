"""What an extractor hands over: a claim and the line of the page that carries it, not yet checked."""

from dataclasses import dataclass

from domain.enrichment.rules.evidence import StoredText, cut_snippet, is_instruction_like
from domain.enrichment.rules.facts import Fact, Field, Subject

from .page import Page

VALUE_MAX = 600
# How much less we believe a page that also talks to machines.
HOSTILE_FACTOR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One value found on a page.

    Args:
        line: the evidence line of the page (see ``Page.text``) it was read from.
        about: a person's name; empty for the company.
        quoted: the part of ``line`` the snippet has to show, if it isn't the value itself.
    """

    field: Field
    value: str
    line: str
    confidence: float
    about: str = ""
    quoted: str = ""


def claim_to_fact(claim: Claim, page: Page, *, stored: StoredText) -> Fact | None:
    """Return the claim as a fact with its verbatim snippet, or None if it can't be trusted.

    A claim falls when its snippet doesn't stand in the page's text (``stored``) or speaks to a machine.
    """
    value = claim.value.strip()
    snippet = cut_snippet(claim.line, around=claim.quoted or value)
    if not value or len(value) > VALUE_MAX or not stored.has(snippet):
        return None
    if is_instruction_like(value) or is_instruction_like(snippet) or is_instruction_like(claim.about):
        return None
    return Fact(
        subject=Subject.PERSON if claim.about else Subject.COMPANY,
        field=claim.field,
        value=value,
        source_url=page.url,
        snippet=snippet,
        confidence=round(claim.confidence * (HOSTILE_FACTOR if page.instructions else 1.0), 3),
        retrieved_at=page.retrieved_at,
        about=claim.about,
    )
