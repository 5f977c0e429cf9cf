"""Addresses on the web: public sites alone, and nothing that hides where it leads."""

import pytest

from domain.errors import Invalid
from domain.web_addresses import parse_public_url


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://www.Example.co.uk:8080/a?b=c#d",
        "https://bücher.example/größe",
        "https://xn--bcher-kva.example/",
        "https://example.com/" + "a" * 1_980,
    ],
)
def test_an_address_of_a_public_site_stays_as_it_is(url: str) -> None:
    assert parse_public_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com",
        "javascript:alert(1)",
        "https://",
        "https://example.com:99999",
        "https://user:secret@example.com",
        "https://example.com@evil.example",
        "https://localhost/",
        "https://printer.local/",
        "https://db.internal/",
        "https://127.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://exa mple.com/",
        "https://example.com/a\r\nb",
        "https://example.com/\u202egpj",
        "https://example.com/" + "a" * 1_981,
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_public_url(url, field=("proofs", "0"))
    assert refused.value.field == ("proofs", "0")
