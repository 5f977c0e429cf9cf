"""Proving control of an address with a six-digit code: ten minutes, five tries, kept only as a hash."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Conflict

CODE_LIFETIME: Final = timedelta(minutes=10)
ATTEMPTS_MAX: Final = 5
CODES_PER_REQUEST_MAX: Final = 5
RESEND_AFTER: Final = timedelta(seconds=60)
CODE_RANDOM_BYTES: Final = 16


class VerificationState(StrEnum):
    """What became of a code."""

    SENT = "SENT"
    PASSED = "PASSED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class VerificationOver(Conflict):
    """A code works once, and only while it is good."""

    code = "VERIFICATION_OVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A code that was sent out.

    Args:
        id: the verification's; part of what is hashed, so that equal codes hash apart.
        code_hash: from ``hash_code``.
        attempts: tries so far.
        expires_at: when it stops being good.
        state: what became of it.
    """

    id: UUID
    code_hash: bytes
    attempts: int
    expires_at: datetime
    state: VerificationState = VerificationState.SENT


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """The result of a try; both are to be stored, also when it failed."""

    state: VerificationState
    attempts: int


def new_code(randomness: bytes) -> str:
    """Return a six-digit code.

    Args:
        randomness: 16 bytes from the system's generator.
    """
    if len(randomness) < CODE_RANDOM_BYTES:
        raise ValueError(f"a code needs {CODE_RANDOM_BYTES} random bytes")  # fewer favour some codes
    return f"{int.from_bytes(randomness, 'big') % 1_000_000:06}"


def hash_code(code: str, *, verification_id: UUID, key: bytes) -> bytes:
    """Return the 32 bytes under which a code is kept: keyed, since a million codes are soon tried."""
    return hmac.new(key, verification_id.bytes + code.encode(), hashlib.sha256).digest()


def expires_at(sent_at: datetime) -> datetime:
    """Return when a code that was sent then stops being good."""
    return sent_at + CODE_LIFETIME


def check_code(*, verification: Verification, code: str, key: bytes, now: datetime) -> CodeCheck:
    """Return what a try makes of a verification.

    A wrong code leaves it SENT until the fifth, which makes it FAILED; after ten minutes it is EXPIRED and
    not even the right one counts.

    Raises:
        VerificationOver: it has passed, failed or expired before.
    """
    if verification.state is not VerificationState.SENT:
        raise VerificationOver("this code has been used or is no longer good; ask for a new one")
    if now >= verification.expires_at:
        return CodeCheck(VerificationState.EXPIRED, verification.attempts)
    if verification.attempts >= ATTEMPTS_MAX:
        return CodeCheck(VerificationState.FAILED, verification.attempts)
    attempts = verification.attempts + 1
    given = hash_code(code.strip(), verification_id=verification.id, key=key)
    if hmac.compare_digest(given, verification.code_hash):
        return CodeCheck(VerificationState.PASSED, attempts)
    left = attempts < ATTEMPTS_MAX
    return CodeCheck(VerificationState.SENT if left else VerificationState.FAILED, attempts)


def may_resend(*, codes_sent: int, last_sent_at: datetime, now: datetime) -> bool:
    """Tell whether another code may go out: after a minute, and at most five for one request."""
    return codes_sent < CODES_PER_REQUEST_MAX and now - last_sent_at >= RESEND_AFTER
