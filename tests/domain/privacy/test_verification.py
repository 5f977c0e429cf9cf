from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.privacy.verification import (
    CodeCheck,
    Verification,
    VerificationOver,
    VerificationState,
    check_code,
    expires_at,
    hash_code,
    may_resend,
    new_code,
)

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
KEY = bytes(range(32))
ID = UUID(int=5)
SENT = Verification(
    id=ID,
    code_hash=hash_code("012345", verification_id=ID, key=KEY),
    attempts=0,
    expires_at=expires_at(NOW),
)


def tried(code: str, *, verification: Verification = SENT, at: datetime = NOW) -> CodeCheck:
    return check_code(verification=verification, code=code, key=KEY, now=at)


@settings(max_examples=100)
@given(randomness=st.binary(min_size=16, max_size=32))
def test_a_code_has_six_digits_and_comes_from_the_randomness_alone(randomness: bytes) -> None:
    code = new_code(randomness)

    assert len(code) == 6
    assert code.isdecimal()
    assert new_code(randomness) == code


def test_leading_zeros_are_kept_and_little_randomness_is_refused() -> None:
    assert new_code(bytes(16)) == "000000"
    assert new_code((1_000_007).to_bytes(16, "big")) == "000007"
    with pytest.raises(ValueError, match="16 random bytes"):
        new_code(bytes(15))


def test_the_right_code_passes() -> None:
    assert tried("012345") == CodeCheck(VerificationState.PASSED, 1)
    assert tried(" 012345\n") == CodeCheck(VerificationState.PASSED, 1)


@pytest.mark.parametrize("code", ["", "12345", "012346", "0123450", "⁰12345", "0" * 10_000])
def test_a_wrong_code_doesnt(code: str) -> None:
    assert tried(code) == CodeCheck(VerificationState.SENT, 1)


def test_the_fifth_wrong_code_is_the_last_try() -> None:
    fourth = replace(SENT, attempts=3)
    fifth = replace(SENT, attempts=4)

    assert tried("999999", verification=fourth) == CodeCheck(VerificationState.SENT, 4)
    assert tried("999999", verification=fifth) == CodeCheck(VerificationState.FAILED, 5)
    assert tried("012345", verification=fifth) == CodeCheck(VerificationState.PASSED, 5)
    assert tried("012345", verification=replace(SENT, attempts=5)) == CodeCheck(VerificationState.FAILED, 5)


def test_a_code_lives_ten_minutes() -> None:
    last = NOW + timedelta(minutes=10) - timedelta(microseconds=1)

    assert tried("012345", at=last).state is VerificationState.PASSED
    assert tried("012345", at=NOW + timedelta(minutes=10)) == CodeCheck(VerificationState.EXPIRED, 0)


@pytest.mark.parametrize(
    "state", [VerificationState.PASSED, VerificationState.FAILED, VerificationState.EXPIRED]
)
def test_a_code_works_once(state: VerificationState) -> None:
    with pytest.raises(VerificationOver):
        tried("012345", verification=replace(SENT, state=state))


def test_a_code_of_another_request_or_key_is_wrong() -> None:
    other = UUID(int=6)

    assert tried("012345", verification=replace(SENT, id=other)).state is VerificationState.SENT
    assert (
        check_code(verification=SENT, code="012345", key=bytes(32), now=NOW).state is VerificationState.SENT
    )
    assert b"012345" not in SENT.code_hash


@pytest.mark.parametrize(
    ("codes_sent", "age_s", "is_allowed"), [(1, 59, False), (1, 60, True), (4, 60, True), (5, 6000, False)]
)
def test_codes_are_sent_again_slowly_and_not_for_ever(codes_sent: int, age_s: int, is_allowed: bool) -> None:
    last = NOW - timedelta(seconds=age_s)

    assert may_resend(codes_sent=codes_sent, last_sent_at=last, now=NOW) is is_allowed
