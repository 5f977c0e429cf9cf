"""What a sender may be, and how its settings must look."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Final
from unicodedata import category

from domain.accounts.rules import parse_account_email, parse_name
from domain.errors import Invalid
from domain.senders.ports import Security
from domain.sending.allowance import parse_daily_cap
from domain.states import StateMachine

DISPLAY_NAME_LENGTH_MAX: Final = 100
GAP_S_MAX: Final = 86_400
SECRET_LENGTH_MAX: Final = 1_000


class SenderKind(StrEnum):
    """How a sender is reached."""

    SMTP_IMAP = "SMTP_IMAP"
    GMAIL = "GMAIL"
    OUTLOOK = "OUTLOOK"
    LINKEDIN = "LINKEDIN"


class SenderStatus(StrEnum):
    """Where a sender stands; only the four in the middle can send."""

    PENDING_AUTH = "PENDING_AUTH"
    VERIFYING = "VERIFYING"
    ACTIVE = "ACTIVE"
    THROTTLED = "THROTTLED"
    WARMING = "WARMING"
    DEGRADED = "DEGRADED"
    PAUSED = "PAUSED"
    REAUTH_REQUIRED = "REAUTH_REQUIRED"
    DISCONNECTED = "DISCONNECTED"


_S = SenderStatus
CAN_SEND: Final = frozenset({_S.ACTIVE, _S.THROTTLED, _S.WARMING, _S.DEGRADED})
_WORKING: Final = (*sorted(CAN_SEND), _S.PAUSED, _S.REAUTH_REQUIRED, _S.VERIFYING, _S.DISCONNECTED)

SENDER_STATES: Final = StateMachine(
    noun="sender",
    moves={
        _S.PENDING_AUTH: (_S.VERIFYING, _S.DISCONNECTED),
        _S.VERIFYING: (_S.ACTIVE, _S.PENDING_AUTH, _S.REAUTH_REQUIRED, _S.DISCONNECTED),
        _S.ACTIVE: _WORKING,
        _S.THROTTLED: _WORKING,
        _S.WARMING: _WORKING,
        _S.DEGRADED: _WORKING,
        _S.PAUSED: (_S.ACTIVE, _S.VERIFYING, _S.REAUTH_REQUIRED, _S.DISCONNECTED),
        _S.REAUTH_REQUIRED: (_S.VERIFYING, _S.DISCONNECTED),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAccess:
    """Where one half of a mailbox listens, and who we are there."""

    host: str
    port: int
    security: Security
    username: str

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "host": self.host,
            "port": self.port,
            "security": self.security.value,
            "username": self.username,
        }


def parse_server(*, half: str, host: str, port: int, security: Security, username: str) -> ServerAccess:
    """Return checked access data; whether the address may be reached is decided when we connect.

    Args:
        half: "smtp" or "imap", for the error's field.

    Raises:
        Invalid: an empty, overlong or multi-line value, or no port.
    """
    host = host.strip().rstrip(".").lower()
    if (
        not 1 <= len(host) <= 253
        or not host.isascii()
        or not host.isprintable()
        or (any(c in host for c in " /@:\\\t") and not _is_ip(host))
    ):
        raise Invalid("a host is a name or an address, without a scheme or a port", field=(half, "host"))
    if not 1 <= port <= 65_535:
        raise Invalid("a port is from 1 to 65535", field=(half, "port"))
    if not 1 <= len(username) <= 320 or not username.isprintable():
        raise Invalid("a user name has 1 to 320 printable characters", field=(half, "username"))
    return ServerAccess(host=host, port=port, security=security, username=username)


def parse_address(text: str) -> str:
    """Return a sender's address, lower case, its domain in ASCII (``xn--``).

    Raises:
        Invalid: no address, or a local part that isn't ASCII, which mail servers can't sign in with yet.
    """
    local, _, domain = parse_account_email(text).rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode() if not domain.isascii() else domain}"
    except UnicodeError:
        raise Invalid("not an e-mail address", field=("address",)) from None
    if not address.isascii():
        raise Invalid("the part before the @ must be ASCII", field=("address",))
    return address


def parse_display_name(text: str) -> str:
    """Return the name recipients see; raises Invalid for empty, overlong or invisible text."""
    name = parse_name(text, field="displayName")
    if len(name) > DISPLAY_NAME_LENGTH_MAX or any(category(character) == "Zl" for character in name):
        raise Invalid(
            f"a display name has up to {DISPLAY_NAME_LENGTH_MAX} characters", field=("displayName",)
        )
    return name


def parse_secret(text: str, *, half: str) -> str:
    """Return a password as given; raises Invalid when it can't be one."""
    if not 1 <= len(text) <= SECRET_LENGTH_MAX or any(character in text for character in "\0\r\n"):
        raise Invalid("a password has 1 to 1,000 characters on one line", field=(half, "password"))
    return text


def parse_limits(*, daily_limit: int, gap_min_s: int, gap_max_s: int) -> tuple[int, int, int]:
    """Return a sender's own limits.

    Args:
        daily_limit: sends per rolling 24 hours.
        gap_min_s: least seconds between two messages.
        gap_max_s: most seconds that chance may stretch it to.
    """
    parse_daily_cap(daily_limit)
    if not 0 <= gap_min_s <= gap_max_s <= GAP_S_MAX:
        raise Invalid("a gap goes from 0 to 86400 seconds, the least before the most", field=("gapMinS",))
    return daily_limit, gap_min_s, gap_max_s


def is_loopback(host: str) -> bool:
    """Tell whether a server's name can only mean this machine."""
    return (
        host == "localhost" or host.endswith(".localhost") or (_is_ip(host) and ip_address(host).is_loopback)
    )


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
