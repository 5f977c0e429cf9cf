"""A signed-in IMAP session in a thread: imap-tools over a socket that goes to the address that was allowed."""

import asyncio
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from typing import TypeVar

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox

from domain.errors import ProviderUnavailable
from domain.senders.ports import AuthenticationFailed, Credential, Endpoint, MailAccount, Security
from integrations.smtp_imap.connecting import Dialling, tls_failure
from integrations.smtp_imap.headers import refuse_control

RESPONSE_OCTETS_MAX = 8_000_000
"""No literal may be longer: a hostile server must not fill the memory."""

_TROUBLE_THAT_PASSES = re.compile(
    r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN|THROTTLED)\]", re.IGNORECASE
)

T = TypeVar("T")


class _Client(imaplib.IMAP4):
    """imaplib's client that connects to ``address`` and knows the server as ``host``.

    ``opened`` is given the client as soon as there is a connection that could hang.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        address: str,
        tls: ssl.SSLContext,
        timeout_s: float,
        opened: Callable[["_Client"], None],
    ) -> None:
        self._address = address
        self._opened = opened
        self._implicit_tls = tls if endpoint.security is Security.IMPLICIT_TLS else None
        super().__init__(endpoint.host, endpoint.port, timeout=timeout_s)

    def _create_socket(self, timeout: float) -> socket.socket:
        self.sock = socket.create_connection((self._address, self.port), timeout)
        if self._implicit_tls is None:
            self._opened(self)
            return self.sock
        self.sock = secure = self._implicit_tls.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self._opened(self)
        try:
            secure.do_handshake()
        except BaseException:
            secure.close()
            raise
        return secure

    def hang_up(self) -> None:
        """Unblock a thread that waits for the server."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def read(self, size: int) -> bytes:
        """Read a literal, unless it is absurdly long."""
        if size > RESPONSE_OCTETS_MAX:
            raise self.abort("the server's answer is too long")
        return super().read(size)


class ImapSession(BaseMailBox):
    """imap-tools' mailbox on our client; ``capabilities`` are those after signing in."""

    def __init__(
        self, account: MailAccount, *, address: str, dialling: Dialling, opened: Callable[[_Client], None]
    ) -> None:
        self._opened = opened
        self._account = account
        self._address = address
        self._dialling = dialling
        self.capabilities: frozenset[str] = frozenset()
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        endpoint, dialling = self._account.imap, self._dialling
        client = _Client(
            endpoint,
            address=self._address,
            tls=dialling.tls,
            timeout_s=dialling.timeouts.imap_s,
            opened=self._opened,
        )
        if endpoint.security is Security.STARTTLS:
            try:
                client.starttls(dialling.tls)
            except BaseException:
                with suppress(OSError):  # a failed handshake has closed the socket already
                    client.shutdown()
                raise
        return client

    def sign_in(self) -> None:
        """Authenticate; raises AuthenticationFailed."""
        login = self._account.imap_login
        try:
            if login.credential is Credential.OAUTH_TOKEN:
                self.xoauth2(login.username, login.secret, initial_folder=None)
            elif "AUTH=PLAIN" in self.client.capabilities:
                self.login_utf8(login.username, login.secret, initial_folder=None)
            else:
                refuse_control("login", login.username + login.secret)
                self.login(login.username, login.secret, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, ImapToolsError) as error:
            raise _login_failure(error) from error
        _, [offered] = self.client.capability()
        self.capabilities = frozenset(offered.decode("ascii", "replace").upper().split())


class ImapThreads:
    """Runs IMAP work in threads of its own, each on a fresh session."""

    def __init__(self, dialling: Dialling, executor: Executor) -> None:
        self._dialling = dialling
        self._executor = executor

    async def run(self, account: MailAccount, work: Callable[[ImapSession], T]) -> T:
        """Sign in, do the work and log out, within the total time.

        Raises:
            AuthenticationFailed: the login is no longer good.
            ProviderUnavailable: the server can't be reached, isn't who it should be, fails or is too slow.
        """
        address = await self._dialling.address_of(account.imap)
        opened: list[_Client] = []
        try:
            async with asyncio.timeout(self._dialling.timeouts.imap_total_s):
                return await asyncio.get_running_loop().run_in_executor(
                    self._executor, self._work, account, address, work, opened.append
                )
        except BaseException as error:
            for client in opened:  # given up or cancelled: the thread must not wait on
                client.hang_up()
            if isinstance(error, TimeoutError):
                raise ProviderUnavailable(f"{account.imap.host} takes too long") from None
            raise

    def _work(
        self,
        account: MailAccount,
        address: str,
        work: Callable[[ImapSession], T],
        opened: Callable[[_Client], None],
    ) -> T:
        with _errors_of(account):
            session = ImapSession(account, address=address, dialling=self._dialling, opened=opened)
            try:
                session.sign_in()
                result = work(session)
                with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                    session.logout()  # what was learned stays true if the goodbye fails
                return result
            finally:
                with suppress(OSError):
                    session.client.shutdown()


@contextmanager
def _errors_of(account: MailAccount) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        raise tls_failure(account.imap, error) from error
    except (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError) as error:
        raise ProviderUnavailable(
            f"{account.imap.host}:{account.imap.port} fails: {str(error) or 'too slow'}"
        ) from error


def _login_failure(error: Exception) -> AuthenticationFailed | ProviderUnavailable:
    told = str(error)
    if _TROUBLE_THAT_PASSES.search(told):
        return ProviderUnavailable(f"the mail server can't check logins now: {told}")
    return AuthenticationFailed(f"the mail server refused the login: {told}")
