"""Reads a setting: the lead, the strategy, the sender, the evidence and what was written lately."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.enrichment.queries import evidence_of
from domain.errors import NotFound
from domain.sequences.briefing import Setting
from domain.sequences.content import split_footer
from domain.sequences.ports import EvidenceFact, FactSubject, Proof, Recipient, SenderPersona, Strategy

if TYPE_CHECKING:
    from domain.tenancy import Connection

RECENT_BODIES_MAX: Final = 50
"""How many of the sender's last messages a new one is compared with; each costs some 0.1 ms."""


class NoAddress(NotFound):
    """The lead has no e-mail address, or may not be written to any more."""

    code = "LEAD_HAS_NO_ADDRESS"


async def load_setting(
    connection: "Connection",
    *,
    workspace_id: UUID,
    lead_id: UUID,
    profile_id: UUID,
    sender_id: UUID | None,
    now: datetime,
) -> Setting:
    """Read a setting; without a sender the text can't name a mailbox.

    Raises:
        NotFound: no such lead, profile or sender.
        NoAddress: nobody can be written to there.
    """
    row = await connection.fetchrow(
        """
        SELECT l.first_name, l.last_name, l.title, l.email, l.locale, l.source_kind,
               l.restricted_at IS NOT NULL OR l.erased_at IS NOT NULL AS is_closed,
               c.name AS company_name, c.domain AS company_domain,
               p.id AS profile_id, p.persona, p.offer, p.proofs, p.tone, p.cta, p.forbidden_claims, p.languages,
               s.address AS sender_address, w.name AS controller, w.postal_address
        FROM lead l
        JOIN workspace w ON w.id = l.workspace_id
        LEFT JOIN company c ON (c.workspace_id, c.id) = (l.workspace_id, l.company_id)
        LEFT JOIN strategy_profile p ON p.workspace_id = l.workspace_id AND p.id = $3
        LEFT JOIN sender s ON s.workspace_id = l.workspace_id AND s.id = $4
        WHERE l.workspace_id = $1 AND l.id = $2
        """,
        workspace_id,
        lead_id,
        profile_id,
        sender_id,
    )
    if row is None or row["profile_id"] is None or (sender_id and row["sender_address"] is None):
        raise NotFound("no such lead, strategy profile or sender")
    if row["email"] is None or row["is_closed"]:
        raise NoAddress("this lead has no e-mail address that may be written to")
    return Setting(
        workspace_id=workspace_id,
        strategy=_strategy(row),
        persona=SenderPersona(
            **{key: row["persona"].get(key, "") for key in ("name", "role", "company")},
            email=row["sender_address"],
        ),
        recipient=Recipient(
            lead_id=lead_id,
            **{
                name: row[name] or ""
                for name in ("first_name", "last_name", "title", "company_name", "company_domain")
            },
        ),
        facts=await _facts(connection, lead_id=lead_id, now=now),
        to_address=row["email"],
        locale=row["locale"],
        source_kind=row["source_kind"],
        controller=row["controller"],
        postal_address=row["postal_address"],
        previous_bodies=await _recent_bodies(connection, workspace_id, sender_id=sender_id, lead_id=lead_id),
        now=now,
    )


def _strategy(row: Any) -> Strategy:
    proofs = tuple(
        Proof(
            id=f"{row['profile_id']}/{index}",  # a version's proofs never change, nor does their order
            claim=proof["claim"],
            evidence_url=proof.get("evidence_url"),
            valid_until=_day(proof.get("valid_until_on")),
        )
        for index, proof in enumerate(row["proofs"])
    )
    return Strategy(
        offer=row["offer"],
        cta=row["cta"],
        tone=row["tone"],
        proofs=proofs,
        forbidden_claims=tuple(row["forbidden_claims"]),
        languages=tuple(row["languages"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _facts(connection: "Connection", *, lead_id: UUID, now: datetime) -> tuple[EvidenceFact, ...]:
    rows = await evidence_of(connection, lead_id=lead_id, now=now)
    return tuple(EvidenceFact(**{**row, "subject": FactSubject(row["subject"])}) for row in rows)


async def _recent_bodies(
    connection: "Connection", workspace_id: UUID, *, sender_id: UUID | None, lead_id: UUID
) -> tuple[str, ...]:
    rows = await connection.fetch(
        """
        SELECT m.text_body FROM delivery d JOIN message m ON (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
        WHERE d.workspace_id = $1 AND d.sender_id = $2 AND d.sent_at IS NOT NULL AND d.lead_id <> $3
        ORDER BY d.sent_at DESC LIMIT $4
        """,
        workspace_id,
        sender_id,
        lead_id,
        RECENT_BODIES_MAX,
    )
    return tuple(split_footer(row["text_body"])[0] for row in rows)
