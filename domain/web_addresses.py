"""Addresses on the web that people give us to be shown or read later."""

from typing import Final
from urllib.parse import urlsplit

from domain.errors import Invalid
from domain.identity import domain_identity

URL_LENGTH_MAX: Final = 2_000

_NEVER_PUBLIC: Final = ("arpa", "internal", "invalid", "local", "localhost", "onion")
"""Last labels of special-use names (RFC 6761 and the like) that no public site has."""


def parse_public_url(url: str, *, field: tuple[str, ...] = ()) -> str:
    """Return an http(s) address of a public site as it was given; looks nothing up.

    Whether its name leads to a private host is only known when it is fetched, and refused there.

    Raises:
        Invalid: another scheme, credentials, a bare host or number, blanks, or more than 2,000 characters.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise Invalid("not an address on the web", field=field) from error
    if parts.scheme not in ("http", "https") or not host or len(url) > URL_LENGTH_MAX:
        raise Invalid("not an http or https address", field=field)
    if not _is_public(host):
        raise Invalid("not the address of a public site", field=field)
    if parts.username is not None or parts.password is not None:
        raise Invalid("an address with credentials would publish them", field=field)
    if not url.isprintable() or " " in url:
        raise Invalid("an address has no blanks", field=field)
    return url


def _is_public(host: str) -> bool:
    try:
        last = domain_identity(host).rpartition(".")[2]
    except Invalid:
        return False
    return not last[0].isdigit() and last not in _NEVER_PUBLIC
