"""No test reaches beyond this machine: whoever tries is told, loudly."""

import ipaddress
import socket
from typing import Any

_real_getaddrinfo = socket.getaddrinfo
_real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}


class OutsideNetwork(RuntimeError):
    """A test tried to reach another machine; give the code a local counterpart (see ``simulators``).

    Not an OSError: the code under test would take it for a provider's trouble and go on.
    """


def forbid_outside_network() -> None:
    """Let sockets connect to loopback only and resolve no names, in this process, for good."""
    for name in _real:
        setattr(socket.socket, name, _guarded(name))
    socket.getaddrinfo = _getaddrinfo


def _guarded(name: str) -> Any:
    def method(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if inet and isinstance(address, tuple) and not _is_loopback(address[0]):
            raise OutsideNetwork(f"{name} to {address}")
        return _real[name](self, *arguments)

    return method


def _getaddrinfo(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
    if host and not _is_loopback(host):
        # An address in whatever spelling (0x7f.1, 2130706433) is read without asking anybody.
        try:
            _real_getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            raise OutsideNetwork(f"look-up of {host!r}") from None
    return _real_getaddrinfo(host, port, *arguments, **options)


def _is_loopback(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback) or address.is_unspecified
