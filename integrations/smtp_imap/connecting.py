"""Where to connect and how: to the address that was allowed, and for how long at most."""

import asyncio
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from domain.errors import NotConfigured, ProviderUnavailable
from domain.senders.ports import Endpoint, Security


def drop(transport: asyncio.WriteTransport) -> None:
    """Close a connection now, with whatever hasn't been written; doing it twice changes nothing."""
    with suppress(
        AttributeError
    ):  # a closed TLS transport has lost its protocol, and Python < 3.11.4 doesn't look
        transport.abort()


Resolve = Callable[[str, int], Awaitable[str]]
"""``await resolve(host, port)`` gives the one IP address to connect to, or raises for a forbidden one."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a server may take, in seconds.

    Attributes:
        connect_s: TCP and TLS.
        command_s: the answer to an SMTP command; greylisting and tarpits are slow on purpose.
        body_s: to take the whole body.
        imap_s: one IMAP command.
        imap_total_s: a whole IMAP task, from connecting to logging out.
    """

    connect_s: float = 15
    command_s: float = 60
    body_s: float = 120
    imap_s: float = 30
    imap_total_s: float = 120


@dataclass(frozen=True, slots=True)
class Dialling:
    """The operator's rules for connections to mail servers.

    Attributes:
        resolve: turns a host into the address to connect to.
        tls: verifies certificates and names; trusts what the operator's settings say.
        plain_loopback: whether unprotected connections to loopback addresses are allowed.
    """

    resolve: Resolve
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    timeouts: Timeouts = field(default_factory=Timeouts)
    plain_loopback: bool = False

    async def address_of(self, endpoint: Endpoint) -> str:
        """Return the address to connect to.

        Raises:
            NotConfigured: an unprotected connection that the operator doesn't allow.
            ProviderUnavailable: the name couldn't be resolved.
        """
        try:
            address = await self.resolve(endpoint.host, endpoint.port)
        except OSError as error:
            raise ProviderUnavailable(f"{endpoint.host} could not be resolved") from error
        if endpoint.security is Security.PLAIN:
            self._require_loopback(address)
        return address

    def _require_loopback(self, address: str) -> None:
        if not (self.plain_loopback and ipaddress.ip_address(address).is_loopback):
            raise NotConfigured("unprotected connections to mail servers are not allowed here")


def tls_failure(endpoint: Endpoint, error: ssl.SSLError) -> ProviderUnavailable:
    """Return what to tell of a failed handshake: the reason, without the peer's bytes."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return ProviderUnavailable(
            f"the certificate of {endpoint.host} is not trusted: {error.verify_message}"
        )
    return ProviderUnavailable(
        f"no TLS with {endpoint.host}:{endpoint.port}: {error.reason or 'handshake failed'}"
    )
