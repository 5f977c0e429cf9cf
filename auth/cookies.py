"""The session cookie: as narrow as the browser lets us make it.

On HTTPS its name starts with ``__Host-``: the browser then takes it only with Secure, Path=/ and no Domain,
so that no sibling subdomain can plant one (RFC 6265bis). Plain HTTP is for loopback alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from auth.origins import is_loopback, origin_of
from auth.tokens import TokenKind, token_kind


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """Writes and reads the cookie that holds a session token."""

    name: str
    secure: bool

    @classmethod
    def for_public_url(cls, public_url: str) -> "SessionCookie":
        """Choose the name and flags that suit the address people open.

        Raises:
            ValueError: plain HTTP on anything but loopback, where a session could be read on the way.
        """
        if origin_of(public_url).startswith("https://"):
            return cls(name="__Host-plera_session", secure=True)
        if is_loopback(public_url):
            return cls(name="plera_session", secure=False)
        raise ValueError("the public URL must be https:// unless it is this machine's own address")

    def setting(self, token: str, *, max_age_s: int) -> str:
        """Return the ``Set-Cookie`` value that signs in; ``max_age_s`` seconds from now."""
        if token_kind(token) is not TokenKind.SESSION:
            raise ValueError("only a session token goes into the session cookie")
        return self._line(token, max_age_s=max_age_s)

    def clearing(self) -> str:
        """Return the ``Set-Cookie`` value that signs out."""
        return self._line("", max_age_s=0)

    def read(self, cookies: Mapping[str, str]) -> str | None:
        """Return the session token among a request's cookies, or None without one of the right form."""
        token = cookies.get(self.name, "")
        return token if token_kind(token) is TokenKind.SESSION else None

    def _line(self, value: str, *, max_age_s: int) -> str:
        flags = "; Secure" if self.secure else ""
        return f"{self.name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{flags}"
