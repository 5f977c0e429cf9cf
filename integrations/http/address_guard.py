"""Which network addresses may be reached on somebody else's word, and the look-up that decides it once.

Used for crawled sites, webhooks and the hosts of mail servers. A name is resolved here, every address it
has is judged, and the caller connects to exactly the address that is returned: a second look-up could
answer differently (DNS rebinding). Only the operator's allow-list, never a tenant, admits more.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from domain.errors import Invalid, ProviderUnavailable

from .allow_list import Address, AllowList, is_host_name, looks_numeric

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the addresses of a host name as text; raises OSError when it has none."""

HTTP_PORTS = frozenset({80, 443, 8080, 8443})
MAIL_PORTS = frozenset({25, 110, 143, 465, 587, 993, 995, 2525})

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Inside 2000::/3 or outside IPv4's private ranges, and still nobody's public server. Kept here because
# `is_global` differs between Python versions and counts multicast and the old 6to4 relays as global.
# Source: IANA special-purpose address registries (RFC 6890), RFC 9637, RFC 9602.
_NEVER_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "3ffe::/16")))
_NEVER_V4 = tuple(
    map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "224.0.0.0/4", "240.0.0.0/4"))
)


class AddressRefused(Invalid):
    """A host, port or address that nothing outside the operator's allow-list may make us reach."""

    code = "ADDRESS_REFUSED"


class HostNotFound(ProviderUnavailable):
    """The name has no address just now."""

    code = "HOST_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where to connect, and the name to present there (Host header, TLS server name)."""

    host: str
    address: str
    port: int


def is_public(address: Address) -> bool:
    """Tell whether an address is a unicast one of the public internet.

    Addresses that carry an IPv4 one inside (mapped, NAT64) are judged by it; 6to4 and Teredo, whose
    relays are gone, are refused, and so is everything scoped, reserved or for documentation.
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _NEVER_V4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return (
        address in _GLOBAL_UNICAST
        and address.scope_id is None
        and address.is_global
        and not any(address in network for network in _NEVER_V6)
    )


def check_host(host: str) -> str:
    """Return the host in lower case if it is a plain name or a canonical address.

    Raises:
        AddressRefused: empty, malformed, or a number in disguise (``2130706433``, ``0x7f.1``, ``127.1``),
            which some resolvers take for 127.0.0.1 and others for a name.
    """
    if ":" in host:
        try:
            address = IPv6Address(host)
        except ValueError:
            raise AddressRefused("the address is malformed") from None
        if address.scope_id is not None:
            raise AddressRefused("an address with a zone is local")
        return str(address)
    if not is_host_name(host):
        raise AddressRefused("the host name is malformed")
    if looks_numeric(host):
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise AddressRefused("write the address as four decimal numbers") from None
    return host.lower()


async def resolve_system(host: str) -> Sequence[str]:
    """Ask the system's resolver; the order is the one it prefers."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def resolve_public(
    host: str,
    port: int,
    *,
    allow: AllowList,
    ports: Collection[int] = HTTP_PORTS,
    resolve: Resolve = resolve_system,
    timeout_s: float = 5.0,
) -> Destination:
    """Resolve a host once and return the address to connect to.

    One forbidden address among several refuses the host: a public site has no private addresses, and a
    name that mixes them is an attack or a mistake.

    Args:
        host: a name, or an address without brackets.
        port: the one the caller was told.
        allow: the operator's list.
        ports: allowed without an entry of the allow-list (``HTTP_PORTS``, ``MAIL_PORTS``).
        resolve: gives a name's addresses.
        timeout_s: for the look-up.

    Raises:
        AddressRefused: malformed host, port not allowed, or an address that isn't public.
        HostNotFound: no address, or no answer in time.
    """
    name = check_host(host)
    target = allow.pinned(host=name, port=port)
    real_port = target[1] if target else port
    texts = target[0] if target else await _look_up(name, resolve, timeout_s)
    addresses = [ip_address(text) for text in texts]
    for address in addresses:
        if allow.admits(host=name, address=address, port=real_port):
            continue
        if not is_public(address):
            raise AddressRefused(f"{name} leads to an address that isn't public")
        if real_port not in ports:
            raise AddressRefused(f"port {real_port} isn't allowed")
    return Destination(host=name, address=str(addresses[0]), port=real_port)


async def _look_up(name: str, resolve: Resolve, timeout_s: float) -> Sequence[str]:
    try:
        return [str(ip_address(name))]
    except ValueError:
        pass
    try:
        async with asyncio.timeout(timeout_s):
            found = await resolve(name)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise HostNotFound(f"{name} has no address") from error
    if not found:
        raise HostNotFound(f"{name} has no address")
    return found
