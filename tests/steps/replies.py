"""Steps around replies: a sequence whose first message has left, mail that comes back, and reading the mailbox."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from domain.replies.polling import Poller
from tests.steps.sending import (
    Campaign,
    Post,
    approved,
    connected_sender,
    delivery,
    enrolled_lead,
    running_campaign,
    send_due,
    written_message,
)
from tests.world import World

LEAD = "grace@lead.example"
US = "jo@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A lead whose first message has left, and whose second is approved and waits.

    Attributes:
        first_id, second_id: deliveries.
        message_id: the Message-ID the lead has seen, with brackets.
    """

    campaign: Campaign
    sender_id: UUID
    lead_id: UUID
    enrollment_id: UUID
    first_id: UUID
    second_id: UUID
    message_id: str
    email: str


async def begun_conversation(
    world: World, post: Post, *, email: str = LEAD, campaign: Campaign | None = None, **lead: Any
) -> Conversation:
    """Send a lead the first of two approved messages; the second is due in three days."""
    if campaign is None:
        sender_id = await connected_sender(world, post, capabilities=["IDLE"], verified_at=world.now())
        campaign = await running_campaign(world, sender_id, steps=({}, {"delay_days": 3}))
    lead_id, enrollment_id = await enrolled_lead(world, campaign, email=email, **lead)
    messages = [
        await written_message(
            world, campaign, lead_id=lead_id, enrollment_id=enrollment_id, email=email, step=step
        )
        for step in (0, 1)
    ]
    first_id = await approved(world, messages[0])
    assert first_id is not None
    assert await approved(world, messages[1]) is None
    await send_due(world, post)
    [second] = await world.fetch("SELECT id FROM delivery WHERE message_id = $1", messages[1])
    first = await delivery(world, first_id)
    assert first["state"] == "SENT"
    return Conversation(
        campaign=campaign,
        sender_id=campaign.sender_id,
        lead_id=lead_id,
        enrollment_id=enrollment_id,
        first_id=first_id,
        second_id=second["id"],
        message_id=first["rfc_message_id"],
        email=email,
    )


def a_reply(
    text: str,
    *,
    to: str = "",
    sender: str = f"Grace Hopper <{LEAD}>",
    subject: str = "Re: A question",
    message_id: str = "<answer-1@lead.example>",
    **headers: str,
) -> bytes:
    """Return a raw mail to us; ``to`` is the Message-ID it answers, ``headers`` have ``_`` for ``-``."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, US, subject
    if message_id:
        mail["Message-ID"] = message_id
    if to:
        mail["In-Reply-To"] = mail["References"] = to
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return bytes(mail)


def a_bounce(
    of: str, *, status: str = "5.1.1", words: str = "550 5.1.1 user unknown", action: str = "failed"
) -> bytes:
    """Return a delivery-status notification about our message with this Message-ID."""
    report = f"""\
From: Mail Delivery System <MAILER-DAEMON@mx.lead.example>
To: {US}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{status}-{action}@mx.lead.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.lead.example

Final-Recipient: rfc822; {LEAD}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: text/rfc822-headers

Message-ID: {of}
From: {US}
To: {LEAD}
Subject: A question

--b--
"""
    return report.replace("\n", "\r\n").encode()


def arrives(post: Post, raw: bytes, *, at: datetime, mailbox: str = US) -> None:
    """Put a mail into the mailbox."""
    post.account(mailbox).inbox.add(raw, received_at=at)


async def poll(world: World, post: Post, sender_id: UUID) -> int | None:
    """Read the mailbox as the worker does."""
    poller = Poller(ports=post.ports, clock=world.clock, interval_s=60)
    return await poller.poll(workspace_id=world.workspace_id, sender_id=sender_id)


async def receives(world: World, post: Post, talk: Conversation, raw: bytes) -> list[dict[str, Any]]:
    """Let a mail come and read it; returns all stored replies, oldest first."""
    arrives(post, raw, at=world.now())
    assert await poll(world, post, talk.sender_id) is not None
    return await world.fetch("SELECT * FROM reply ORDER BY id")


async def enrollment_of(world: World, talk: Conversation) -> dict[str, Any]:
    """The enrollment's status, pause and end of pause."""
    [row] = await world.fetch(
        "SELECT status, pause_reason, resume_at FROM enrollment WHERE id = $1", talk.enrollment_id
    )
    return row


async def events_of(world: World, *types: str) -> list[tuple[str, dict[str, Any]]]:
    """Events of these types, in order, with their payloads."""
    rows = await world.fetch(
        "SELECT type, payload FROM event WHERE type = ANY ($1) ORDER BY seq", list(types)
    )
    return [(row["type"], row["payload"]) for row in rows]
