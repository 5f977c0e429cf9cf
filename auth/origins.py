"""Cross-site request forgery: a cookie counts only when our own pages sent the request.

Applies to requests whose credentials are a cookie; a bearer token isn't sent by a browser on its own.
Pages that other sites lead to (sign-in callbacks) don't ask here: their ``state`` is bound to the session.
Sources: Fetch Metadata (W3C), RFC 6454 (Origin), OWASP's CSRF cheat sheet.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from domain.errors import Forbidden

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class ForeignOrigin(Forbidden):
    """A browser sent our cookie along with a request that another site's page made."""

    code = "ORIGIN_NOT_ALLOWED"


def origin_of(url: str) -> str:
    """Return the serialised origin of an http(s) URL: ``https://app.example``, default port left out.

    Raises:
        ValueError: the URL has no http(s) scheme, no host or a bad port.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"not an http(s) URL with a host: {url[:80]!r}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_loopback(url: str) -> bool:
    """Return whether the URL's host is this machine by name or address."""
    return _host(origin_of(url)) in LOOPBACK_HOSTS


def allowed_origins(public_url: str, *, further: Iterable[str] = ()) -> frozenset[str]:
    """Return the origins whose pages may use our cookies: the public URL's and those the operator adds.

    A loopback URL brings its other spellings along, because people type localhost and 127.0.0.1 alike.
    """
    origins = {origin_of(public_url), *(origin_of(url) for url in further)}
    if is_loopback(public_url):
        own = origin_of(public_url)
        origins |= {own.replace(_host(own), spelling, 1) for spelling in LOOPBACK_HOSTS}
    return frozenset(origins)


def check_request_origin(*, method: str, headers: Mapping[str, str], allowed: frozenset[str]) -> None:
    """Refuse a cookie-authenticated request unless it comes from our own pages.

    Every browser sends Origin with writes and Sec-Fetch-Site with everything, so a write with neither is
    refused; a script that has only a cookie should use a token.

    Args:
        method: HTTP method, upper case.
        headers: with lower-case names, or a case-insensitive mapping.
        allowed: from ``allowed_origins``.

    Raises:
        ForeignOrigin: another site's page made it, or its origin is hidden or unsaid.
    """
    safe = method in SAFE_METHODS
    origin = headers.get("origin")
    fetch_site = headers.get("sec-fetch-site")
    if origin is not None and origin != "null":
        accepted = origin in allowed
    elif fetch_site is not None:
        accepted = fetch_site == "same-origin" or (fetch_site == "none" and safe)
    else:
        accepted = safe and origin is None
    if not accepted:
        raise ForeignOrigin("the session cookie is accepted from this installation's own pages only")


def check_socket_origin(*, headers: Mapping[str, str], allowed: frozenset[str]) -> None:
    """Refuse a cookie-authenticated WebSocket handshake unless its Origin is ours.

    Browsers always name the origin there, and the same-origin policy doesn't cover sockets: nothing else
    stands between another site's script and the user's events.

    Raises:
        ForeignOrigin: the Origin is missing, hidden or not allowed.
    """
    if headers.get("origin") not in allowed:
        raise ForeignOrigin("the session cookie opens sockets from this installation's own pages only")


def _host(origin: str) -> str:
    """Return the host of a serialised origin, IPv6 in brackets."""
    authority = origin.partition("://")[2]
    return authority[: authority.index("]") + 1] if authority.startswith("[") else authority.partition(":")[0]
