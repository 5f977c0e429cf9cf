"""Text from outside as data: cleaning it, finding quotes in it, and refusing what tries to give orders.

Everything crawled, imported or received is hostile until code has checked it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from rapidfuzz import fuzz

from domain.enrichment.rules.sensitive import find_sensitive_topic
from domain.sequences.ports import EvidenceFact, FactSubject, Proof

QUOTE_CHARS_MIN = 8
QUOTE_CHARS_MAX = 600
VALUE_SUPPORT_MIN = 70.0
"""How much of a value's wording its quote must carry, 0..100 (rapidfuzz token set)."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DATA_URI = re.compile(r"\bdata:\w+/[\w+.-]+(?:;[\w=+-]+)*,[^\s\"'<>]*", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
                        "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]")  # fmt: skip
_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "–": "-", "—": "-"}
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|prior)"
    r"|\b(?:system|developer)\s+(?:prompt|message)\b|\byou are now\b|\bas an? (?:ai|language model)\b"
    r"|\bnew instructions?\b|\b(?:send|forward|e-?mail|write|reply)\b.{0,60}(?:@|https?://)"
    r"|\b(?:vergiss|ignorier\w*|missachte)\b.{0,40}\b(?:anweisung|vorherig|regel|oben)"
    r"|\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\b(?:instruction|précédent|consigne)"
    r"|</?(?:system|assistant|human|user|instructions?)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTACT = re.compile(
    r"https?://|www\.|[^\s@]{1,64}@[^\s@]{1,255}\.\w{2}|\+\d[\d\s().-]{7,}\d", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*(?:[.,]\d+)?")


def clean_hostile_text(text: str) -> str:
    """Remove what a reader wouldn't see: comments, invisible and bidi characters, data URIs, controls."""
    text = _INVISIBLE.sub("", _DATA_URI.sub("", _COMMENT.sub("", text)))
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Co")
    )


def normalize_text(text: str) -> str:
    """Return the text as quotes are compared: NFKC, case folded, plain quotes and dashes, single spaces."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_QUOTES).casefold()
    return " ".join(folded.split())


def is_quote_in(quote: str, *, text: str) -> bool:
    """Return whether ``quote`` (8..600 characters) stands word for word in ``text``, both normalised."""
    wanted = normalize_text(quote)
    return QUOTE_CHARS_MIN <= len(wanted) <= QUOTE_CHARS_MAX and wanted in normalize_text(text)


def is_instruction_like(text: str) -> bool:
    """Return whether the text speaks to a model or tells somebody to write somewhere (en, de, fr)."""
    return _ORDERS.search(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))) is not None


def has_contact(text: str) -> bool:
    """Return whether the text carries a link, an e-mail address or an international phone number."""
    return _CONTACT.search(text) is not None


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers of the text, without separators (``12,000`` and ``12 000`` are ``12000``)."""
    return frozenset(re.sub(r"\D", "", match.group()) for match in _NUMBER.finditer(text))


def refusal_of(*, value: str, quote: str, subject: FactSubject) -> str | None:
    """Return why an extracted value can't be believed although its quote exists, or None.

    The value must say what the quote says: its numbers are in the quote and most of its words. It gives no
    orders, carries no contact details, and about a person touches no special category of data (Art. 9 GDPR).
    """
    if is_instruction_like(value) or is_instruction_like(quote):
        return "gives instructions"
    if has_contact(value):
        return "carries contact details"
    if subject is FactSubject.LEAD and find_sensitive_topic(f"{value} {quote}") is not None:
        return "touches a sensitive topic"
    if not numbers_in(value) <= numbers_in(quote):
        return "has a number that its quote hasn't"
    if fuzz.token_set_ratio(normalize_text(value), normalize_text(quote)) < VALUE_SUPPORT_MIN:
        return "says something else than its quote"
    return None


def usable_facts(facts: Iterable[EvidenceFact], *, now: datetime) -> tuple[EvidenceFact, ...]:
    """Return the facts that a draft may use, the best first (confidence, then newest).

    Left out: expired, empty, instruction-like, with contact details, or sensitive about the person.
    """
    usable = [
        fact
        for fact in facts
        if fact.value.strip()
        and (fact.expires_at is None or fact.expires_at > now)
        and not is_instruction_like(f"{fact.value} {fact.snippet or ''}")
        and not has_contact(fact.value)
        and (fact.subject is FactSubject.COMPANY or find_sensitive_topic(fact.value) is None)
    ]
    return tuple(sorted(usable, key=lambda fact: (-fact.confidence, -fact.observed_at.timestamp(), fact.id)))


def valid_proofs(proofs: Sequence[Proof], *, now: datetime) -> tuple[Proof, ...]:
    """Return the proofs that may still be claimed today (UTC)."""
    return tuple(proof for proof in proofs if proof.valid_until is None or proof.valid_until >= now.date())
