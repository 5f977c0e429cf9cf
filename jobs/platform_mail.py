"""Sends the installation's own mails that wait in `platform_mail`."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from domain.accounts import mailing
from domain.errors import ProviderUnavailable
from domain.ports import Ports

log = structlog.get_logger(__name__)

TRIES_MAX = 8


async def send_platform_mail(ports: Ports, clock: Callable[[], datetime]) -> None:
    """Send what is due; a failure waits longer each time and is given up after some tries."""
    for mail in await mailing.claim_due(limit=20, lease=timedelta(minutes=2), now=clock()):
        try:
            await ports.operator_mail.send(to_address=mail.to_address, subject=mail.subject, body=mail.body)
        except ProviderUnavailable as error:
            gone = mail.attempts >= TRIES_MAX
            log.warning("platform_mail_failed", mail_id=str(mail.id), gave_up=gone, reason=error.message)
            due_at = None if gone else clock() + timedelta(seconds=30 * 2**mail.attempts)
            await mailing.put_back(mail_id=mail.id, due_at=due_at, error=error.message)
        else:
            await mailing.finish(mail_id=mail.id)
