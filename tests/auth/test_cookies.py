from http.cookies import SimpleCookie

import pytest

from auth.cookies import SessionCookie
from auth.tokens import TokenKind, issue_token

TOKEN = issue_token(
    TokenKind.SESSION, entropy=lambda size: b"\x07" * size
).text  # the same in every test process


def test_on_https_the_cookie_is_bound_to_the_host() -> None:
    line = SessionCookie.for_public_url("https://app.example").setting(TOKEN, max_age_s=60)

    assert line == (f"__Host-plera_session={TOKEN}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure")
    assert SimpleCookie(line)["__Host-plera_session"].value == TOKEN


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_on_plain_loopback_it_has_a_plain_name(url: str) -> None:
    line = SessionCookie.for_public_url(url).setting(TOKEN, max_age_s=60)

    assert line == f"plera_session={TOKEN}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize("url", ["http://app.example", "http://192.168.1.5", "http://localhost.example"])
def test_plain_http_anywhere_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        SessionCookie.for_public_url(url)


def test_signing_out_empties_it_at_once() -> None:
    line = SessionCookie.for_public_url("https://app.example").clearing()

    assert line.startswith("__Host-plera_session=; Path=/; Max-Age=0;")


@pytest.mark.parametrize(
    "value", ["", "x", "plera_t_" + "A" * 43, TOKEN + "; Domain=evil.example", TOKEN + "\r\n"]
)
def test_only_a_session_token_goes_in_or_comes_out(value: str) -> None:
    cookie = SessionCookie.for_public_url("https://app.example")

    with pytest.raises(ValueError):
        cookie.setting(value, max_age_s=60)
    assert cookie.read({cookie.name: value}) is None


def test_a_cookie_of_another_name_is_not_read() -> None:
    cookie = SessionCookie.for_public_url("https://app.example")

    assert cookie.read({cookie.name: TOKEN}) == TOKEN
    assert cookie.read({"plera_session": TOKEN}) is None
    assert cookie.read({}) is None
