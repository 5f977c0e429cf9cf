"""What drafting needs from outside: a drafter, a fact extractor, a template language; and their words.

Evidence goes in, a draft with claims comes out, and every claim names the evidence it rests on.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.errors import Conflict, ProviderUnavailable
from domain.sequences.rules import StepKind, ThreadMode


class FactSubject(StrEnum):
    """Whom a fact is about."""

    LEAD = "LEAD"
    COMPANY = "COMPANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFact:
    """One stored fact about this lead or their company, with where it comes from.

    Attributes:
        id: the stored value's id, opaque here.
        field: lower_snake_case name, such as ``what_company_does``.
        snippet: the words of the source that say so.
        confidence: 0..1.
        expires_at: from then on it mustn't be used.
    """

    id: str
    subject: FactSubject
    field: str
    value: str
    source_url: str | None
    snippet: str | None
    confidence: float
    observed_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A claim the workspace makes about itself; citable like a fact until ``valid_until`` (inclusive)."""

    id: str
    claim: str
    evidence_url: str | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """The part of a strategy profile's version that a draft is written from."""

    offer: str
    cta: str
    tone: str = ""
    proofs: tuple[Proof, ...] = ()
    forbidden_claims: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderPersona:
    """The real person who writes; ``email`` may appear in the text."""

    name: str
    role: str = ""
    company: str = ""
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who is written to; empty where it isn't known."""

    lead_id: UUID
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    company_name: str = ""
    company_domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBrief:
    """The step a draft is for; empty templates mean the drafter's own."""

    order: int
    kind: StepKind
    thread_mode: ThreadMode
    language: str
    subject_template: str = ""
    body_template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBrief:
    """Everything a drafter may know; it looks nothing up.

    Attributes:
        previous_subjects: of the messages before this one in the thread, oldest first.
        allowed_hosts: that links and addresses in the text may use: the workspace's and the checked company
            site's.
        now: aware; decides which facts are still good.
    """

    workspace_id: UUID
    strategy: Strategy
    step: StepBrief
    recipient: Recipient
    sender: SenderPersona
    facts: tuple[EvidenceFact, ...]
    now: datetime
    previous_subjects: tuple[str, ...] = ()
    allowed_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Words of the text that state a fact, and the ids of the facts or proofs they rest on."""

    span: str
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AiUsage:
    """What one AI call used and cost; failed calls that were billed have one too.

    Attributes:
        input_tokens: without the cache's tokens.
        cost_usd: None when the model has no price in the table.
        price_version: which row of the price table; empty with no price.
    """

    purpose: str
    model: str
    request_id: str
    stop_reason: str
    input_tokens: int
    output_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cache_read_tokens: int
    cost_usd: Decimal | None
    price_version: str
    latency_ms: int
    retry_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message's content before the footer; ``drafted_by`` says honestly who wrote it."""

    subject: str
    text_body: str
    html_body: str
    claims: tuple[Claim, ...]
    drafted_by: str
    model: str | None = None
    prompt_version: str | None = None
    usage: tuple[AiUsage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """A stored page's readable text; hostile by assumption."""

    url: str
    text: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionBrief:
    """Which fields to look for in which pages, about whom; ``now`` dates the prices."""

    workspace_id: UUID
    subject: FactSubject
    pages: tuple[SourcePage, ...]
    fields: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedFact:
    """A fact whose quote was found, word for word, in the page it names."""

    field: str
    value: str
    quote: str
    source_url: str
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedFact:
    """A proposed fact that code refused, and why."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What an extractor found, what was refused, and what it cost."""

    facts: tuple[ExtractedFact, ...]
    rejected: tuple[RejectedFact, ...]
    usage: tuple[AiUsage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateUse:
    """What a template refers to: dotted variables (``lead.first_name``), without its own locals."""

    variables: tuple[str, ...]


class DraftFailed(Conflict):
    """No draft that may be shown came out; a person has to write this one. What was spent is in ``usage``."""

    code = "DRAFT_FAILED"

    def __init__(
        self, message: str, *, reasons: tuple[str, ...] = (), usage: tuple[AiUsage, ...] = ()
    ) -> None:
        super().__init__(message)
        self.reasons = reasons
        self.usage = usage


class ExtractionFailed(Conflict):
    """The extractor's answer couldn't be used, twice. What was spent is in ``usage``."""

    code = "EXTRACTION_FAILED"

    def __init__(self, message: str, *, usage: tuple[AiUsage, ...] = ()) -> None:
        super().__init__(message)
        self.usage = usage


class AiInterrupted(ProviderUnavailable):
    """The AI provider failed between two calls of one task: retry it, and book what the first call cost."""

    code = "AI_INTERRUPTED"

    def __init__(
        self, message: str, *, usage: tuple[AiUsage, ...], retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.usage = usage


class Drafter(Protocol):
    """Writes one message from evidence; without side effects, so asking again is safe (an AI bills again)."""

    @property
    def name(self) -> str:
        """Return what ``Draft.drafted_by`` says."""

    async def draft(self, brief: DraftBrief) -> Draft:
        """Return a draft whose claims cite only facts and proofs of the brief.

        Raises:
            DraftFailed: a person has to write it.
            ProviderUnavailable: trying later is right; AiInterrupted says what was already spent.
            NotConfigured: the provider refuses our credentials.
            LimitReached: the provider's account is used up.
        """


class FactExtractor(Protocol):
    """Reads facts out of hostile pages; every fact it returns has a quote that code found in the page."""

    async def extract(self, brief: ExtractionBrief) -> Extraction:
        """Return the facts for the asked fields; errors as for ``Drafter.draft``, with ExtractionFailed."""


class TemplateLanguage(Protocol):
    """Understands the syntax of users' templates; which variables are allowed is the domain's business."""

    def inspect(self, source: str) -> TemplateUse:
        """Return what the template refers to; raises ``templates.InvalidTemplate`` (syntax, limits)."""
