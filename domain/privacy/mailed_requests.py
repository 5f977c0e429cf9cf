"""Requests that come by mail: somebody answered a message by invoking a right."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.privacy.rules import Regime, RequestKind
from domain.privacy.service import PrivacyRequestAlreadyOpen, open_request
from domain.replies.labels import Nuance

KINDS: Final[Mapping[str, RequestKind]] = {
    Nuance.ACCESS_REQUEST: RequestKind.ACCESS,
    Nuance.ERASURE_REQUEST: RequestKind.DELETE,
    Nuance.OBJECTION: RequestKind.OBJECT,
}


async def open_mailed_request(
    *, actor: Actor, reply_id: UUID, wanted: str, identity_key: bytes, now: datetime
) -> UUID | None:
    """Open the request of a mail's writer; None when theirs is open already.

    A sender can be forged, so a code is asked for as for any other request.

    Args:
        wanted: a ``Nuance``; what is none of the known rights is taken for an objection.
    """
    async with tenancy.reading(actor.workspace_id) as connection:
        address = await connection.fetchval(
            "SELECT from_address FROM reply WHERE workspace_id = $1 AND id = $2", actor.workspace_id, reply_id
        )
    if not address:
        return None
    try:
        return await open_request(
            actor=actor,
            kind=KINDS.get(wanted, RequestKind.OBJECT),
            email=address,
            regime=Regime.GDPR,
            identity_key=identity_key,
            now=now,
            channel="REPLY",
        )
    except PrivacyRequestAlreadyOpen:
        return None
