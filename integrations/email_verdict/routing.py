"""Where a domain's mail goes, by DNS (RFC 5321 section 5.1, RFC 7505)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.MX import MX

from domain.enrichment.rules.emails import MailRouting

# The resolver's search list and ndots must not turn "acme.example" into "acme.example.corp.internal".
_NO_SEARCH = False


@dataclass(frozen=True, slots=True)
class Route:
    """The answer: what kind of routing, and the mail servers, preferred first, without final dots."""

    routing: MailRouting
    hosts: tuple[str, ...] = ()


def dns_resolver(
    *, nameservers: Sequence[str] = (), port: int = 53, timeout_s: float = 5.0
) -> dns.asyncresolver.Resolver:
    """Return a resolver.

    Args:
        nameservers: addresses; empty takes the system's.
        port: of the given name servers.
        timeout_s: for one question, retries included.
    """
    resolver = dns.asyncresolver.Resolver(configure=not nameservers)
    if nameservers:
        resolver.nameservers = list(nameservers)
        resolver.port = port
    resolver.lifetime = timeout_s
    resolver.timeout = min(2.0, timeout_s)
    return resolver


async def find_route(domain: str, *, resolver: dns.asyncresolver.Resolver) -> Route:
    """Ask for MX, and for addresses if there is none. Trouble with DNS is UNAVAILABLE, not an exception.

    Args:
        domain: in ASCII (IDNA) form.
    """
    try:
        answer = await resolver.resolve(domain, dns.rdatatype.MX, search=_NO_SEARCH)
    except dns.resolver.NXDOMAIN:
        return Route(MailRouting.NO_DOMAIN)
    except dns.resolver.NoAnswer:
        return await _address_route(domain, resolver=resolver)
    except (dns.exception.DNSException, OSError):
        return Route(MailRouting.UNAVAILABLE)
    records = sorted((each for each in answer if isinstance(each, MX)), key=lambda each: each.preference)
    hosts = tuple(each.exchange.to_text(omit_final_dot=True).lower() for each in records)
    if all(each.exchange == dns.name.root for each in records):
        return Route(MailRouting.NULL_MX)
    return Route(MailRouting.MX, tuple(host for host in hosts if host not in ("", ".", "@")))


async def _address_route(domain: str, *, resolver: dns.asyncresolver.Resolver) -> Route:
    answers = await asyncio.gather(
        _has_address(domain, dns.rdatatype.A, resolver=resolver),
        _has_address(domain, dns.rdatatype.AAAA, resolver=resolver),
    )
    if True in answers:
        return Route(MailRouting.ADDRESS_ONLY, (domain,))
    return Route(MailRouting.UNAVAILABLE if None in answers else MailRouting.NOWHERE)


async def _has_address(
    domain: str, kind: dns.rdatatype.RdataType, *, resolver: dns.asyncresolver.Resolver
) -> bool | None:
    """Tell whether the domain has such a record; None if nobody answers."""
    try:
        await resolver.resolve(domain, kind, search=_NO_SEARCH)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return False
    except (dns.exception.DNSException, OSError):
        return None
    return True
