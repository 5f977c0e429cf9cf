"""Test copies: a message sent to the person who asks, from the mailbox it would leave from.

A copy is marked in its subject, carries no unsubscribe link of the lead's, and is no delivery: it neither counts
against any allowance nor shows up in anybody's statistics.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.accounts.queries import get_user
from domain.actor import Actor, ActorKind, require
from domain.errors import Conflict, Forbidden, NotFound, ProviderUnavailable
from domain.idempotency import Idempotency
from domain.ids import new_id
from domain.ports import Ports
from domain.senders.credentials import open_account
from domain.senders.ports import Accepted, MailAccount, OutgoingMail, TransmissionRefused, Unknown
from domain.sequences.content import MessageContent, as_test_copy
from domain.work import unit_of_work
from domain.workspaces.rules import Permission


class AddressUnverified(Conflict):
    """The caller's own address isn't verified, so nothing is sent there."""

    code = "ADDRESS_UNVERIFIED"


async def send_test_copy(
    *, ports: Ports, actor: Actor, message_id: UUID, now: datetime, idempotency: Idempotency | None = None
) -> UUID:
    """Send a message's present content to the caller's own verified address.

    The key is taken before the mail leaves: with one key at most one copy is sent, whatever happens.

    Raises:
        AddressUnverified, NotFound, SenderWithoutSecret.
        TransmissionRefused, AuthenticationFailed, ProviderUnavailable: what the mail server said.
    """
    require(actor, Permission.EDIT_MESSAGES)
    if actor.kind is not ActorKind.USER or actor.user_id is None:
        raise Forbidden("a test copy goes to the person who asks for it; sign in as one")
    user = await get_user(user_id=actor.user_id)
    if user["email_verified_at"] is None:
        raise AddressUnverified("verify your own address first")
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        message = await work.connection.fetchrow(
            "SELECT sender_id, subject, text_body, html_body FROM message WHERE workspace_id = $1 AND id = $2",
            work.workspace_id,
            message_id,
        )
        if message is None:
            raise NotFound("no such message", field=("id",))
        account = await open_account(work.connection, sender_id=message["sender_id"], keyring=ports.keyring)
        work.audit("message.test_send", target_kind="message", target_id=message_id)
        work.answer(message_id)
    await _send(ports, account, _mail(message, account=account, user=user, now=now))
    return message_id


def _mail(message: Any, *, account: MailAccount, user: Any, now: datetime) -> OutgoingMail:
    content = as_test_copy(
        MessageContent(
            subject=message["subject"], text_body=message["text_body"], html_body=message["html_body"]
        )
    )
    return OutgoingMail(
        message_id=f"<{new_id()}@{account.address.rpartition('@')[2]}>",
        from_name=account.display_name,
        from_address=account.address,
        to_name=user["name"],
        to_address=user["email"],
        subject=content.subject,
        text_body=content.text_body,
        html_body=content.html_body,
        date=now,
    )


async def _send(ports: Ports, account: MailAccount, mail: OutgoingMail) -> None:
    async with ports.mailbox.transmission(account, mail) as transmission:
        outcome = await transmission.finish(timeout_s=ports.sending.final_timeout_s)
    match outcome:
        case Accepted():
            return
        case Unknown():
            raise ProviderUnavailable("the mail server didn't answer; the copy may have been sent")
    raise TransmissionRefused(outcome.refusal)
