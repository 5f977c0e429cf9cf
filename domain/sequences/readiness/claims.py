"""Checks of what a message claims: claims cite living evidence of this lead, numbers come from somewhere."""

import re
from collections.abc import Iterator
from datetime import timedelta

from rapidfuzz import fuzz

from domain.sequences.content import MessageContent, split_footer
from domain.sequences.evidence import normalize_text, numbers_in
from domain.sequences.ports import Claim, EvidenceFact, Proof
from domain.sequences.readiness.checks import CheckResult, ReadinessCheck, Rule, Standard, judged

FRESH_DAYS = 90
CONFIDENCE_MIN = 0.5
SUPPORT_MIN = 50.0
"""Below this word overlap of a claim with its evidence (rapidfuzz token set, 0..100) a person compares."""

_TIME_OF_DAY_OR_LENGTH = re.compile(
    r"\b\d{1,2}(?::\d{2})?\s*(?:-|–|to|bis|à|ou|oder|or)?\s*(?:\d{1,2}\s*)?-?\s*"
    r"(?:minutes?\b|mins?\b|minuten\b|minütig\w*|h\b|uhr\b|am\b|pm\b|hours?\b|stunden?\b|heures?\b)|\b\d{1,2}:\d{2}\b",
    re.IGNORECASE,
)


def check_claims(content: MessageContent, *, standard: Standard) -> Iterator[ReadinessCheck]:
    """Yield the checks about claims and evidence."""
    yield judged(Rule.CLAIM_EVIDENCE, CheckResult.BLOCK, list(_evidence_faults(content, standard=standard)))
    yield check_support(content.claims, standard=standard)
    yield judged(Rule.CLAIM_AGE, CheckResult.WARN, list(_doubts(content.claims, standard=standard)))
    uncited = _uncited_numbers(content, standard=standard)
    severity = CheckResult.WARN if standard.is_edited_by_person else CheckResult.BLOCK
    yield judged(Rule.NUMBERS, severity, [f"no evidence for {number}" for number in uncited])
    is_impersonal = standard.is_first_touch and not cited_facts(content.claims, standard=standard)
    yield judged(
        Rule.PERSONALISATION,
        CheckResult.WARN,
        ["nothing in it is about the recipient"] if is_impersonal else [],
    )


def cited_facts(claims: tuple[Claim, ...], *, standard: Standard) -> tuple[EvidenceFact, ...]:
    """Return the lead's facts that the claims cite, each once, in the order of ``standard.facts``."""
    cited = {evidence_id for claim in claims for evidence_id in claim.evidence_ids}
    return tuple(fact for fact in standard.facts if fact.id in cited)


def supported_claims(claims: tuple[Claim, ...], *, standard: Standard) -> int:
    """Return how many claims have evidence whose words and numbers bear them out."""
    return sum(_is_supported(claim, standard=standard) for claim in claims)


def check_support(claims: tuple[Claim, ...], *, standard: Standard) -> ReadinessCheck:
    """A number that its evidence hasn't blocks; other words than the evidence's warn (perhaps translated)."""
    invented = [
        claim.span for claim in claims if not numbers_in(claim.span) <= _evidence_numbers(claim, standard)
    ]
    if invented:
        return judged(
            Rule.CLAIM_SUPPORT,
            CheckResult.BLOCK,
            [f"its evidence has no such number: “{span[:80]}”" for span in invented],
        )
    loose = [claim.span for claim in claims if not _is_supported(claim, standard=standard)]
    details = [f"compare with its evidence: “{span[:80]}”" for span in loose]
    return judged(Rule.CLAIM_SUPPORT, CheckResult.WARN, details)


def _evidence_faults(content: MessageContent, *, standard: Standard) -> Iterator[str]:
    body = normalize_text(f"{content.subject}\n{split_footer(content.text_body)[0]}")
    known: dict[str, EvidenceFact | Proof] = {fact.id: fact for fact in standard.facts}
    known |= {proof.id: proof for proof in standard.proofs}
    for claim in content.claims:
        quoted = f"“{claim.span[:80]}”"
        if not claim.span.strip() or normalize_text(claim.span) not in body:
            yield f"{quoted} isn't in the text"
        if not claim.evidence_ids:
            yield f"{quoted} cites no evidence"
        for evidence_id in claim.evidence_ids:
            evidence = known.get(evidence_id)
            if evidence is None:
                yield f"{quoted} cites evidence that isn't this lead's"
            elif _is_expired(evidence, standard=standard):
                yield f"{quoted} cites evidence that has expired"


def _is_expired(evidence: EvidenceFact | Proof, *, standard: Standard) -> bool:
    if isinstance(evidence, Proof):
        return evidence.valid_until is not None and evidence.valid_until < standard.now.date()
    return evidence.expires_at is not None and evidence.expires_at <= standard.now


def _evidence_texts(claim: Claim, standard: Standard) -> list[str]:
    facts = [f"{fact.value} {fact.snippet or ''}" for fact in standard.facts if fact.id in claim.evidence_ids]
    return facts + [proof.claim for proof in standard.proofs if proof.id in claim.evidence_ids]


def _evidence_numbers(claim: Claim, standard: Standard) -> frozenset[str]:
    return numbers_in("\n".join(_evidence_texts(claim, standard)))


def _is_supported(claim: Claim, *, standard: Standard) -> bool:
    text = " ".join(_evidence_texts(claim, standard))
    return (
        bool(text)
        and numbers_in(claim.span) <= numbers_in(text)
        and fuzz.token_set_ratio(normalize_text(claim.span), normalize_text(text)) >= SUPPORT_MIN
    )


def _doubts(claims: tuple[Claim, ...], *, standard: Standard) -> Iterator[str]:
    for fact in cited_facts(claims, standard=standard):
        if standard.now - fact.observed_at > timedelta(days=FRESH_DAYS):
            yield f"{fact.field} was seen on {fact.observed_at.date()}, more than {FRESH_DAYS} days ago"
        if fact.confidence < CONFIDENCE_MIN:
            yield f"{fact.field} is uncertain ({fact.confidence:.2f})"


def _uncited_numbers(content: MessageContent, *, standard: Standard) -> list[str]:
    """Numbers outside cited spans that the workspace's own words don't have; times and durations are free."""
    text = normalize_text(f"{content.subject}\n{split_footer(content.text_body)[0]}")
    for claim in content.claims:
        text = (
            text.replace(normalize_text(claim.span), " ")
            if claim.evidence_ids and claim.span.strip()
            else text
        )
    free = numbers_in(
        " ".join((standard.own_words, standard.recipient.company_name, *standard.previous_subjects))
    )
    return sorted(numbers_in(_TIME_OF_DAY_OR_LENGTH.sub(" ", text)) - free)
