"""Steps around sending: a mail provider, a sender at it, and approved messages that wait to leave."""

import dataclasses
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.actor import Actor
from domain.credits.rules import GrantSource
from domain.credits.service import grant
from domain.ids import new_id
from domain.ports import Ports
from domain.secrets.envelope import unwrap_data_key
from domain.senders.credentials import seal_passwords
from domain.senders.ports import Mailbox, Security
from domain.senders.rules import ServerAccess
from domain.sequences.content import Footer, compose_content, content_hash
from domain.sequences.events import MessageApproved
from domain.work import Work, unit_of_work
from domain.workspaces.queries import get_wrapped_data_key
from integrations.smtp_imap.connecting import Dialling, Timeouts
from integrations.smtp_imap.mailbox import SmtpImapMailbox
from jobs.sending import DeliveryPump
from simulators.mail.certificates import Authority
from simulators.mail.server import MailServer
from simulators.mail.store import Account, Provider
from tests.waiting import HANGS_S
from tests.world import World

PASSWORD = "correct horse"
ALWAYS_OPEN = {
    "days": {day: [["00:00", "24:00"]] for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")}
}
POSTAL_ADDRESS = "1 Long Street\n12345 Springfield"
TIMES = Timeouts(connect_s=HANGS_S, command_s=HANGS_S, body_s=HANGS_S, imap_s=HANGS_S, imap_total_s=HANGS_S)


@dataclass(slots=True)
class Post:
    """A running mail provider, the adapter that trusts it, and ports that use both.

    ``ports`` stands in for the world's own where a step sends.
    """

    server: MailServer
    provider: Provider
    mailbox: Mailbox
    ports: Ports

    def account(self, address: str = "jo@example.com") -> Account:
        """The provider's side of a mailbox."""
        return self.provider.accounts[address]

    def sent(self) -> list[str]:
        """Recipients of everything that was accepted, in order."""
        return [accepted.recipient for accepted in self.provider.accepted]


@asynccontextmanager
async def running_post(
    world: World,
    *,
    address: str = "jo@example.com",
    files_sent_copies: bool = True,
    authority: Authority | None = None,
    **policy: Any,
) -> AsyncIterator[Post]:
    """Run a provider with one account over TLS; ``policy`` changes fields of the sending policy."""
    provider = Provider([Account(address, PASSWORD, files_sent_copies=files_sent_copies)])
    authority = authority or Authority()

    async def loopback(_host: str, _port: int) -> str:
        return "127.0.0.1"

    mailbox = SmtpImapMailbox(Dialling(resolve=loopback, tls=authority.trusting(), timeouts=TIMES))
    ports = world.services.ports
    ports = dataclasses.replace(
        ports, mailbox=mailbox, sending=dataclasses.replace(ports.sending, settle_delay_s=0, **policy)
    )
    async with MailServer(provider, authority) as server:
        yield Post(server=server, provider=provider, mailbox=mailbox, ports=ports)
        await mailbox.aclose()


def servers_of(post: Post, *, address: str = "jo@example.com") -> dict[str, Any]:
    """Where the provider listens, as a sender's ``server`` column holds it."""

    def access(port: int) -> dict[str, Any]:
        return ServerAccess(
            host="localhost", port=port, security=Security.IMPLICIT_TLS, username=address
        ).as_data()

    return {"smtp": access(post.server.ports.smtps), "imap": access(post.server.ports.imaps)}


async def connected_sender(
    world: World,
    post: Post,
    *,
    address: str = "jo@example.com",
    password: str = PASSWORD,
    files_sent_copy: bool | None = True,
    **columns: Any,
) -> UUID:
    """Insert a verified sender whose messages need no gap; ``columns`` override its own."""
    sender_id = new_id()
    key_id, wrapped = await get_wrapped_data_key(workspace_id=world.workspace_id)
    data_key = unwrap_data_key(
        wrapped, key_id=key_id, workspace_id=world.workspace_id, keyring=post.ports.keyring
    )
    sealed = seal_passwords(
        sender_id=sender_id,
        smtp_password=password,
        imap_password=password,
        data_key=data_key,
        entropy=secrets.token_bytes,
    )
    await insert(
        world,
        "sender",
        id=sender_id,
        kind="SMTP_IMAP",
        address=address,
        domain=address.rpartition("@")[2],
        display_name="Jo Doe",
        secret_encrypted=sealed,
        **{
            "status": "ACTIVE",
            "files_sent_copy": files_sent_copy,
            "server": servers_of(post, address=address),
            "sending_window": ALWAYS_OPEN,
            "gap_min_s": 0,
            "gap_max_s": 0,
            **columns,
        },
    )
    return sender_id


@dataclass(slots=True)
class Campaign:
    """A run of a play with a sequence, and the sender that serves it."""

    run_id: UUID
    play_id: UUID
    sequence_id: UUID
    sender_id: UUID
    steps: list[UUID] = field(default_factory=list)


async def running_campaign(
    world: World, sender_id: UUID, *, steps: tuple[dict[str, Any], ...] = ({},), credits: int = 1_000
) -> Campaign:
    """Insert a running run; each step may override its columns. Grants credits, and opens the window."""
    profile_id, sequence_id, play_id, run_id = (new_id() for _ in range(4))
    await insert(
        world,
        "strategy_profile",
        id=profile_id,
        lineage_id=profile_id,
        number=1,
        name="Profile",
        persona={"name": "Jo", "role": "CEO", "company": "Acme"},
        offer="Robots",
        tone="calm",
        cta="A call?",
    )
    await insert(
        world, "sequence", id=sequence_id, lineage_id=sequence_id, number=1, name="Sequence", status="ACTIVE"
    )
    campaign = Campaign(run_id, play_id, sequence_id, sender_id)
    for position, columns in enumerate(steps, start=1):
        step_id = new_id()
        mode = "NEW" if position == 1 else "REPLY"
        await insert(
            world,
            "sequence_step",
            **{
                "id": step_id,
                "sequence_id": sequence_id,
                "position": position,
                "thread_mode": mode,
                **columns,
            },
        )
        campaign.steps.append(step_id)
    common = {"profile_id": profile_id, "sequence_id": sequence_id, "source": {}, "budget_credits": 1_000}
    await insert(world, "play", id=play_id, name="Play", status="ACTIVE", **common)
    await insert(
        world,
        "run",
        id=run_id,
        play_id=play_id,
        status="RUNNING",
        **common,
        enrichment_plan=[],
        inputs_hash="x",
        seed=1,
    )
    if credits:
        await granted(world, credits)
    return campaign


async def granted(world: World, amount: int) -> None:
    """Grant credits."""
    async with unit_of_work(world.actor, now=world.now()) as work:
        await grant(work, source=GrantSource.OPERATOR, amount=amount, reference=secrets.token_hex(4))


async def enrolled_lead(world: World, campaign: Campaign, *, email: str, **columns: Any) -> tuple[UUID, UUID]:
    """Insert a lead with a verified address and enrol it; returns (lead, enrollment)."""
    lead_id, enrollment_id = new_id(), new_id()
    await insert(
        world,
        "lead",
        id=lead_id,
        **{
            "email": email,
            "email_identity": email,
            "email_status": "VALID",
            "email_checked_at": world.now(),
            "full_name": "Ada Lovelace",
            "source_kind": "UPLOAD",
            **columns,
        },
    )
    await insert(
        world,
        "enrollment",
        id=enrollment_id,
        run_id=campaign.run_id,
        lead_id=lead_id,
        sequence_id=campaign.sequence_id,
        sender_id=campaign.sender_id,
        status="ACTIVE",
    )
    return lead_id, enrollment_id


async def written_message(
    world: World, campaign: Campaign, *, lead_id: UUID, enrollment_id: UUID, email: str, step: int = 0
) -> UUID:
    """Insert a message that waits for review, with its footer and its hash."""
    message_id = new_id()
    content = compose_content(
        subject="A question",
        text_body="Hello Ada,\n\nhow are your robots?",
        claims=(),
        footer=Footer(language="en", postal_address=POSTAL_ADDRESS),
    )
    await insert(
        world,
        "message",
        id=message_id,
        run_id=campaign.run_id,
        enrollment_id=enrollment_id,
        step_id=campaign.steps[step],
        lead_id=lead_id,
        sender_id=campaign.sender_id,
        to_address=email,
        subject=content.subject,
        text_body=content.text_body,
        html_body=content.html_body,
        content_hash=content_hash(content),
        drafted_by="liquid",
        status="IN_REVIEW",
    )
    return message_id


async def approved(world: World, message_id: UUID) -> UUID | None:
    """Approve a message as the owner, and return its delivery, if there is one already."""
    async with unit_of_work(world.actor, now=world.now()) as work:
        content = await work.connection.fetchval(
            "UPDATE message SET status = 'APPROVED' WHERE id = $1 RETURNING content_hash", message_id
        )
        enrollment_id = await work.connection.fetchval(
            "SELECT enrollment_id FROM message WHERE id = $1", message_id
        )
        run_id = await work.connection.fetchval("SELECT run_id FROM message WHERE id = $1", message_id)
        await _insert(
            work,
            "approval",
            id=new_id(),
            message_id=message_id,
            content_hash=content,
            decided_by=world.user_id,
            decision="APPROVED",
        )
        work.emit(
            MessageApproved(
                subject_id=message_id, run_id=run_id, content_hash=content, enrollment_id=enrollment_id
            )
        )
    rows = await world.fetch("SELECT id FROM delivery WHERE message_id = $1 ORDER BY id DESC", message_id)
    return rows[0]["id"] if rows else None


async def waiting_delivery(
    world: World, campaign: Campaign, *, to: str = "ada@acme.example", **lead: Any
) -> UUID:
    """A lead with an approved first message; returns the delivery."""
    lead_id, enrollment_id = await enrolled_lead(world, campaign, email=to, **lead)
    message_id = await written_message(
        world, campaign, lead_id=lead_id, enrollment_id=enrollment_id, email=to
    )
    delivery_id = await approved(world, message_id)
    assert delivery_id is not None
    return delivery_id


async def delivery(world: World, delivery_id: UUID) -> dict[str, Any]:
    """The delivery's row."""
    [row] = await world.fetch("SELECT * FROM delivery WHERE id = $1", delivery_id)
    return row


async def send_due(world: World, post: Post, *, now_s: float = 0) -> None:
    """Send what is due, as the worker does; ``now_s`` moves the gate's clock."""
    await DeliveryPump(post.ports, lambda: world.now() + timedelta(seconds=now_s)).drain(world.workspace_id)


async def make_due(world: World, *delivery_ids: UUID) -> None:
    """Let the time of waiting deliveries come."""
    await world.fetch(
        "UPDATE delivery SET due_at = clock_timestamp() - interval '1 s' WHERE id = ANY ($1) RETURNING id",
        list(delivery_ids),
    )


async def balances(world: World) -> tuple[int, int, int]:
    """Available, held and consumed credits."""
    [row] = await world.fetch("SELECT available, held, consumed FROM credit_account")
    return row["available"], row["held"], row["consumed"]


async def insert(world: World, table: str, **columns: Any) -> None:
    """Insert a row as the worker; dicts and lists become JSON."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await _insert(work, table, **columns)


async def _insert(work: Work, table: str, **columns: Any) -> None:
    columns = {"workspace_id": work.workspace_id, **columns}
    values = [orjson.dumps(v).decode() if isinstance(v, dict | list) else v for v in columns.values()]
    places = ", ".join(
        f"${n}::jsonb" if isinstance(v, dict | list) else f"${n}"
        for n, v in enumerate(columns.values(), start=1)
    )
    await work.connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *values)
