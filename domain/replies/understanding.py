"""From a fetched mail to what it is, whose it is and what it says; nothing is written.

Mail is written by strangers: parsing and pattern matching may take seconds on hostile ones, so they run in a
thread and never inside a transaction.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain import tenancy
from domain.replies import queries
from domain.replies.bounces import Bounce, parse_bounces
from domain.replies.classifying import classify
from domain.replies.labels import Classification, Label
from domain.replies.matching import NO_MATCH, Match, Participant, match_mail
from domain.replies.mime import InboundMail, drop_echo, read_mail
from domain.senders.ports import FetchedMail
from domain.sequences.reply_rules import ReplyRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A mail that is worth keeping.

    Attributes:
        participant: who wrote, as seen from the lead it concerns.
        sent: the delivery it belongs to (``queries.get_concern``); None when none.
        lead_id: the delivery's lead, else the lead with the writer's address.
        bounce: the failure of our recipient, with label BOUNCE.
        received_on: the day it came, in ``zone``.
        zone: the lead's, else the workspace's.
    """

    sender_id: UUID
    fetched: FetchedMail
    mail: InboundMail
    match: Match
    participant: Participant
    classification: Classification
    bounce: Bounce | None
    sent: Any
    lead_id: UUID | None
    zone: ZoneInfo
    received_on: date

    @property
    def received_at(self) -> datetime:
        """When it came; not before what it answers left, because mail servers tell whole seconds."""
        sent_at = self.sent["sent_at"] if self.sent else None
        return max(self.fetched.received_at, sent_at) if sent_at else self.fetched.received_at

    @property
    def rules(self) -> ReplyRules:
        """The rules of the sequence it answers, else the defaults."""
        return ReplyRules.of(self.sent["ruleset"]) if self.sent else ReplyRules()


async def understand(fetched: FetchedMail, *, workspace_id: UUID, sender_id: UUID) -> Understood | None:
    """Read, match and classify a mail.

    Returns:
        None for what is none of our business: our own mails, and mail of the mailbox's owner that answers nothing
        we sent, is from no lead and asks for nothing that binds us. Nothing of it is kept.
    """
    mail = await asyncio.to_thread(read_mail, fetched.raw)
    async with tenancy.reading(workspace_id) as connection:
        ours = await queries.list_our_addresses(connection, workspace_id=workspace_id)
        if mail.sender.address in ours:
            return None
        candidates = await queries.list_candidates(
            connection,
            workspace_id=workspace_id,
            sender_id=sender_id,
            mail=mail,
            received_at=fetched.received_at,
        )
        match = match_mail(mail, candidates=candidates, received_at=fetched.received_at)
        sent, lead_id = None, None
        if match.delivery_id is not None:
            sent = await queries.get_concern(
                connection, workspace_id=workspace_id, delivery_id=match.delivery_id
            )
            lead_id = sent["lead_id"]
        else:
            lead_id = await queries.find_lead(
                connection, workspace_id=workspace_id, address=mail.sender.address
            )
        zone = await queries.get_time_zone(connection, workspace_id=workspace_id, lead_id=lead_id)
    found = await asyncio.to_thread(
        _conclude,
        fetched,
        mail,
        sender_id=sender_id,
        match=match,
        sent=sent,
        lead_id=lead_id,
        zone=ZoneInfo(zone),
        ours=ours,
    )
    return found if _is_ours(found) else None


def _conclude(
    fetched: FetchedMail,
    mail: InboundMail,
    *,
    sender_id: UUID,
    match: Match,
    sent: Any,
    lead_id: UUID | None,
    zone: ZoneInfo,
    ours: frozenset[str],
) -> Understood:
    if sent is not None:
        mail = drop_echo(mail, sent_text=sent["text_body"])
    received_on = fetched.received_at.astimezone(zone).date()
    classification = classify(mail, received_on=received_on, our_addresses=ours)
    participant = match.participant
    if match is NO_MATCH and lead_id is not None:
        participant = Participant.LEAD  # a lead writes by themselves; the address says so
    return Understood(
        sender_id=sender_id,
        fetched=fetched,
        mail=mail,
        match=match,
        participant=participant,
        classification=classification,
        bounce=_bounce_of(mail, sent) if classification.label is Label.BOUNCE else None,
        sent=sent,
        lead_id=lead_id,
        zone=zone,
        received_on=received_on,
    )


def _bounce_of(mail: InboundMail, sent: Any) -> Bounce | None:
    """Return our recipient's failure, else the first; reports of forwarders name an address we don't know."""
    bounces = parse_bounces(mail)
    address = sent["to_address"].lower() if sent else ""
    return next((each for each in bounces if each.recipient == address), next(iter(bounces), None))


def _is_ours(found: Understood) -> bool:
    if found.sent is not None:
        return True
    label = found.classification.label
    return label.is_binding or (found.lead_id is not None and label.is_human)
