"""What the operator admits beyond the public internet, and names the operator resolves.

The list belongs to the installation (settings), never to a tenant.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
_NUMERIC_LABEL = re.compile(r"(\d+|0x[0-9a-f]*)", re.IGNORECASE)
_BRACKETED = re.compile(r"\[([^\]]+)\](?::(\d+|\*))?")
_PLAIN = re.compile(r"([^:\[\]]+)(?::(\d+|\*))?")


def is_host_name(host: str) -> bool:
    """Tell whether ``host`` has the form of a name or of an IPv4 address, at most 253 characters."""
    return len(host) <= 253 and _HOST.fullmatch(host) is not None


def looks_numeric(host: str) -> bool:
    """Tell whether some resolver could take ``host`` for a number: its last label is decimal or hex."""
    return _NUMERIC_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None


@dataclass(frozen=True, slots=True)
class AllowRule:
    """One entry of the operator's allow-list: a network or a host name, and a port (None: every port)."""

    network: IPv4Network | IPv6Network | None
    host: str
    port: int | None

    def admits(self, *, host: str, address: Address, port: int) -> bool:
        """Tell whether the entry covers this connection."""
        if self.port is not None and self.port != port:
            return False
        return address in self.network if self.network else self.host == host.lower().rstrip(".")


@dataclass(frozen=True, slots=True)
class AllowList:
    """What the operator admits beyond the public internet, and names the operator resolves.

    Args:
        rules: see ``parse_allow_list``.
        hosts: host name, or ``*.suffix``, to ``address`` or ``address:port``: where the connection goes
            instead of what DNS says. The address must still be public or admitted by a rule. Meant for
            the demo and for tests (``{"*.example": "127.0.0.1:8093"}``): names under ``.localhost``
            aren't resolved by every system.
    """

    rules: tuple[AllowRule, ...] = ()
    hosts: Mapping[str, str] | None = None

    def admits(self, *, host: str, address: Address, port: int) -> bool:
        """Tell whether any rule covers this connection."""
        return any(rule.admits(host=host, address=address, port=port) for rule in self.rules)

    def pinned(self, *, host: str, port: int) -> tuple[Sequence[str], int] | None:
        """Return where the operator sends connections to a host name, if anywhere: addresses and port."""
        name, hosts = host.lower().rstrip("."), self.hosts or {}
        labels = name.split(".")
        for pattern in (name, *("*." + ".".join(labels[at:]) for at in range(1, len(labels)))):
            if pattern in hosts:
                address, own_port = _split_port(hosts[pattern])
                return (address,), own_port or port
        return None


def parse_allow_list(entries: Sequence[str], *, hosts: Mapping[str, str] | None = None) -> AllowList:
    """Read the operator's list: ``127.0.0.1:*``, ``[::1]:8025``, ``10.0.0.0/8``, ``mailpit:1025``.

    Raises:
        ValueError: an entry or a pinned host is malformed; the message names it.
    """
    for name, target in (hosts or {}).items():
        try:
            ip_address(_split_port(target)[0])
        except ValueError as error:
            raise ValueError(f"hosts[{name!r}] must be an address or address:port, not {target!r}") from error
    return AllowList(
        rules=tuple(map(_parse_rule, entries)),
        hosts={name.lower().rstrip("."): target for name, target in (hosts or {}).items()},
    )


def _parse_rule(entry: str) -> AllowRule:
    try:
        host, port = _split_port(entry)
        if looks_numeric(host) or ":" in host or "/" in host:
            return AllowRule(ip_network(host), "", port)
        if not is_host_name(host):
            raise ValueError(host)
    except ValueError as error:
        raise ValueError(f"not an address, network or host, with :port or without: {entry!r}") from error
    return AllowRule(None, host.lower().rstrip("."), port)


def _split_port(entry: str) -> tuple[str, int | None]:
    match = _BRACKETED.fullmatch(entry) or _PLAIN.fullmatch(entry)
    if match is None:
        return entry, None  # a bare IPv6 address or network
    host, port = match.groups()
    if port in (None, "*"):
        return host, None
    if not 0 < int(port) < 65536:
        raise ValueError(entry)
    return host, int(port)
