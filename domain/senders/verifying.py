"""Verification: a real login on both sides, and a test message to the mailbox itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.errors import DomainError
from domain.ids import new_id
from domain.ports import Ports
from domain.senders.credentials import open_account
from domain.senders.events import SenderVerificationFailed, SenderVerified
from domain.senders.ports import AuthenticationFailed, MailAccount, OutgoingMail, VerifyReport
from domain.senders.queries import get_sender
from domain.senders.rules import SenderStatus
from domain.work import unit_of_work

WATCH_S: Final = 20.0
"""How long the test message may take to turn up."""

REWRITES_MESSAGE_ID: Final = "PLERA:REWRITES-MESSAGE-ID"
"""Noted among a sender's capabilities when its server replaces our Message-ID."""


async def verify_sender(
    *, ports: Ports, actor: Actor, sender_id: UUID, clock: Callable[[], datetime]
) -> SenderStatus | None:
    """Check a mailbox that waits for it, and return what it became; None when nobody asked for a check.

    Safe to repeat: a second test message is all it costs.
    """
    async with tenancy.reading(actor.workspace_id) as connection:
        status = await connection.fetchval(
            "SELECT status FROM sender WHERE workspace_id = $1 AND id = $2", actor.workspace_id, sender_id
        )
        if status != SenderStatus.VERIFYING:
            return None
        account = await open_account(connection, sender_id=sender_id, keyring=ports.keyring)
    probe = _probe(account, now=clock())
    try:
        report = await ports.mailbox.verify(account, probe=probe, wait_s=WATCH_S)
    except AuthenticationFailed as error:
        return await _refuse(
            actor, sender_id, SenderStatus.REAUTH_REQUIRED, f"{error.reason}: {error.message}", now=clock()
        )
    except DomainError as error:
        return await _refuse(actor, sender_id, SenderStatus.PENDING_AUTH, error.message, now=clock())
    return await _accept(actor, sender_id, report, probe=probe, now=clock())


async def _accept(
    actor: Actor, sender_id: UUID, report: VerifyReport, *, probe: OutgoingMail, now: datetime
) -> SenderStatus | None:
    async with unit_of_work(actor, now=now) as work:
        sender = await get_sender(workspace_id=actor.workspace_id, sender_id=sender_id, for_update=True)
        if sender.status != SenderStatus.VERIFYING:
            return None  # disconnected meanwhile
        sender.status = SenderStatus.ACTIVE
        sender.status_reason = (
            None if report.received else f"the test message had not come back after {WATCH_S:.0f} s"
        )
        sender.files_sent_copy = report.files_sent_copy
        rewrites = report.final_message_id not in (None, probe.message_id)
        sender.capabilities = [*sorted(report.capabilities), *([REWRITES_MESSAGE_ID] if rewrites else [])]
        sender.verified_at = now
        await sender.save(
            update_fields=["status", "status_reason", "files_sent_copy", "capabilities", "verified_at"]
        )
        work.emit(SenderVerified(subject_id=sender_id, files_sent_copy=report.files_sent_copy))
    return SenderStatus.ACTIVE


async def _refuse(
    actor: Actor, sender_id: UUID, status: SenderStatus, reason: str, *, now: datetime
) -> SenderStatus | None:
    async with unit_of_work(actor, now=now) as work:
        sender = await get_sender(workspace_id=actor.workspace_id, sender_id=sender_id, for_update=True)
        if sender.status != SenderStatus.VERIFYING:
            return None
        sender.status, sender.status_reason = status, reason[:300]
        await sender.save(update_fields=["status", "status_reason"])
        work.emit(SenderVerificationFailed(subject_id=sender_id, status=status))
    return status


def _probe(account: MailAccount, *, now: datetime) -> OutgoingMail:
    return OutgoingMail(
        message_id=f"<{new_id()}@{account.address.rpartition('@')[2]}>",
        from_name=account.display_name,
        from_address=account.address,
        to_name=account.display_name,
        to_address=account.address,
        subject="Plera checks this mailbox",
        text_body=(
            "Plera sent this message from your mailbox to your mailbox, to see that sending works and whether "
            "your provider keeps a copy of what is sent. You can delete it.\n"
        ),
        date=now,
        auto_submitted="auto-generated",
        extra_headers={"X-Auto-Response-Suppress": "All"},
    )
