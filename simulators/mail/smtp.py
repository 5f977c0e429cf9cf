"""The provider's SMTP side: takes mail from its accounts, or misbehaves as their faults say."""

import asyncio
import base64
import logging
import re
import ssl
from collections.abc import Callable
from email.utils import make_msgid
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from simulators.mail.store import Account, Drop, Provider

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells of every line

_MESSAGE_ID_LINE = re.compile(rb"^(Message-ID:[^\r]*(?:\r\n[ \t][^\r]*)*)\r\n", re.IGNORECASE | re.MULTILINE)

Delivered = Callable[[Account, bytes, str], None]
"""Called with the sender, the message as delivered and the recipient."""


class Handler:
    """What happens at each step of a dialogue; aiosmtpd knows the methods by their names."""

    def __init__(self, provider: Provider, *, delivered: Delivered) -> None:
        self._provider = provider
        self._delivered = delivered
        self._greylisted: set[tuple[str, str]] = set()

    def authenticate(self, _: SMTP, __: Session, ___: Envelope, ____: str, data: LoginPassword) -> AuthResult:
        """Check a login."""
        account = self._provider.find(data.login.decode())
        if account is None or account.password != data.password.decode():
            return AuthResult(success=False, handled=False)
        if account.faults.login_refusal:
            return AuthResult(success=False, handled=False, message=account.faults.login_refusal)
        return AuthResult(success=True, auth_data=account)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """Check a bearer token, which here is the account's password."""
        text = base64.b64decode(args[1]).decode()
        user, bearer = text.split("\x01")[:2]
        account = self._provider.find(user.removeprefix("user="))
        if account is not None and bearer == f"auth=Bearer {account.password}":
            return AuthResult(success=True, auth_data=account)
        await server.challenge_auth('{"status":"401","schemes":"bearer"}')
        return AuthResult(success=False, handled=False)

    async def handle_EHLO(
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offer what aiosmtpd does but doesn't tell."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_MAIL(
        self, _: SMTP, session: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        """Let accounts send as themselves only."""
        account = session.auth_data
        if account is None:
            return "530 5.7.0 Authentication required"
        if address.lower() != account.address.lower():
            return "550 5.7.60 Client does not have permissions to send as this sender"
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        """Refuse whom the account's faults name, and greylist."""
        account = _signed_in(session)
        faults = account.faults
        pair = (account.address, address.lower())
        if address.lower() in faults.unknown_recipients:
            return "550 5.1.1 The email account that you tried to reach does not exist"
        if faults.greylists and pair not in self._greylisted:
            self._greylisted.add(pair)
            return "450 4.7.1 Greylisted, please try again later"
        if _is_due(account, Drop.BEFORE_DATA):
            _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the message, or fail to."""
        account = _signed_in(session)
        if _is_due(account, Drop.BEFORE_ACCEPTING):
            _hang_up(server)
        if account.faults.refusal:
            return account.faults.refusal
        assert isinstance(envelope.content, bytes)
        final = _rewritten(envelope.content, account) if account.rewrites_message_id else envelope.content
        for recipient in envelope.rcpt_tos:
            self._provider.accept(
                sent=envelope.content, raw=final, sender=account.address, recipient=recipient
            )
            self._delivered(account, final, recipient)
        if _is_due(account, Drop.AFTER_ACCEPTING):
            _hang_up(server)
        await asyncio.sleep(account.faults.delay_s)
        return f"250 2.0.0 OK queued as {len(self._provider.accepted):08}"


def smtp_protocol(handler: Handler, *, starttls: ssl.SSLContext | None) -> SMTP:
    """Return one connection's protocol; without ``starttls`` the listener itself must speak TLS."""
    settings: dict[str, Any] = {"tls_context": starttls, "require_starttls": True} if starttls else {}
    return SMTP(
        handler,
        hostname="mail.example",
        ident="ESMTP",
        authenticator=handler.authenticate,
        auth_require_tls=starttls is not None,
        loop=asyncio.get_running_loop(),
        **settings,
    )


def _signed_in(session: Session) -> Account:
    account: Any = session.auth_data
    assert isinstance(account, Account)
    return account


def _is_due(account: Account, drop: Drop) -> bool:
    faults = account.faults
    if faults.drop is not drop or faults.drop_times == 0:
        return False
    faults.drop_times -= 1
    return True


def _hang_up(server: SMTP) -> None:
    """Drop the connection as a crash would; ending the task keeps aiosmtpd from answering."""
    transport = server.transport
    assert isinstance(transport, asyncio.WriteTransport)
    transport.abort()
    raise asyncio.CancelledError


def _rewritten(raw: bytes, account: Account) -> bytes:
    """Replace the Message-ID and keep the old one aside, as Outlook does."""
    new = make_msgid(domain=f"prod.{account.address.rpartition('@')[2]}").encode()
    return _MESSAGE_ID_LINE.sub(
        lambda line: b"Message-ID: " + new + b"\r\nX-Microsoft-Original-" + line.group(1) + b"\r\n",
        raw,
        count=1,
    )
