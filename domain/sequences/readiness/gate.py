"""The gate: every deterministic check of a message, and a score that helps to order a review queue.

The score never sends anything; a person approves, and a BLOCK can't be approved at all.
"""

from dataclasses import dataclass
from datetime import timedelta

from rapidfuzz import fuzz

from domain.sequences.content import MessageContent, split_footer
from domain.sequences.evidence import normalize_text
from domain.sequences.readiness.checks import RULE_VERSION, CheckResult, ReadinessCheck, Rule, Standard
from domain.sequences.readiness.claims import FRESH_DAYS, check_claims, cited_facts, supported_claims
from domain.sequences.readiness.contacts import check_contacts
from domain.sequences.readiness.form import check_form
from domain.sequences.readiness.phrasing import check_phrasing

_DELIVERABILITY = frozenset(
    {Rule.SPAM_PHRASE, Rule.SHOUTING, Rule.SIMILARITY, Rule.LINK_COUNT, Rule.CONTACTS, Rule.HTML, Rule.FOOTER}
)
_GROUNDS = frozenset(
    {Rule.CLAIM_EVIDENCE, Rule.CLAIM_SUPPORT, Rule.CLAIM_AGE, Rule.NUMBERS, Rule.PERSONALISATION}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The components: up to 40 grounding, 20 relevance, 15 lint, 15 deliverability, 10 freshness."""

    grounding: int
    relevance: int
    lint: int
    deliverability: int
    freshness: int

    @property
    def total(self) -> int:
        """Return the sum, 0..100."""
        return self.grounding + self.relevance + self.lint + self.deliverability + self.freshness


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """One check per rule, in a fixed order, and the score."""

    checks: tuple[ReadinessCheck, ...]
    score: Score
    rule_version: str = RULE_VERSION

    @property
    def result(self) -> CheckResult:
        """Return the worst of the checks' results."""
        results = {check.result for check in self.checks}
        return next(
            (result for result in (CheckResult.BLOCK, CheckResult.WARN) if result in results),
            CheckResult.PASS,
        )

    @property
    def blocks(self) -> tuple[ReadinessCheck, ...]:
        """Return what forbids an approval."""
        return tuple(check for check in self.checks if check.result is CheckResult.BLOCK)


def check_message(content: MessageContent, *, standard: Standard) -> Readiness:
    """Check a message by every rule; the same input gives the same result."""
    checks = (
        *check_form(content, standard=standard),
        *check_claims(content, standard=standard),
        *check_contacts(content, standard=standard),
        *check_phrasing(content, standard=standard),
    )
    return Readiness(checks=checks, score=_score(content, checks=checks, standard=standard))


def _score(content: MessageContent, *, checks: tuple[ReadinessCheck, ...], standard: Standard) -> Score:
    failed = {check.rule for check in checks if check.result is not CheckResult.PASS}
    body = normalize_text(split_footer(content.text_body)[0])
    # Without a claim nothing is unsupported, but nothing speaks to the recipient either: half.
    claims = len(content.claims)
    grounding = supported_claims(content.claims, standard=standard) / claims if claims else 0.5
    cited = cited_facts(content.claims, standard=standard)
    fresh = sum(standard.now - fact.observed_at <= timedelta(days=FRESH_DAYS) for fact in cited)
    return Score(
        grounding=round(40 * grounding),
        relevance=round(20 * fuzz.token_set_ratio(normalize_text(standard.offer), body) / 100),
        lint=max(0, 15 - 3 * len(failed - _DELIVERABILITY - _GROUNDS)),
        deliverability=max(0, 15 - 5 * len(failed & _DELIVERABILITY)),
        freshness=round(10 * fresh / len(cited)) if cited else 0,
    )
