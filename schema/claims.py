"""What a message claims, and what each claim rests on."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final
from uuid import UUID

import strawberry

from domain.enrichment.rules.facts import evidence_name
from domain.sequences.readiness.checks import CheckResult, Rule
from resolvers.reading.describe import Column, Entity, Single
from schema.info import Info
from schema.nodes import TABLES, global_id
from schema.scalars import URL, DateTime

_FACT: Final = Entity(
    "field_value",
    "cited",
    {
        "field": Column("t.field"),
        "of_company": Column("t.lead_id IS NULL"),
        "value": Column("t.value"),
        "source_url": Column("t.source_url"),
        "snippet": Column("t.snippet"),
        "confidence": Column("t.confidence"),
        "observed_at": Column("coalesce(t.observed_at, t.retrieved_at)"),
    },
)
"""A stored fact as claims show it, also one that has been replaced since."""


@strawberry.enum(description="What a claim rests on.")
class EvidenceKind(Enum):
    """A fact about the recipient, or a proof of the workspace's own."""

    FACT = strawberry.enum_value("FACT", description="A stored fact about the lead or the company.")
    PROOF = strawberry.enum_value("PROOF", description="A proof of the strategy profile.")


@strawberry.type(description="Something a claim rests on.")
class Evidence:
    """A stored fact about the lead or the company, or a proof from the strategy profile."""

    id: strawberry.ID = strawberry.field(description="The fact's id, or the proof's place in its profile.")
    kind: EvidenceKind = strawberry.field(description="Whose knowledge it is.")
    field: str | None = strawberry.field(description="The fact's field, such as `what_company_does`.")
    value: str = strawberry.field(description="What it says.")
    source_url: URL | None = strawberry.field(description="Where it was read, or is shown to be true.")
    snippet: str | None = strawberry.field(description="The source's own words.")
    confidence: float | None = strawberry.field(description="0 to 1; absent for proofs.")
    observed_at: DateTime | None = strawberry.field(description="When it was read; absent for proofs.")


@strawberry.type(description="Words of a message that state something.")
class MessageClaim:
    """A claim with its evidence."""

    span: str = strawberry.field(description="The words, as they stand in the message.")
    evidence: list[Evidence] = strawberry.field(
        description="What they rest on; a fact that was erased since is missing."
    )


@strawberry.type(description="What one check says about a message.")
class ReadinessCheck:
    """A rule's result."""

    rule: Rule = strawberry.field(description="The check.")
    result: CheckResult = strawberry.field(description="What it found.")
    detail: str = strawberry.field(description="For the reviewer; empty on PASS.")


async def shown_claims(info: Info, stored: Sequence[dict[str, Any]]) -> list[MessageClaim]:
    """Return stored claims with their facts; facts of all messages in one answer are read together."""
    return [
        MessageClaim(
            span=claim["span"],
            evidence=[
                *[fact for id_ in claim["facts"] if (fact := await _fact(info, UUID(id_))) is not None],
                *[_proof(proof) for proof in claim["proofs"]],
            ],
        )
        for claim in stored
    ]


def shown_checks(stored: Sequence[dict[str, Any]]) -> list[ReadinessCheck]:
    """Return stored checks."""
    return [
        ReadinessCheck(rule=Rule(check["rule"]), result=CheckResult(check["result"]), detail=check["detail"])
        for check in stored
    ]


async def _fact(info: Info, id_: UUID) -> Evidence | None:
    row = await info.context.reader.one(Single(_FACT, id_))
    if row is None:
        return None
    return Evidence(
        id=strawberry.ID(global_id(TABLES.get("field_value", "fact"), id_)),
        kind=EvidenceKind.FACT,
        field=evidence_name(row["field"], of_company=row["of_company"]),
        value=row["value"],
        source_url=row["source_url"],
        snippet=row["snippet"],
        confidence=row["confidence"],
        observed_at=row["observed_at"],
    )


def _proof(proof: dict[str, Any]) -> Evidence:
    return Evidence(
        id=strawberry.ID(proof["id"]),
        kind=EvidenceKind.PROOF,
        field=None,
        value=proof["claim"],
        source_url=proof["url"],
        snippet=None,
        confidence=None,
        observed_at=None,
    )
