import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads.normalising import company_key, normalise_website, parse_employee_count, registrable_domain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.acme.co.uk/contact?x=1", "acme.co.uk"),
        ("WWW.Acme.COM", "acme.com"),
        ("acme.com", "acme.com"),
        ("info@mail.acme.com", "acme.com"),
        ("http://bücher.de/", "xn--bcher-kva.de"),
        ("shop-a.myshopify.com", "shop-a.myshopify.com"),
        ("acme.com:8080", "acme.com"),
        ("acme.com.", "acme.com"),
        ("co.uk", None),
        ("Acme Inc", None),
        ("localhost", None),
        ("10.0.0.1", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_the_domain_somebody_registered(text: str, expected: str | None) -> None:
    assert registrable_domain(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme.com/", "https://acme.com"),
        ("HTTP://www.Acme.com/Team/?a=B#top", "http://www.acme.com/Team?a=B"),
        ("https://bücher.de/x", "https://xn--bcher-kva.de/x"),
        ("acme.com:8443/x", "https://acme.com:8443/x"),
        ("ftp://acme.com", None),
        ("javascript:alert(1)", None),
        ("https://user:secret@acme.com", None),
        ("https://acme.com/a b", None),
        ("http://acme.com:99999", None),
        ("acme", None),
        ("https://acme.com/" + "x" * 2000, None),
    ],
)
def test_a_website_is_an_http_url(text: str, expected: str | None) -> None:
    assert normalise_website(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME Co., Ltd.", "Acme"),
        ("Müller GmbH & Co. KG", "muller gmbh and"),
        ("Société Générale S.A.", "Societe Generale"),
        ("SAP SE", "sap"),
    ],
)
def test_a_company_is_recognised_without_its_legal_form(one: str, other: str) -> None:
    assert company_key(one) == company_key(other)


def test_a_company_that_is_named_like_a_legal_form_keeps_its_name() -> None:
    assert company_key("Company") == "company"
    assert company_key("SE") == "se"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("51-200", 51), ("10,001+ employees", 10_001), ("1.001–5.000", 1001), ("1k-5k", 1000), ("350", 350), ("350.0", 350), ("1 - 10", 1),
     ("self-employed", None), ("2026-01-03", None), ("200-51", None), ("", None), ("99999999", None)],
)  # fmt: skip
def test_the_lower_end_of_a_companys_size(text: str, expected: int | None) -> None:
    assert parse_employee_count(text) == expected


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    website, domain = normalise_website(text), registrable_domain(text)
    if website is not None:
        assert normalise_website(website) == website
    if domain is not None:
        assert registrable_domain(domain) == domain
    assert company_key(company_key(text)) == company_key(text)
