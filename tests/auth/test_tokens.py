import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.tokens import (
    SessionLifetime,
    TokenKind,
    bearer_token,
    hash_token,
    issue_token,
    session_expiry,
    token_kind,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", list(TokenKind))
def test_a_token_tells_its_kind_and_matches_only_its_own_hash(kind: TokenKind) -> None:
    token = issue_token(kind, entropy=secrets.token_bytes)
    other = issue_token(kind, entropy=secrets.token_bytes)

    assert token.text.startswith(kind.value)
    assert len(token.text) == 51
    assert token_kind(token.text) is kind
    assert token.hash == sha256(token.text.encode()).digest()
    assert hash_token(token.text) == token.hash != hash_token(other.text)
    assert token.text not in repr(token)


def test_all_256_bits_reach_the_token() -> None:
    texts = {
        issue_token(TokenKind.API, entropy=lambda size, at=at: bytes(size - 1 - at) + b"\1" + bytes(at)).text  # type: ignore[misc]
        for at in range(32)
    }

    assert len(texts) == 32
    assert issue_token(TokenKind.API, entropy=bytes).text == "plera_t_" + "A" * 43


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plera_t_",
        "plera_x_" + "A" * 43,
        "plera_t_" + "A" * 42,
        "plera_t_" + "A" * 44,
        "plera_t_" + "A" * 42 + "=",
        "plera_t_" + "A" * 43 + "\n",
        "PLERA_T_" + "A" * 43,
        "A" * 51,
    ],
)
def test_what_cannot_be_a_token_is_never_looked_up(text: str) -> None:
    assert token_kind(text) is None


@given(text=st.text(alphabet=st.characters(), max_size=80))
def test_any_text_is_hashed_and_judged_without_an_error(text: str) -> None:
    assert token_kind(text) is None
    assert len(hash_token(text)) == 32


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic abc", None),
        ("abc", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_bearer_header_gives_a_token(header: str | None, token: str | None) -> None:
    assert bearer_token(header) == token


def test_use_prolongs_a_session_but_not_beyond_its_end() -> None:
    lifetime = SessionLifetime(idle=timedelta(days=2), absolute=timedelta(days=5))

    def expiry(days: int) -> datetime:
        return session_expiry(created_at=NOW, seen_at=NOW + timedelta(days=days), lifetime=lifetime)

    assert expiry(0) == NOW + timedelta(days=2)
    assert expiry(1) == NOW + timedelta(days=3)
    assert expiry(4) == NOW + timedelta(days=5)
