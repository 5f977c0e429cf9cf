"""Senders: connect, verify, change, pause, let go."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.senders import rules, service
from domain.senders.ports import Security
from domain.senders.service import Access
from resolvers.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerArguments:
    """One half of a mailbox as a caller gives it."""

    host: str
    port: int
    security: Security
    username: str
    password: str


async def connect_sender(
    context: Context,
    *,
    address: str,
    display_name: str,
    smtp: ServerArguments,
    imap: ServerArguments,
    ramp: dict[str, int] | None,
) -> UUID:
    """Resolve ``Mutation.senderConnect``."""
    return await service.connect_sender(
        actor=context.actor,
        address=address,
        display_name=display_name,
        access=_access(smtp, imap),
        keyring=context.ports.keyring,
        entropy=secrets.token_bytes,
        now=context.now(),
        ramp=ramp,
    )


async def reconnect_sender(
    context: Context, *, sender_id: UUID, smtp: ServerArguments, imap: ServerArguments
) -> UUID:
    """Resolve ``Mutation.senderReconnect``."""
    return await service.reconnect_sender(
        actor=context.actor,
        sender_id=sender_id,
        access=_access(smtp, imap),
        keyring=context.ports.keyring,
        entropy=secrets.token_bytes,
        now=context.now(),
    )


async def verify_sender(context: Context, *, sender_id: UUID) -> UUID:
    """Resolve ``Mutation.senderVerify``."""
    return await service.request_verification(actor=context.actor, sender_id=sender_id, now=context.now())


async def update_sender(
    context: Context, *, sender_id: UUID, changes: dict[str, Any], expected_version: int | None
) -> UUID:
    """Resolve ``Mutation.senderUpdate``."""
    return await service.update_sender(
        actor=context.actor,
        sender_id=sender_id,
        changes=changes,
        expected_version=expected_version,
        now=context.now(),
    )


async def pause_sender(context: Context, *, sender_id: UUID) -> UUID:
    """Resolve ``Mutation.senderPause``."""
    return await service.pause_sender(actor=context.actor, sender_id=sender_id, now=context.now())


async def resume_sender(context: Context, *, sender_id: UUID) -> UUID:
    """Resolve ``Mutation.senderResume``."""
    return await service.resume_sender(actor=context.actor, sender_id=sender_id, now=context.now())


async def disconnect_sender(context: Context, *, sender_id: UUID) -> UUID:
    """Resolve ``Mutation.senderDisconnect``."""
    return await service.disconnect_sender(actor=context.actor, sender_id=sender_id, now=context.now())


def _access(smtp: ServerArguments, imap: ServerArguments) -> Access:
    smtp_access, imap_access = (
        rules.parse_server(
            half=half, host=one.host, port=one.port, security=one.security, username=one.username
        )
        for half, one in (("smtp", smtp), ("imap", imap))
    )
    return Access(
        smtp=smtp_access, imap=imap_access, smtp_password=smtp.password, imap_password=imap.password
    )
