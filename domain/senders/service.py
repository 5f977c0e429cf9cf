"""Senders: connect, change, pause and let go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.exceptions import IntegrityError

from domain.actor import Actor, require
from domain.errors import Conflict, StaleVersion
from domain.ids import new_id
from domain.secrets.envelope import Entropy, unwrap_data_key
from domain.secrets.keyring import Keyring
from domain.senders import rules
from domain.senders.credentials import seal_passwords
from domain.senders.events import (
    SenderConnected,
    SenderDisconnected,
    SenderPaused,
    SenderReauthRequired,
    SenderResumed,
    SenderUpdated,
)
from domain.senders.models import Sender
from domain.senders.queries import get_sender
from domain.senders.rules import CAN_SEND, SENDER_STATES, SenderStatus, ServerAccess
from domain.senders.tasks import VerifySender
from domain.sending.allowance import DEFAULT_SENDS_PER_DAY
from domain.sending.ramps import parse_ramp
from domain.sending.windows import parse_window
from domain.work import Work, unit_of_work
from domain.workspaces.queries import get_settings, get_wrapped_data_key
from domain.workspaces.rules import Permission


class SenderTaken(Conflict):
    """The workspace has this mailbox already."""

    code = "SENDER_TAKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to reach a mailbox; the passwords stay in memory until they are sealed."""

    smtp: ServerAccess
    imap: ServerAccess
    smtp_password: str
    imap_password: str

    def __repr__(self) -> str:
        return f"Access(smtp={self.smtp!r}, imap={self.imap!r})"


async def connect_sender(
    *,
    actor: Actor,
    address: str,
    display_name: str,
    access: Access,
    keyring: Keyring,
    entropy: Entropy,
    now: datetime,
    ramp: Mapping[str, int] | None = None,
) -> UUID:
    """Store a mailbox with its login sealed, and have it verified.

    Args:
        ramp: ``start_per_day`` and ``step_per_day`` of its warm-up; None: it has none.

    Raises:
        SenderTaken: it is connected already.
        Invalid: an address or a name nobody could send with, or no warm-up.
    """
    require(actor, Permission.MANAGE_SENDERS)
    address, sender_id = rules.parse_address(address), new_id()
    sealed = await _seal(actor, sender_id, access, keyring=keyring, entropy=entropy)
    async with unit_of_work(actor, now=now) as work:
        try:
            await Sender.create(
                id=sender_id,
                workspace_id=actor.workspace_id,
                address=address,
                domain=address.rpartition("@")[2],
                display_name=rules.parse_display_name(display_name),
                server={"smtp": access.smtp.as_data(), "imap": access.imap.as_data()},
                secret_encrypted=sealed,
                status=SenderStatus.VERIFYING,
                ramp=await _ramp(work, ramp, daily_limit=DEFAULT_SENDS_PER_DAY),
                authorized_by=actor.user_id,
            )
        except IntegrityError:
            raise SenderTaken("this mailbox is connected already", field=("address",)) from None
        work.emit(SenderConnected(subject_id=sender_id))
        work.audit("sender.connect", target_kind="sender", target_id=sender_id)
        await work.enqueue(VerifySender(sender_id=sender_id))
    return sender_id


async def reconnect_sender(
    *, actor: Actor, sender_id: UUID, access: Access, keyring: Keyring, entropy: Entropy, now: datetime
) -> UUID:
    """Replace a mailbox's servers and passwords, and verify it anew; its queue stays."""
    require(actor, Permission.MANAGE_SENDERS)
    sealed = await _seal(actor, sender_id, access, keyring=keyring, entropy=entropy)
    async with unit_of_work(actor, now=now) as work:
        sender = await get_sender(workspace_id=actor.workspace_id, sender_id=sender_id, for_update=True)
        _begin_verifying(sender)
        sender.server = {"smtp": access.smtp.as_data(), "imap": access.imap.as_data()}
        sender.secret_encrypted = sealed
        await sender.save(update_fields=["server", "secret_encrypted", "status", "status_reason"])
        work.emit(SenderConnected(subject_id=sender_id))
        work.audit("sender.reconnect", target_kind="sender", target_id=sender_id)
        await work.enqueue(VerifySender(sender_id=sender_id))
    return sender_id


async def request_verification(*, actor: Actor, sender_id: UUID, now: datetime) -> UUID:
    """Have a mailbox verified again with the login we have; asking twice checks once."""
    require(actor, Permission.MANAGE_SENDERS)
    async with unit_of_work(actor, now=now) as work:
        sender = await get_sender(workspace_id=actor.workspace_id, sender_id=sender_id, for_update=True)
        _begin_verifying(sender)
        await sender.save(update_fields=["status", "status_reason"])
        work.audit("sender.verify", target_kind="sender", target_id=sender_id)
        await work.enqueue(VerifySender(sender_id=sender_id))
    return sender_id


async def update_sender(
    *, actor: Actor, sender_id: UUID, changes: dict[str, Any], expected_version: int | None, now: datetime
) -> UUID:
    """Change ``display_name``, ``daily_limit``, ``gap_min_s``, ``gap_max_s``, ``ramp`` or ``sending_window``.

    Args:
        changes: fields that change; a ``sending_window`` of None means the workspace's, a ``ramp`` of None none, and
            any other begins today.
    """
    require(actor, Permission.MANAGE_SENDERS)
    async with unit_of_work(actor, now=now) as work:
        sender = await get_sender(workspace_id=actor.workspace_id, sender_id=sender_id, for_update=True)
        if expected_version is not None and sender.version != expected_version:
            raise StaleVersion(expected=expected_version, current=sender.version)
        if changes.get("display_name") is not None:
            sender.display_name = rules.parse_display_name(changes["display_name"])
        limits = {
            name: changes[name] if changes.get(name) is not None else getattr(sender, name)
            for name in ("daily_limit", "gap_min_s", "gap_max_s")
        }
        sender.daily_limit, sender.gap_min_s, sender.gap_max_s = rules.parse_limits(**limits)
        if "sending_window" in changes:
            window = changes["sending_window"]
            sender.sending_window = None if window is None else parse_window(**window).as_data()
        if "ramp" in changes:
            sender.ramp = await _ramp(work, changes["ramp"], daily_limit=sender.daily_limit)
        await sender.save(update_fields=["display_name", *limits, "sending_window", "ramp"])
        work.emit(SenderUpdated(subject_id=sender_id))
        work.audit("sender.update", target_kind="sender", target_id=sender_id, fields=sorted(changes))
    return sender_id


async def pause_sender(*, actor: Actor, sender_id: UUID, now: datetime) -> UUID:
    """Stop sending from a mailbox; what waits for it waits on. Pausing twice changes nothing."""
    require(actor, Permission.MANAGE_SENDERS)
    async with unit_of_work(actor, now=now) as work:
        await pause(work, sender_id=sender_id, reason="paused by a member", automatic=False)
        work.audit("sender.pause", target_kind="sender", target_id=sender_id)
    return sender_id


async def resume_sender(*, actor: Actor, sender_id: UUID, now: datetime) -> UUID:
    """Send from a paused mailbox again; resuming one that sends changes nothing."""
    require(actor, Permission.MANAGE_SENDERS)
    async with unit_of_work(actor, now=now) as work:
        sender = await get_sender(workspace_id=actor.workspace_id, sender_id=sender_id, for_update=True)
        if sender.status in CAN_SEND:
            return sender_id
        if sender.status != SenderStatus.PAUSED:
            raise Conflict(f"a sender that is {sender.status} can't be resumed; verify or reconnect it")
        sender.status, sender.status_reason = SenderStatus.ACTIVE, None
        await sender.save(update_fields=["status", "status_reason"])
        work.emit(SenderResumed(subject_id=sender_id))
        work.audit("sender.resume", target_kind="sender", target_id=sender_id)
    return sender_id


async def disconnect_sender(*, actor: Actor, sender_id: UUID, now: datetime) -> UUID:
    """Let a mailbox go and destroy its login for good; repeating it changes nothing.

    What waits for it isn't sent from elsewhere, because a thread never changes its sender.
    """
    require(actor, Permission.MANAGE_SENDERS)
    async with unit_of_work(actor, now=now) as work:
        sender = await get_sender(workspace_id=actor.workspace_id, sender_id=sender_id, for_update=True)
        if sender.status == SenderStatus.DISCONNECTED:
            return sender_id
        sender.status, sender.status_reason = SenderStatus.DISCONNECTED, None
        sender.secret_encrypted = None
        sender.disconnected_at = now
        await sender.save(update_fields=["status", "status_reason", "secret_encrypted", "disconnected_at"])
        work.emit(SenderDisconnected(subject_id=sender_id))
        work.audit("sender.disconnect", target_kind="sender", target_id=sender_id)
    return sender_id


async def pause(work: Work, *, sender_id: UUID, reason: str, automatic: bool) -> None:
    """Pause a sender that can send, inside another use case.

    Args:
        reason: for people, shown with the sender.
        automatic: a provider's refusal or a bounce rate did it, not a person.
    """
    sender = await get_sender(workspace_id=work.workspace_id, sender_id=sender_id, for_update=True)
    if sender.status not in CAN_SEND:
        return
    sender.status, sender.status_reason = SenderStatus.PAUSED, reason[:300]
    await sender.save(update_fields=["status", "status_reason"])
    work.emit(SenderPaused(subject_id=sender_id, automatic=automatic))


async def require_reauthentication(work: Work, *, sender_id: UUID, reason: str) -> None:
    """Note that a sender's login is refused, while sending or polling; its queue stays. Safe to repeat."""
    sender = await get_sender(workspace_id=work.workspace_id, sender_id=sender_id, for_update=True)
    if not SENDER_STATES.allows(SenderStatus(sender.status), SenderStatus.REAUTH_REQUIRED):
        return
    sender.status, sender.status_reason = SenderStatus.REAUTH_REQUIRED, reason[:300]
    await sender.save(update_fields=["status", "status_reason"])
    work.emit(SenderReauthRequired(subject_id=sender_id))


def _begin_verifying(sender: Sender) -> None:
    if sender.status != SenderStatus.VERIFYING:
        SENDER_STATES.require(SenderStatus(sender.status), SenderStatus.VERIFYING)
    sender.status, sender.status_reason = SenderStatus.VERIFYING, None


async def _ramp(work: Work, given: Mapping[str, int] | None, *, daily_limit: int) -> dict[str, Any]:
    """Return the data of a warm-up that begins today, where the workspace is; empty for none."""
    if given is None:
        return {}
    settings = await get_settings(work.connection, workspace_id=work.workspace_id)
    today = work.now.astimezone(ZoneInfo(settings["default_time_zone"])).date()
    return parse_ramp(**given, daily_limit=daily_limit, today=today).as_data()


async def _seal(
    actor: Actor, sender_id: UUID, access: Access, *, keyring: Keyring, entropy: Entropy
) -> bytes:
    key_id, wrapped = await get_wrapped_data_key(workspace_id=actor.workspace_id)
    data_key = unwrap_data_key(wrapped, key_id=key_id, workspace_id=actor.workspace_id, keyring=keyring)
    return seal_passwords(
        sender_id=sender_id,
        smtp_password=rules.parse_secret(access.smtp_password, half="smtp"),
        imap_password=rules.parse_secret(access.imap_password, half="imap"),
        data_key=data_key,
        entropy=entropy,
    )
