"""How an SMTP session comes to be: connect, secure, introduce, sign in."""

import asyncio
import base64
import ssl

from domain.errors import ProviderUnavailable
from domain.senders.ports import Credential, Login, MailAccount, Security
from domain.senders.smtp_codes import Stage
from integrations.smtp_imap.connecting import Dialling, Timeouts, tls_failure
from integrations.smtp_imap.smtp_protocol import ConnectionLost, Reply, SmtpProtocol
from integrations.smtp_imap.smtp_session import SmtpSession, login_failure, require

_EHLO_NAME = "[127.0.0.1]"  # submission servers know us by our login; our host's name is nobody's business


async def open_session(account: MailAccount, dialling: Dialling) -> SmtpSession:
    """Connect to the account's server and sign in.

    Raises:
        AuthenticationFailed: the login is no longer good.
        ProviderUnavailable: the server can't be reached, isn't who it should be, or has no time.
        TransmissionRefused: the server doesn't want us at all.
    """
    protocol = await _connect(account, dialling)
    try:
        return await _introduce(account, dialling, protocol)
    except BaseException as error:
        protocol.abort()
        if isinstance(error, ConnectionLost | OSError):
            raise _unreachable(account, error) from error
        raise


async def _connect(account: MailAccount, dialling: Dialling) -> SmtpProtocol:
    endpoint = account.smtp
    address = await dialling.address_of(endpoint)
    tls = dialling.tls if endpoint.security is Security.IMPLICIT_TLS else None
    try:
        async with asyncio.timeout(dialling.timeouts.connect_s):
            _, protocol = await asyncio.get_running_loop().create_connection(
                SmtpProtocol, address, endpoint.port, ssl=tls, server_hostname=endpoint.host if tls else None
            )
    except (OSError, TimeoutError) as error:
        raise _unreachable(account, error) from error
    return protocol


async def _introduce(account: MailAccount, dialling: Dialling, protocol: SmtpProtocol) -> SmtpSession:
    times = dialling.timeouts
    _require_welcome(await protocol.reply(timeout_s=times.command_s))
    extensions = await _greet(protocol, times)
    if account.smtp.security is Security.STARTTLS:
        if "STARTTLS" not in extensions:
            raise ProviderUnavailable(f"{account.smtp.host} offers no STARTTLS, so nothing was said to it")
        [reply] = await protocol.command("STARTTLS", timeout_s=times.command_s)
        if reply.code != 220:
            raise ProviderUnavailable(f"{account.smtp.host} has no TLS now: {reply.code} {reply.text}")
        await protocol.start_tls(dialling.tls, host=account.smtp.host, timeout_s=times.connect_s)
        extensions = await _greet(protocol, times)
    await _sign_in(protocol, account.smtp_login, offered=extensions.get("AUTH", "").split(), times=times)
    return SmtpSession(protocol, times, extensions)


async def _greet(protocol: SmtpProtocol, times: Timeouts) -> dict[str, str]:
    """Return what the server offers: keyword -> parameters, both upper case."""
    [reply] = await protocol.command(f"EHLO {_EHLO_NAME}", timeout_s=times.command_s)
    _require_welcome(reply)
    offers = (line.upper().partition(" ") for line in reply.text.split("\n")[1:])
    return {keyword: parameters for keyword, _, parameters in offers}


async def _sign_in(protocol: SmtpProtocol, login: Login, *, offered: list[str], times: Timeouts) -> None:
    if login.credential is Credential.OAUTH_TOKEN:
        bearer = f"user={login.username}\x01auth=Bearer {login.secret}\x01\x01"
        lines = [f"AUTH XOAUTH2 {_b64(bearer)}"]
    elif "PLAIN" in offered or "LOGIN" not in offered:
        lines = [f"AUTH PLAIN {_b64(chr(0).join(['', login.username, login.secret]))}"]
    else:
        lines = ["AUTH LOGIN", _b64(login.username), _b64(login.secret)]
    for line in lines:
        [reply] = await protocol.command(line, timeout_s=times.command_s)
        if reply.code not in {235, 334}:
            raise login_failure(reply)
    if reply.code == 334:  # XOAUTH2 tells its reason in a challenge and expects an empty line
        [reply] = await protocol.command("", timeout_s=times.command_s)
        raise login_failure(reply)


def _require_welcome(reply: Reply) -> None:
    if reply.code // 100 == 4:
        raise ProviderUnavailable(f"the mail server has no time: {reply.code} {reply.text}")
    require(reply, Stage.GREETING)


def _unreachable(account: MailAccount, error: Exception) -> ProviderUnavailable:
    if isinstance(error, ssl.SSLError):
        return tls_failure(account.smtp, error)
    return ProviderUnavailable(
        f"{account.smtp.host}:{account.smtp.port} can't be reached: {str(error) or 'too slow'}"
    )


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
