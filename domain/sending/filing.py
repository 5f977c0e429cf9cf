"""After a message has left: a copy in the sent folder, and the Message-ID that recipients see. Best effort."""

from collections.abc import Callable
from datetime import datetime

import structlog

from domain.actor import Actor
from domain.errors import DomainError
from domain.ports import Ports
from domain.sending.claiming import Claim
from domain.work import unit_of_work

log = structlog.get_logger(__name__)


async def file_away(claim: Claim, *, ports: Ports, clock: Callable[[], datetime]) -> None:
    """File our own copy where the server files none, and read back the final id where it makes a new one.

    The outcome is recorded already, so a failure here costs a copy and nothing else.
    """
    composed = claim.composed
    try:
        if composed.files_sent_copy is False:
            await ports.mailbox.append_sent(claim.account, composed.mail)
        if composed.rewrites_message_id:
            presence = await ports.mailbox.look_up(claim.account, message_id=composed.mail.message_id)
            if presence.final_message_id is not None:
                await _keep_final_id(claim, presence.final_message_id, now=clock())
    except DomainError as error:
        log.warning("not_filed", delivery_id=str(claim.delivery_id), reason=error.message)


async def _keep_final_id(claim: Claim, final_id: str, *, now: datetime) -> None:
    async with unit_of_work(Actor.job(claim.workspace_id), now=now) as work:
        await work.connection.execute(
            "UPDATE delivery SET rfc_message_id_final = $3 WHERE workspace_id = $1 AND id = $2",
            claim.workspace_id,
            claim.delivery_id,
            final_id,
        )
