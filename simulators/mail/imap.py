"""The provider's IMAP side (RFC 3501 with IDLE, SPECIAL-USE, LITERAL+ and XOAUTH2): what mail programs need."""

import asyncio
import base64
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from imap_tools.imap_utf7 import utf7_decode, utf7_encode

from simulators.mail.imap_fetch import render
from simulators.mail.imap_search import search
from simulators.mail.imap_words import Word, numbers_in, quote, read_words
from simulators.mail.store import Account, Folder, Message, Provider

_BASIC = "IMAP4rev1 LITERAL+ AUTH=PLAIN AUTH=XOAUTH2"
_BEFORE_LOGIN = {"CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "LOGIN", "AUTHENTICATE"}


class No(Exception):
    """The command is understood and refused."""


class ImapSession:
    """One connection: reads commands and answers them until the client logs out."""

    def __init__(
        self,
        provider: Provider,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        starttls: ssl.SSLContext | None,
    ) -> None:
        self._provider = provider
        self._reader = reader
        self._writer = writer
        self._starttls = starttls
        self._account: Account | None = None
        self._folder: Folder | None = None
        self._told_count = 0

    async def serve(self) -> None:
        """Answer until the end."""
        self._say(f"* OK [CAPABILITY {self._capabilities()}] mail.example")
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while words := await read_words(self._reader, self._writer):
                tag, name, *arguments = words
                await self._answer(str(tag), str(name).upper(), arguments)
                await self._writer.drain()
                if str(name).upper() == "LOGOUT":
                    return

    async def _answer(self, tag: str, name: str, arguments: list[Word]) -> None:
        by_uid = name == "UID"
        if by_uid:
            name, arguments = str(arguments[0]).upper(), arguments[1:]
        if self._account is None and name not in _BEFORE_LOGIN:
            self._say(f"{tag} BAD log in first")
            return
        command = getattr(self, f"_do_{name.lower()}", None)
        if command is None:
            self._say(f"{tag} BAD unknown command {name}")
            return
        try:
            options = {"by_uid": by_uid} if name in {"FETCH", "SEARCH", "STORE"} else {}
            done = await command(*arguments, **options)
        except No as refusal:
            self._say(f"{tag} NO {refusal}")
        except (ValueError, IndexError, TypeError) as error:
            self._say(f"{tag} BAD {error}")
        else:
            self._say(f"{tag} OK {done or 'done'}")
            if name == "STARTTLS":
                await self._writer.start_tls(self._starttls)  # type: ignore[arg-type]
                self._starttls = None

    def _say(self, line: str) -> None:
        self._writer.write(line.encode("latin-1") + b"\r\n")

    def _capabilities(self) -> str:
        offers = [_BASIC]
        if self._starttls:
            offers.append("STARTTLS LOGINDISABLED")
        if self._account:
            offers += ["IDLE"] * self._account.offers_idle + [
                "SPECIAL-USE"
            ] * self._account.offers_special_use
        return " ".join(offers)

    async def _do_capability(self) -> None:
        self._say(f"* CAPABILITY {self._capabilities()}")

    async def _do_noop(self) -> None:
        self._tell_count()

    async def _do_logout(self) -> None:
        self._say("* BYE see you")

    async def _do_starttls(self) -> None:
        if self._starttls is None:
            raise ValueError("TLS is on already")

    async def _do_login(self, username: Word, password: Word) -> None:
        if self._starttls:
            raise No("[PRIVACYREQUIRED] not without TLS")
        self._enter(str(username), str(password).encode("latin-1").decode())

    async def _do_authenticate(self, mechanism: Word) -> None:
        if self._starttls:
            raise No("[PRIVACYREQUIRED] not without TLS")
        self._say("+ ")
        text = base64.b64decode(await self._reader.readline()).decode()
        if str(mechanism).upper() == "PLAIN":
            _, username, password = text.split("\0")
        else:
            user, bearer = text.split("\x01")[:2]
            username, password = user.removeprefix("user="), bearer.removeprefix("auth=Bearer ")
        self._enter(username, password)

    def _enter(self, username: str, password: str) -> None:
        account = self._provider.find(username)
        if account is None or account.password != password:
            raise No("[AUTHENTICATIONFAILED] Invalid credentials")
        self._account = account

    async def _do_list(self, _: Word, pattern: Word) -> None:
        account = self._of_account()
        for folder in account.folders.values():
            if pattern in {"*", "%"} or folder.name == _decoded(pattern):
                flags = f"\\HasNoChildren {folder.special_use if account.offers_special_use else ''}".strip()
                self._say(f'* LIST ({flags}) "/" {_encoded(folder.name)}')

    async def _do_select(self, name: Word) -> str:
        self._folder = folder = self._named(name)
        self._say("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)")
        self._told_count = -1
        self._tell_count()
        self._say("* 0 RECENT")
        self._say(f"* OK [UIDVALIDITY {folder.uidvalidity}] valid")
        self._say(f"* OK [UIDNEXT {folder.next_uid}] next")
        return "[READ-WRITE] selected"

    async def _do_examine(self, name: Word) -> str:
        return (await self._do_select(name)).replace("READ-WRITE", "READ-ONLY")

    async def _do_status(self, name: Word, items: Word) -> None:
        folder = self._named(name)
        values = {
            "MESSAGES": len(folder.messages),
            "RECENT": 0,
            "UIDNEXT": folder.next_uid,
            "UIDVALIDITY": folder.uidvalidity,
            "UNSEEN": sum("\\Seen" not in message.flags for message in folder.messages),
        }
        told = " ".join(f"{str(item).upper()} {values[str(item).upper()]}" for item in items)
        self._say(f"* STATUS {_encoded(folder.name)} ({told})")

    async def _do_close(self) -> None:
        self._folder = None

    async def _do_create(self, name: Word) -> None:
        folders = self._of_account().folders
        if _decoded(name) in folders:
            raise No("[ALREADYEXISTS] there is one")
        folders[_decoded(name)] = Folder(_decoded(name))

    async def _do_append(self, name: Word, *rest: Word) -> None:
        flags = {str(flag) for flag in next((word for word in rest if isinstance(word, list)), [])}
        dates = [word for word in rest[:-1] if isinstance(word, str)]
        received_at = parsedate_to_datetime(dates[0].replace("-", " ", 2)) if dates else datetime.now(UTC)
        self._named(name).add(str(rest[-1]).encode("latin-1"), received_at=received_at, flags=flags)

    async def _do_search(self, *criteria: Word, by_uid: bool) -> None:
        found = search(self._selected(), list(criteria))
        numbers = [message.uid if by_uid else number for number, message in found]
        self._say(" ".join(["* SEARCH", *map(str, numbers)]))

    async def _do_fetch(self, chosen: Word, items: Word, *, by_uid: bool) -> None:
        wanted: list[Word] = items if isinstance(items, list) else [items]
        if by_uid and "UID" not in [str(item).upper() for item in wanted]:
            wanted = [*wanted, "UID"]
        for number, message in self._chosen(str(chosen), by_uid=by_uid):
            self._writer.write(render(number, message, wanted))

    async def _do_store(self, chosen: Word, action: Word, flags: Word, *, by_uid: bool) -> None:
        given = {str(flag) for flag in (flags if isinstance(flags, list) else [flags])}
        for number, message in self._chosen(str(chosen), by_uid=by_uid):
            sign = str(action)[0]
            kept = message.flags - given if sign == "-" else message.flags | given
            message.flags = kept if sign in "+-" else given
            self._writer.write(render(number, message, ["UID", "FLAGS"]))

    async def _do_idle(self) -> None:
        folder, news = self._selected(), asyncio.Event()
        self._say("+ idling")
        folder.watchers.add(news.set)
        done = asyncio.ensure_future(self._reader.readline())
        try:
            while not done.done():
                self._tell_count()
                await self._writer.drain()
                waiting = asyncio.ensure_future(news.wait())
                await asyncio.wait({done, waiting}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                news.clear()
        finally:
            done.cancel()
            folder.watchers.discard(news.set)

    def _tell_count(self) -> None:
        if self._folder is not None and len(self._folder.messages) != self._told_count:
            self._told_count = len(self._folder.messages)
            self._say(f"* {self._told_count} EXISTS")

    def _chosen(self, text: str, *, by_uid: bool) -> list[tuple[int, Message]]:
        folder = self._selected()
        highest = folder.next_uid - 1 if by_uid else len(folder.messages)
        wanted = numbers_in(text, highest=highest)
        numbered = enumerate(folder.messages, start=1)
        return [(n, message) for n, message in numbered if (message.uid if by_uid else n) in wanted]

    def _of_account(self) -> Account:
        assert self._account is not None
        return self._account

    def _selected(self) -> Folder:
        if self._folder is None:
            raise ValueError("select a folder first")
        return self._folder

    def _named(self, name: Word) -> Folder:
        folders = self._of_account().folders
        folder = folders.get("INBOX" if str(name).upper() == "INBOX" else _decoded(name))
        if folder is None:
            raise No("[NONEXISTENT] no such folder")
        return folder


def _encoded(name: str) -> str:
    return quote(utf7_encode(name).decode("ascii"))


def _decoded(name: Word) -> str:
    return str(utf7_decode(str(name).encode("latin-1")))
