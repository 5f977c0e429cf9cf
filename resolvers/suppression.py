"""Suppressions: by hand, by list, by the link in a message."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain import tenancy
from domain.actor import require
from domain.identity import email_identity
from domain.ids import new_id
from domain.suppression import lists, queries, service, unsubscribing
from domain.suppression.keys import Recipient
from domain.suppression.rules import (
    Entry,
    LiftBasis,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
)
from domain.suppression.tokens import read_unsubscribe_token
from domain.suppression.unsubscribing import Wish
from domain.workspaces.rules import Permission
from resolvers.context import Context, Services
from resolvers.uploads import Upload, keep_upload

LIST_BYTES_MAX = 50 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSuppression:
    """What a caller wants to suppress; ``value`` is an id for LEAD and COMPANY."""

    kind: SuppressionKind
    value: str
    reason: SuppressionReason
    scope: SuppressionScope
    scope_id: UUID | None
    evidence: str | None
    expires_at: datetime | None


async def add_suppression(context: Context, new: NewSuppression) -> UUID:
    """Resolve ``Mutation.suppressionAdd``."""
    return await service.add_suppression(
        actor=context.actor,
        kind=new.kind,
        value=new.value,
        reason=new.reason,
        scope=new.scope,
        scope_id=new.scope_id,
        evidence=new.evidence,
        expires_at=new.expires_at,
        identity_key=context.ports.identity_key,
        now=context.now(),
    )


async def lift_suppression(context: Context, *, suppression_id: UUID, basis: LiftBasis, comment: str) -> UUID:
    """Resolve ``Mutation.suppressionLift``."""
    return await service.lift_suppression(
        actor=context.actor, suppression_id=suppression_id, basis=basis, comment=comment, now=context.now()
    )


async def import_suppressions(context: Context, *, file: Upload, key: str | None) -> UUID:
    """Resolve ``Mutation.suppressionImport``: keep the file, read it in the background."""
    actor = context.actor
    require(actor, Permission.ADD_SUPPRESSIONS)
    import_id = new_id()
    path = context.ports.data_dir / "suppressions" / str(actor.workspace_id) / f"{import_id}.list"
    kept = await keep_upload(file, path=path, bytes_max=LIST_BYTES_MAX)
    try:
        return await lists.start_import(
            actor=actor,
            import_id=import_id,
            file_name=kept.name,
            file_path=str(kept.path),
            byte_size=kept.byte_size,
            now=context.now(),
            idempotency=context.once("suppressionImport", key, {"file": kept.sha256}, required=True),
        )
    except BaseException:  # refused or repeated: nobody will read this copy
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise


async def check_email(context: Context, *, email: str) -> list[Entry]:
    """Resolve ``Query.suppressionCheck``: the entries that forbid writing to an address now."""
    actor = context.actor
    require(actor, Permission.READ)
    email_identity(email)
    async with tenancy.reading(actor.workspace_id) as connection:
        [entries] = await queries.match_each(
            connection,
            recipients=[Recipient(emails=(email,))],
            identity_key=context.ports.identity_key,
            now=context.now(),
        )
    return entries


async def find_sender_name(services: Services, *, token: str) -> str | None:
    """Return whose message a link came with; None when the message isn't kept any more.

    Raises:
        UnsubscribeTokenInvalid: the link isn't one of ours.
    """
    origin = await unsubscribing.find_origin(message_id=_message_id(services, token))
    return origin.workspace_name if origin else None


async def stop_messages(services: Services, *, token: str, wish: Wish, request_id: str) -> None:
    """Do what the person with the link asks for.

    Raises:
        UnsubscribeTokenInvalid: the link isn't one of ours.
    """
    message_id = _message_id(services, token)
    origin = await unsubscribing.find_origin(message_id=message_id)
    if origin is None:  # its workspace was purged or the person erased: nothing can be sent any more
        return
    await unsubscribing.stop_messages(
        message_id=message_id,
        origin=origin,
        wish=wish,
        identity_key=services.ports.identity_key,
        request_id=request_id,
        now=services.clock(),
    )


def _message_id(services: Services, token: str) -> UUID:
    return read_unsubscribe_token(token, keys=(services.ports.unsubscribe_key,))
