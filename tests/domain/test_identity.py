import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.identity import domain_identity, email_identity, linkedin_identity, phone_identity


@pytest.mark.parametrize(
    ("email", "identity"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com.  ", "ada@example.com"),
        ("ada+news@example.com", "ada@example.com"),
        ("ada+a+b@example.com", "ada@example.com"),
        ("+ada@example.com", "+ada@example.com"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("A.D.A@GoogleMail.com", "ada@gmail.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@b\u0075\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("JOSE\u0301@example.com", "josé@example.com"),
        ('"A+B c"@example.com', '"a+b c"@example.com'),
        ("o'neill@mail.example.co.uk", "o'neill@mail.example.co.uk"),
    ],
)
def test_spellings_of_one_address_meet(email: str, identity: str) -> None:
    assert email_identity(email) == identity


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "a@",
        "@example.com",
        "a@b@c.example",
        "a@b",
        "a b@example.com",
        "a@exa mple.com",
        "ada@example.com, bob@example.com",
        "Ada <ada@example.com>",
        "ada@-example.com",
        "ada@example..com",
        "ada\n@example.com",
        "ada\u200b@example.com",
        f"{'a' * 250}@example.com",
        f"a@{'b' * 64}.com",
        "a@\ud800.com",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Invalid) as error:
        email_identity(email)

    assert error.value.field in {("email",), ("domain",)}


LOCAL = st.text(alphabet="abcXYZ09._+-äÉİß", min_size=1, max_size=20)
DOMAIN = st.sampled_from(["gmail.com", "GoogleMail.com", "Example.com", "bücher.de", "a-b.co.uk"])


@settings(max_examples=100)
@given(local=LOCAL, domain=DOMAIN)
def test_folding_twice_is_folding_once(local: str, domain: str) -> None:
    once = email_identity(f"{local}@{domain}")

    assert email_identity(once) == once


@settings(max_examples=100)
@given(local=st.text(alphabet="abc09", min_size=1, max_size=12), tag=st.text(alphabet="ab1+.", max_size=8))
def test_a_tag_dots_and_case_never_hide_a_gmail_address(local: str, tag: str) -> None:
    disguised = f"{'.'.join(local.upper())}+{tag}@googlemail.com"

    assert email_identity(disguised) == f"{local}@gmail.com"


@pytest.mark.parametrize(
    ("domain", "identity"),
    [
        ("Example.COM.", "example.com"),
        (" mail.example.com ", "mail.example.com"),
        ("faß.de", "xn--fa-hia.de"),
        ("_dmarc.example.com", "_dmarc.example.com"),
    ],
)
def test_domains_fold(domain: str, identity: str) -> None:
    assert domain_identity(domain) == identity


@pytest.mark.parametrize(
    "domain", ["", ".", "com", "a..b", "exa mple.com", "http://example.com", "x" * 254 + ".de"]
)
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(Invalid):
        domain_identity(domain)


@pytest.mark.parametrize(
    "phone", ["+49 30 123456", "0049 30 123456", "+49 (0)30 123456", "+49-30-123456", "+49/30/123456"]
)
def test_spellings_of_one_phone_number_meet(phone: str) -> None:
    assert phone_identity(phone) == "+4930123456"


@pytest.mark.parametrize("phone", ["", "030 123456", "+", "+49", "+999 123456789", "call me", "+1 212"])
def test_what_is_no_international_number_is_refused(phone: str) -> None:
    with pytest.raises(Invalid) as error:
        phone_identity(phone)

    assert error.value.field == ("phone",)


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("https://www.linkedin.com/in/Ada-Lovelace/", "in/ada-lovelace"),
        ("linkedin.com/in/ada-lovelace?trk=x#about", "in/ada-lovelace"),
        ("http://de.linkedin.com/in/ada-lovelace/en", "in/ada-lovelace"),
        ("https://www.linkedin.com/in/ada-l%C3%B6we", "in/ada-löwe"),
        ("HTTPS://WWW.LINKEDIN.COM/COMPANY/Plera", "company/plera"),
        ("in/ada-lovelace", "in/ada-lovelace"),
    ],
)
def test_spellings_of_one_profile_meet(url: str, identity: str) -> None:
    assert linkedin_identity(url) == identity


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://linkedin.com/",
        "https://evil.example/linkedin.com/in/ada",
        "linkedin.com/in/",
        "xin/ada",
        "in/a%2541",
    ],
)
def test_what_is_no_profile_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as error:
        linkedin_identity(url)

    assert error.value.field == ("linkedinUrl",)
