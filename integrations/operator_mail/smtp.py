"""Sends verification, reset, invitation and privacy mails through one SMTP server of the operator's."""

import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from domain.errors import NotConfigured, ProviderUnavailable

log = structlog.get_logger(__name__)

POLICY = SMTP.clone(max_line_length=998)
PORTS = {"smtp": 587, "smtps": 465}


class OperatorSmtp:
    """The operator's server.

    Args:
        url: ``smtps://user:password@host:465`` or ``smtp://…:587``, the latter with STARTTLS except on loopback.
        sender: the From header.
    """

    def __init__(self, *, url: str, sender: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise NotConfigured("PLERA_MAIL_URL is smtps://user:password@host or smtp://…")
        self._host, self._port = parts.hostname, parts.port or PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._implicit_tls = parts.scheme == "smtps"
        loopback = self._host in {"localhost", "127.0.0.1", "::1"}
        self._start_tls = not self._implicit_tls and not loopback
        self._sender = sender
        self._tls = tls or ssl.create_default_context()

    async def send(self, *, to_address: str, subject: str, body: str) -> None:
        """Send one plain-text mail; marked as automatic so that nobody's robot answers it."""
        mail = EmailMessage(policy=POLICY)
        mail["From"], mail["To"], mail["Subject"] = self._sender, to_address, subject
        mail["Date"], mail["Message-ID"] = (
            formatdate(),
            make_msgid(domain=self._sender.rpartition("@")[2].strip(">")),
        )
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(body)
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._implicit_tls,
                start_tls=self._start_tls,
                tls_context=self._tls,
                timeout=30,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ProviderUnavailable(f"the operator's SMTP server: {type(error).__name__}") from error


class ConsoleMail:
    """Stands in for a trial without an SMTP server: prints the mail where the operator sees it."""

    async def send(self, *, to_address: str, subject: str, body: str) -> None:
        """Print the mail to the log."""
        log.warning(
            "mail_not_configured", hint="set PLERA_MAIL_URL", to=to_address, subject=subject, body=body
        )
