import pytest

from auth.origins import (
    ForeignOrigin,
    allowed_origins,
    check_request_origin,
    check_socket_origin,
    is_loopback,
    origin_of,
)

OURS = allowed_origins("https://app.example/")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://App.Example:443/a?b#c", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("http://app.example:443", "http://app.example:443"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("https://user:pw@app.example/", "https://app.example"),
    ],
)
def test_an_origin_is_scheme_host_and_uncommon_port(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url", ["", "app.example", "ftp://app.example", "https://", "null", "https://a:99999"]
)
def test_what_has_no_web_origin_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        origin_of(url)


def test_loopback_brings_its_other_spellings_and_a_public_host_none() -> None:
    assert allowed_origins("http://127.0.0.1:8000") == {
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
    }
    assert allowed_origins("http://[::1]:8000") == allowed_origins("http://localhost:8000")
    assert allowed_origins("https://app.example", further=["https://Dash.Example/"]) == {
        "https://app.example",
        "https://dash.example",
    }
    assert not is_loopback("http://localhost.example")
    assert not is_loopback("http://127.0.0.1.example")


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"origin": "https://app.example"}),
        ("POST", {"origin": "https://app.example", "sec-fetch-site": "same-origin"}),
        ("POST", {"sec-fetch-site": "same-origin"}),
        # Our own form under a policy that hides the referrer: the browser vouches for it.
        ("POST", {"origin": "null", "sec-fetch-site": "same-origin"}),
        ("GET", {}),
        ("GET", {"sec-fetch-site": "none"}),
        ("GET", {"sec-fetch-site": "same-origin"}),
    ],
)
def test_our_own_pages_and_typed_addresses_pass(method: str, headers: dict[str, str]) -> None:
    check_request_origin(method=method, headers=headers, allowed=OURS)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {}),
        ("POST", {"origin": "https://evil.example"}),
        ("POST", {"origin": "https://app.example.evil.example"}),
        ("POST", {"origin": "https://app.example:8443"}),
        ("POST", {"origin": "http://app.example"}),
        ("POST", {"origin": "null"}),
        ("POST", {"origin": ""}),
        ("POST", {"origin": "null", "sec-fetch-site": "cross-site"}),
        ("POST", {"origin": "https://evil.example", "sec-fetch-site": "same-origin"}),
        ("POST", {"sec-fetch-site": "cross-site"}),
        ("POST", {"sec-fetch-site": "same-site"}),
        ("POST", {"sec-fetch-site": "none"}),
        ("GET", {"sec-fetch-site": "cross-site"}),
        ("GET", {"sec-fetch-site": "same-site"}),
        ("GET", {"origin": "https://evil.example"}),
        ("GET", {"origin": "null"}),
    ],
)
def test_other_sites_do_not_pass(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(ForeignOrigin) as refused:
        check_request_origin(method=method, headers=headers, allowed=OURS)

    assert "evil" not in refused.value.message


def test_a_socket_needs_our_origin_by_name() -> None:
    check_socket_origin(headers={"origin": "https://app.example"}, allowed=OURS)
    for headers in (
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "same-origin"},
    ):
        with pytest.raises(ForeignOrigin):
            check_socket_origin(headers=headers, allowed=OURS)
