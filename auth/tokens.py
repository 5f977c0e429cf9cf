"""Bearer tokens: random, recognisable by their prefix, stored only as a hash.

A token has 256 bits of entropy, so a plain SHA-256 is enough to store it (nothing can be guessed backwards)
and look-ups go by the hash, which gives an attacker no useful timing.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

TOKEN_BYTES: Final = 32
_SECRET_PART: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class TokenKind(StrEnum):
    """What a token is good for; the value is its prefix, which secret scanners and people recognise."""

    SESSION = "plera_s_"
    API = "plera_t_"
    ONE_TIME = "plera_o_"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token: ``text`` is shown to its owner once, ``hash`` (32 bytes) is what is stored."""

    kind: TokenKind
    text: str = field(repr=False)

    @property
    def hash(self) -> bytes:
        """The SHA-256 under which it is stored and found."""
        return hash_token(self.text)


@dataclass(frozen=True, slots=True)
class SessionLifetime:
    """How long a session lives: unused for ``idle``, and ``absolute`` after sign-in whatever happens."""

    idle: timedelta = timedelta(days=14)
    absolute: timedelta = timedelta(days=90)


def issue_token(kind: TokenKind, *, entropy: Callable[[int], bytes]) -> IssuedToken:
    """Make a token of 51 URL-safe characters; ``entropy`` is ``secrets.token_bytes`` outside of tests."""
    secret = base64.urlsafe_b64encode(entropy(TOKEN_BYTES)).rstrip(b"=").decode()
    return IssuedToken(kind=kind, text=kind + secret)


def token_kind(text: str) -> TokenKind | None:
    """Return what a text claims to be, or None when it can't be a token; asked before any look-up."""
    for kind in TokenKind:
        if text.startswith(kind):
            return kind if _SECRET_PART.fullmatch(text.removeprefix(kind)) else None
    return None


def hash_token(text: str) -> bytes:
    """Return the 32-byte SHA-256 of a token as sent, prefix included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def bearer_token(authorization: str | None) -> str | None:
    """Return the token of an ``Authorization: Bearer …`` header (RFC 6750), or None for any other."""
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    return credentials.strip() or None if scheme.lower() == "bearer" else None


def session_expiry(*, created_at: datetime, seen_at: datetime, lifetime: SessionLifetime) -> datetime:
    """Return when a session ends if it isn't used again."""
    return min(seen_at + lifetime.idle, created_at + lifetime.absolute)
