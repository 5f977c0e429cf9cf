"""Everything a message is written from and measured against, and how content becomes final.

Drafting, editing, previewing and writing by hand all go through ``Setting.compose``, so that what is checked is
always what would be sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.sequences.content import Footer, MessageContent, compose_content, content_hash
from domain.sequences.notices import source_notice
from domain.sequences.ports import (
    Claim,
    DraftBrief,
    EvidenceFact,
    Recipient,
    SenderPersona,
    StepBrief,
    Strategy,
)
from domain.sequences.readiness.checks import Standard
from domain.sequences.readiness.gate import Readiness, check_message


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """Final content with its footer, the hash an approval is bound to, and what the gate says."""

    content: MessageContent
    content_hash: str
    readiness: Readiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who writes to whom, with which strategy, from which evidence.

    Attributes:
        to_address: the lead's.
        locale: the lead's, if known.
        source_kind: how the lead came in.
        controller: the workspace's name.
        previous_bodies: of the sender's last messages to others.
    """

    workspace_id: UUID
    strategy: Strategy
    persona: SenderPersona
    recipient: Recipient
    facts: tuple[EvidenceFact, ...]
    to_address: str
    locale: str | None
    source_kind: str
    controller: str
    postal_address: str
    previous_bodies: tuple[str, ...]
    now: datetime

    def brief(self, step: StepBrief, *, previous_subjects: Sequence[str]) -> DraftBrief:
        """Return what a drafter may know about one step."""
        own_host = (self.persona.email or "").rpartition("@")[2]
        return DraftBrief(
            workspace_id=self.workspace_id,
            strategy=self.strategy,
            step=step,
            recipient=self.recipient,
            sender=self.persona,
            facts=self.facts,
            now=self.now,
            previous_subjects=tuple(previous_subjects),
            allowed_hosts=frozenset({own_host} - {""}),
        )

    def compose(
        self,
        brief: DraftBrief,
        *,
        subject: str,
        body: str,
        claims: Sequence[Claim],
        is_first_contact: bool,
        is_edited_by_person: bool = False,
    ) -> Composed:
        """Put the footer under a body and check the whole; the first contact's footer has the notice."""
        notice = source_notice(
            controller=self.controller,
            source_kind=self.source_kind,
            facts=self.facts,
            language=brief.step.language,
        )
        footer = Footer(
            language=brief.step.language,
            postal_address=self.postal_address,
            notice=notice if is_first_contact else None,
        )
        content = compose_content(subject=subject, text_body=body, claims=claims, footer=footer)
        standard = replace(
            Standard.of_draft(brief),
            footer=footer,
            previous_bodies=self.previous_bodies,
            is_edited_by_person=is_edited_by_person,
        )
        readiness = check_message(content, standard=standard)
        return Composed(content=content, content_hash=content_hash(content), readiness=readiness)


def stored_claims(claims: Sequence[Claim], *, strategy: Strategy) -> list[dict[str, Any]]:
    """Return claims as they are kept: facts by id, proofs with their words, because a profile has versions."""
    proofs = {proof.id: proof for proof in strategy.proofs}
    return [
        {
            "span": claim.span,
            "facts": [id_ for id_ in claim.evidence_ids if id_ not in proofs],
            "proofs": [
                {"id": id_, "claim": proofs[id_].claim, "url": proofs[id_].evidence_url}
                for id_ in claim.evidence_ids
                if id_ in proofs
            ],
        }
        for claim in claims
    ]


def read_claims(stored: Sequence[Mapping[str, Any]]) -> tuple[Claim, ...]:
    """Return what ``stored_claims`` wrote."""
    return tuple(
        Claim(
            span=claim["span"],
            evidence_ids=(*claim["facts"], *(proof["id"] for proof in claim["proofs"])),
        )
        for claim in stored
    )
