"""Passwords: what is accepted, how they are stored, how they are checked.

Parameters are OWASP's minimum for argon2id (19 MiB, 2 passes, 1 lane), because each running check holds its
memory and a core: a small server must survive a burst of sign-ins. NIST SP 800-63B-4 gives the rules: length
counts, composition doesn't, the commonest passwords and the account's own name are refused.
"""

import asyncio
import secrets
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from domain.errors import Invalid

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 256
_TYPED_MAX: Final = 4 * LENGTH_MAX
"""Composing accents makes a text shorter, so what is typed may be longer than what was accepted."""

_COMMON: Final = Path(__file__).with_name("common_passwords.txt")


class WeakPassword(Invalid):
    """The password breaks one of the rules for new passwords."""

    code = "PASSWORD_TOO_WEAK"


def check_password_rules(password: str, *, email: str) -> None:
    """Refuse a new password that is too short, too long, too common or the account's own address.

    Raises:
        WeakPassword: with the rule it breaks; the password is never part of the message.
    """
    text = unicodedata.normalize("NFC", password)
    if not LENGTH_MIN <= len(text) <= LENGTH_MAX:
        raise _weak(f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters")
    folded = text.casefold()
    if folded in _common_passwords() or len(set(folded)) < 4:
        raise _weak("this password is one of the first an attacker tries")
    if folded.strip() == email.strip().casefold():
        raise _weak("a password must not be the e-mail address")


class PasswordChecker:
    """Hashes and verifies passwords off the event loop, never more than ``concurrency`` at once.

    Args:
        concurrency: how many run together; each holds 19 MiB and about 20 ms of one core.
        hasher: other parameters, for tests.
    """

    def __init__(self, *, concurrency: int = 2, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(
            time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID
        )
        self._slots = asyncio.Semaphore(concurrency)
        self._nobody = self._hasher.hash(secrets.token_bytes(32))

    async def hash(self, password: str) -> str:
        """Return the encoded argon2id hash (with salt and parameters) to store."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, _prepared(password))

    async def verify(self, password: str, *, stored: str | None) -> bool:
        """Return whether this is the stored password.

        An unknown user (``stored`` is None) costs the same time, so that nobody learns who has an account.

        Raises:
            argon2.exceptions.InvalidHashError: what is stored isn't an argon2 hash; no caller can mend that.
        """
        possible = stored is not None and len(password) <= _TYPED_MAX
        encoded = stored if stored is not None and possible else self._nobody
        async with self._slots:
            matches = await asyncio.to_thread(self._matches, encoded, _prepared(password[:_TYPED_MAX]))
        return possible and matches

    def needs_rehash(self, stored: str) -> bool:
        """Return whether a hash was made with other parameters; asked after a successful sign-in."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, encoded: str, attempt: bytes) -> bool:
        try:
            return self._hasher.verify(encoded, attempt)
        except VerifyMismatchError:
            return False


def _prepared(password: str) -> bytes:
    """Normalise, so that é typed in two ways is one password; lone surrogates hash instead of failing."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _weak(message: str) -> WeakPassword:
    return WeakPassword(message, field=("password",))


@cache
def _common_passwords() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
