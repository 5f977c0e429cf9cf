"""Locks that decisions about messages take, and what they take back."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from domain.errors import Conflict, NotFound
from domain.sequences import queries
from domain.sequences.models import Approval, Message
from domain.work import Work


class MessageLeft(Conflict):
    """The message was handed to a mail server, or may have been."""

    code = "MESSAGE_LEFT"


async def lock_message(work: Work, message_id: UUID) -> Message:
    """Return a message for changing; raises NotFound.

    Its enrollment is locked first: so does who stops it, and who hands its messages to a mail server.
    """
    await lock_enrollments(work, where="t.id = $2", values=[message_id])
    message = await Message.filter(workspace_id=work.workspace_id, id=message_id).select_for_update().first()
    if message is None:
        raise NotFound("no such message", field=("id",))
    return message


async def require_not_left(work: Work, message_id: UUID) -> None:
    """Raise MessageLeft when the message may be in somebody's inbox already."""
    if await queries.has_left(work.connection, message_id=message_id):
        raise MessageLeft("this message has been sent, or is being sent")


async def void_approval(work: Work, message_id: UUID) -> None:
    """Take the validity from whatever was decided about a message."""
    await Approval.filter(workspace_id=work.workspace_id, message_id=message_id, status="VALID").update(
        status="VOIDED", voided_at=work.now
    )


_ENROLLMENTS: Final = """
SELECT FROM enrollment WHERE workspace_id = $1 AND id IN (
    SELECT t.enrollment_id FROM message t WHERE t.workspace_id = $1 AND {where}
) ORDER BY id FOR NO KEY UPDATE
"""


async def lock_enrollments(work: Work, *, where: str, values: Sequence[Any]) -> None:
    """Lock the enrollments of the messages (``t``) that a condition selects, in everybody's order."""
    await work.connection.execute(_ENROLLMENTS.format(where=where), work.workspace_id, *values)
