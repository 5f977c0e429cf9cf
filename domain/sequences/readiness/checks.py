"""What a check says, and what it measures a message against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.sequences.content import Footer
from domain.sequences.ports import DraftBrief, EvidenceFact, Proof, Recipient
from domain.sequences.rules import ThreadMode

RULE_VERSION = "2026-11-22"
"""Changes whenever a rule's outcome may; stored beside every result."""


class Rule(StrEnum):
    """The checks by name; names are API."""

    SUBJECT_FORM = "SUBJECT_FORM"
    SUBJECT_LENGTH = "SUBJECT_LENGTH"
    FAKE_THREAD = "FAKE_THREAD"
    BODY_LENGTH = "BODY_LENGTH"
    CONTROL_CHARACTERS = "CONTROL_CHARACTERS"
    HTML = "HTML"
    FOOTER = "FOOTER"
    PLACEHOLDER = "PLACEHOLDER"
    NAME = "NAME"
    LANGUAGE = "LANGUAGE"
    CLAIM_EVIDENCE = "CLAIM_EVIDENCE"
    CLAIM_SUPPORT = "CLAIM_SUPPORT"
    CLAIM_AGE = "CLAIM_AGE"
    NUMBERS = "NUMBERS"
    PERSONALISATION = "PERSONALISATION"
    CONTACTS = "CONTACTS"
    LINK_COUNT = "LINK_COUNT"
    FORBIDDEN_CLAIM = "FORBIDDEN_CLAIM"
    SENSITIVE_TOPIC = "SENSITIVE_TOPIC"
    PRETENCE = "PRETENCE"
    SHOUTING = "SHOUTING"
    SPAM_PHRASE = "SPAM_PHRASE"
    QUESTIONS = "QUESTIONS"
    READABILITY = "READABILITY"
    SIMILARITY = "SIMILARITY"


class CheckResult(StrEnum):
    """PASS; WARN a person should look; BLOCK it can't be approved like this."""

    PASS = "PASS"  # noqa: S105 - a result, not a password
    WARN = "WARN"
    BLOCK = "BLOCK"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessCheck:
    """One rule's result; ``detail`` is for the reviewer and empty on PASS."""

    rule: Rule
    result: CheckResult
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What a message is measured against.

    Attributes:
        facts: of this lead and company; an id that isn't here is another lead's or invented.
        own_words: the workspace's own text (offer, call to action, proofs, templates, sender); its numbers
            and contact details are the workspace's to use.
        language: the step's.
        previous_subjects: of the thread, oldest first; empty on a first touch.
        allowed_hosts: for links and addresses, beside those of ``own_words``.
        footer: what the message has to end with, word for word; None for a draft that has no footer yet.
        previous_bodies: of recent sends of the workspace, bounded by the caller (some hundred).
        is_edited_by_person: a person has vouched for the wording; uncited numbers then only warn.
        now: aware.
    """

    recipient: Recipient
    facts: tuple[EvidenceFact, ...]
    proofs: tuple[Proof, ...]
    offer: str
    own_words: str
    forbidden_claims: tuple[str, ...]
    language: str
    thread_mode: ThreadMode
    now: datetime
    previous_subjects: tuple[str, ...] = ()
    allowed_hosts: frozenset[str] = frozenset()
    footer: Footer | None = None
    previous_bodies: tuple[str, ...] = ()
    is_edited_by_person: bool = False

    @property
    def is_first_touch(self) -> bool:
        """Whether nothing was written to this person in this thread yet."""
        return not self.previous_subjects

    @classmethod
    def of_draft(cls, brief: DraftBrief) -> Self:
        """Return the standard for a bare draft (no footer yet) made from ``brief``."""
        strategy, sender, step = brief.strategy, brief.sender, brief.step
        own = (
            strategy.offer, strategy.cta, *(proof.claim for proof in strategy.proofs),
            *(proof.evidence_url or "" for proof in strategy.proofs),
            sender.name, sender.role, sender.company, sender.email or "",
            step.subject_template, step.body_template,
        )  # fmt: skip
        return cls(
            recipient=brief.recipient,
            facts=brief.facts,
            proofs=strategy.proofs,
            offer=strategy.offer,
            own_words="\n".join(own),
            forbidden_claims=strategy.forbidden_claims,
            language=step.language,
            thread_mode=step.thread_mode,
            previous_subjects=brief.previous_subjects,
            allowed_hosts=brief.allowed_hosts,
            now=brief.now,
        )


def passed(rule: Rule) -> ReadinessCheck:
    """Return a PASS."""
    return ReadinessCheck(rule=rule, result=CheckResult.PASS)


def judged(rule: Rule, result: CheckResult, problems: Sequence[str]) -> ReadinessCheck:
    """Return ``result`` with the problems as its detail (300 characters), or PASS when there are none."""
    if not problems:
        return passed(rule)
    return ReadinessCheck(rule=rule, result=result, detail="; ".join(problems)[:300])
