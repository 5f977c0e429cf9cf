"""A tiny DNS server over UDP: answers from a table, fails and keeps silent on request."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Self, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

TTL_S = 60

Zone = Mapping[str, Mapping[str, Sequence[str]]]
"""Name (or ``*.suffix``) to record type to values: ``{"acme.example": {"MX": ["10 mail.acme.example."]}}``."""


class DnsSimulator:
    """Authoritative for the names in ``zone``; other names don't exist (NXDOMAIN).

    ``failing`` names answer SERVFAIL, ``silent`` ones nothing. ``questions`` remembers what was asked, as
    (name, type). The sets and the zone may be changed while it runs.
    """

    def __init__(
        self, zone: Zone, *, failing: set[str] | None = None, silent: set[str] | None = None
    ) -> None:
        self.zone = {name.lower(): records for name, records in zone.items()}
        self.failing = failing or set()
        self.silent = silent or set()
        self.questions: list[tuple[str, str]] = []
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Listen; ``port`` 0 takes a free one, told by ``self.port``."""
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Protocol(self), local_addr=(host, port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    async def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()
            await asyncio.sleep(0)  # lets the transport close its socket

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def answer(self, packet: bytes) -> bytes | None:
        """Return the reply to a query, or None for silence."""
        try:
            query = dns.message.from_wire(packet)
        except dns.exception.DNSException:
            return None
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.questions.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        records = self._records(name)
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif records is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif values := records.get(kind):
            answer = dns.rrset.from_text_list(
                question.name, TTL_S, dns.rdataclass.IN, question.rdtype, list(values)
            )
            response.answer.append(answer)
        return response.to_wire()

    def _records(self, name: str) -> Mapping[str, Sequence[str]] | None:
        labels = name.split(".")
        for pattern in (name, *("*." + ".".join(labels[at:]) for at in range(1, len(labels)))):
            if pattern in self.zone:
                return self.zone[pattern]
        # A name with others below it exists, without records of its own.
        return {} if any(known.endswith("." + name) for known in self.zone) else None


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: DnsSimulator) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport doesn't derive from the class.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.answer(data)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)
