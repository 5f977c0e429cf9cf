"""Waiting for news by IDLE (RFC 2177), without a thread per mailbox."""

import asyncio
import base64
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass

from imap_tools.imap_utf7 import utf7_encode

from domain.errors import ProviderUnavailable
from domain.senders.ports import AuthenticationFailed, Credential, FolderCursor, Login, MailAccount, Security
from integrations.smtp_imap.connecting import Dialling, drop, tls_failure
from integrations.smtp_imap.headers import refuse_control

IDLE_S_MAX = 13 * 60
"""Servers may hang up after 29 minutes, and many do sooner."""

_TOLD = re.compile(rb"\[(UIDVALIDITY|UIDNEXT) (\d+)\]", re.IGNORECASE)
_EXISTS = re.compile(rb"\* (\d+) EXISTS", re.IGNORECASE)


async def wait_for_news(
    account: MailAccount, dialling: Dialling, *, cursor: FolderCursor, timeout_s: float
) -> bool:
    """Wait until there is a message after the cursor; see the port."""
    address = await dialling.address_of(account.imap)
    dialogue = None
    try:
        async with asyncio.timeout(dialling.timeouts.imap_total_s):
            dialogue = await _connect(account, dialling, address)
            await _sign_in(dialogue, account.imap_login)
            if b" IDLE" not in await _capabilities(dialogue):
                return False
            told = await dialogue.command(f"EXAMINE {_quoted_folder(cursor.folder)}")
        if _is_behind(cursor, told):
            return True
        return await _idle(dialogue, told, timeout_s=min(timeout_s, IDLE_S_MAX))
    except ssl.SSLError as error:
        raise tls_failure(account.imap, error) from error
    except (OSError, TimeoutError, EOFError, ValueError) as error:
        raise ProviderUnavailable(f"{account.imap.host} fails: {str(error) or 'too slow'}") from error
    finally:
        if dialogue is not None:
            drop(dialogue.writer.transport)


@dataclass(slots=True)
class _Dialogue:
    """Tagged commands over one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    commands: int = 0

    async def line(self) -> bytes:
        line = await self.reader.readline()  # raises ValueError if it is longer than 64 KiB
        if not line.endswith(b"\n"):
            raise EOFError("the server hung up")
        return line.rstrip(b"\r\n")

    def say(self, text: str) -> str:
        self.commands += 1
        tag = f"w{self.commands}"
        self.writer.write(f"{tag} {text}\r\n".encode("ascii"))
        return tag

    async def command(self, text: str) -> list[bytes]:
        """Return the untagged answers; raises ProviderUnavailable for a refusal."""
        return await self.until_done(self.say(text))

    async def until_done(self, tag: str) -> list[bytes]:
        lines = []
        while not (line := await self.line()).startswith(tag.encode() + b" "):
            lines.append(line)
        if not line[len(tag) + 1 :].upper().startswith(b"OK"):
            raise ProviderUnavailable(f"the mail server refused: {line.decode('utf-8', 'replace')}")
        return lines


async def _connect(account: MailAccount, dialling: Dialling, address: str) -> _Dialogue:
    endpoint = account.imap
    tls = dialling.tls if endpoint.security is Security.IMPLICIT_TLS else None
    reader, writer = await asyncio.open_connection(
        address, endpoint.port, ssl=tls, server_hostname=endpoint.host if tls else None
    )
    dialogue = _Dialogue(reader, writer)
    try:
        await dialogue.line()
        if endpoint.security is Security.STARTTLS:
            await dialogue.command("STARTTLS")
            if reader._buffer:  # type: ignore[attr-defined]  # said before the handshake: not the server's words
                raise EOFError("the server spoke before the handshake")
            await writer.start_tls(dialling.tls, server_hostname=endpoint.host)
    except BaseException:
        drop(writer.transport)
        raise
    return dialogue


async def _sign_in(dialogue: _Dialogue, login: Login) -> None:
    offered = await _capabilities(dialogue)
    if login.credential is Credential.OAUTH_TOKEN:
        secret = f"user={login.username}\x01auth=Bearer {login.secret}\x01\x01"
        tag = await _begin_authentication(dialogue, "XOAUTH2", secret)
    elif b"AUTH=PLAIN" in offered:
        tag = await _begin_authentication(dialogue, "PLAIN", f"\0{login.username}\0{login.secret}")
    else:
        tag = dialogue.say(f"LOGIN {_quoted(login.username)} {_quoted(login.secret)}")
    try:
        await dialogue.until_done(tag)
    except ProviderUnavailable as refused:
        raise AuthenticationFailed(refused.message) from refused


async def _begin_authentication(dialogue: _Dialogue, mechanism: str, secret: str) -> str:
    tag = dialogue.say(f"AUTHENTICATE {mechanism}")
    if (await dialogue.line()).startswith(b"+"):
        dialogue.writer.write(base64.b64encode(secret.encode()) + b"\r\n")
    return tag


async def _capabilities(dialogue: _Dialogue) -> bytes:
    return b" ".join(await dialogue.command("CAPABILITY")).upper()


def _is_behind(cursor: FolderCursor, told: list[bytes]) -> bool:
    """Tell whether something came before we began to listen."""
    numbers = {name.upper(): int(number) for line in told for name, number in _TOLD.findall(line)}
    return numbers.get(b"UIDVALIDITY") != cursor.uidvalidity or numbers.get(b"UIDNEXT", 0) > cursor.uid + 1


async def _idle(dialogue: _Dialogue, told: list[bytes], *, timeout_s: float) -> bool:
    count = max((int(found[1]) for line in told if (found := _EXISTS.match(line))), default=0)
    dialogue.say("IDLE")
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            while True:
                line = await dialogue.line()
                found = _EXISTS.match(line)
                if found and int(found[1]) > count:
                    return True
                if found:
                    count = int(found[1])  # fewer: somebody deleted
                elif line.split(b" ", 1)[0].startswith(b"w"):
                    raise EOFError("the server ended the waiting")
    return False


def _quoted_folder(name: str) -> str:
    return _quoted(utf7_encode(name).decode("ascii"))


def _quoted(text: str) -> str:
    refuse_control("an IMAP word", text)
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
