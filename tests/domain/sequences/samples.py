"""One lead, one strategy, one good message: the tests change what they are about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.sequences.content import Footer, MessageContent, SourceNotice, compose_content
from domain.sequences.ports import (
    Claim,
    DraftBrief,
    EvidenceFact,
    FactSubject,
    Proof,
    Recipient,
    SenderPersona,
    StepBrief,
    Strategy,
)
from domain.sequences.readiness.checks import CheckResult, ReadinessCheck, Rule, Standard
from domain.sequences.readiness.gate import Readiness, check_message
from domain.sequences.rules import StepKind, ThreadMode

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ADDRESS = "Pumpwerk GmbH\nHafenstraße 12\n20457 Hamburg"

FACT = EvidenceFact(
    id="f-what",
    subject=FactSubject.COMPANY,
    field="what_company_does",
    value="We build payment terminals for 4,200 corner shops",
    source_url="https://www.northwind.example/about",
    snippet="We build payment terminals for 4,200 corner shops in Europe.",
    confidence=0.9,
    observed_at=datetime(2026, 11, 1, tzinfo=UTC),
)
PROOF = Proof(id="p-1", claim="Three banks settle 30% faster with us", valid_until=date(2027, 6, 30))
STRATEGY = Strategy(
    offer="Our software reconciles terminal payments with bank statements overnight, so that nobody has to.",
    cta="Would 15 minutes next week be worth it to you?",
    tone="plain",
    proofs=(PROOF,),
    forbidden_claims=("market leader", "we guarantee savings"),
    languages=("en",),
)
STEP = StepBrief(order=1, kind=StepKind.EMAIL, thread_mode=ThreadMode.NEW, language="en")
BRIEF = DraftBrief(
    workspace_id=UUID(int=1),
    strategy=STRATEGY,
    step=STEP,
    recipient=Recipient(
        lead_id=UUID(int=7),
        first_name="Ada",
        last_name="Moreau",
        title="Head of Operations",
        company_name="Northwind",
        company_domain="northwind.example",
    ),
    sender=SenderPersona(name="Ben Okafor", role="Founder", company="Pumpwerk", email="ben@pumpwerk.example"),
    facts=(FACT,),
    now=NOW,
    allowed_hosts=frozenset({"pumpwerk.example"}),
)

SUBJECT = "A question for Northwind"
BODY = """Hi Ada,

On northwind.example I read: “We build payment terminals for 4,200 corner shops”. That is why I am writing to you.

Our software reconciles terminal payments with bank statements overnight, so that nobody has to.

Would 15 minutes next week be worth it to you?

Best regards
Ben Okafor"""
CLAIM = Claim(span="We build payment terminals for 4,200 corner shops", evidence_ids=("f-what",))
FOOTER = Footer(
    language="en",
    postal_address=ADDRESS,
    notice=SourceNotice(controller="Pumpwerk GmbH", sources=("northwind.example",)),
)


def a_brief(**changes: Any) -> DraftBrief:
    return replace(BRIEF, **changes)


def a_step(**changes: Any) -> StepBrief:
    return replace(STEP, **changes)


def a_fact(**changes: Any) -> EvidenceFact:
    return replace(FACT, **changes)


def a_standard(**changes: Any) -> Standard:
    return replace(Standard.of_draft(BRIEF), **{"footer": FOOTER, **changes})


def a_message(
    *, subject: str = SUBJECT, body: str = BODY, claims: tuple[Claim, ...] = (CLAIM,)
) -> MessageContent:
    return compose_content(subject=subject, text_body=body, claims=claims, footer=FOOTER)


def verdict(content: MessageContent, rule: Rule, **changes: Any) -> CheckResult:
    return found(check_message(content, standard=a_standard(**changes)), rule).result


def found(readiness: Readiness, rule: Rule) -> ReadinessCheck:
    (check,) = [check for check in readiness.checks if check.rule is rule]
    return check
