import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identity import email_identity as identity_of_any_spelling
from domain.leads.normalising import email_identity, first_email, normalise_email


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("ada.lovelace+news@mail.example.co.uk", "ada.lovelace+news@mail.example.co.uk"),
        ("jürgen@müller.de", "jürgen@xn--mller-kva.de"),
        ("ada@xn--mller-kva.de", "ada@xn--mller-kva.de"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("demo@acme.test", "demo@acme.test"),
    ],
)
def test_a_good_address_gets_its_canonical_form(text: str, expected: str) -> None:
    assert normalise_email(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "a@", "@b.com", "a@b@c.com", "a@b", "a b@c.com", "ada..l@example.com", ".ada@example.com", "ada@-x.com", "ada@x-.com",
     "ada@printer.local", "ada@localhost", "a@b.com,c@d.com", "a" * 65 + "@example.com", "a@" + "b" * 64 + ".com",
     f"{'a' * 60}@{'b.' * 100}com", "ada@example.com\r\nBcc: x@y.com", "x" * 300 + "@example.com"],
)  # fmt: skip
def test_what_is_no_single_address_is_refused(text: str) -> None:
    assert normalise_email(text) is None


@pytest.mark.parametrize(
    ("text", "address", "is_several"),
    [
        ("mailto:Ada@example.com?subject=Hi", "ada@example.com", False),
        ("Ada Lovelace <ada@example.com>", "ada@example.com", False),
        ('"Lovelace, Ada" <ada@example.com>', "ada@example.com", False),
        ("ada@example.com;", "ada@example.com", False),
        (" ada@example.com. ", "ada@example.com", False),
        ("'ada@example.com'", "ada@example.com", False),
        ("“ada@example.com”", "ada@example.com", False),
        ("ada@example.com; grace@example.com", "ada@example.com", True),
        ("Ada <ada@example.com>; grace@example.com", "ada@example.com", True),
        ("broken@, grace@example.com", "grace@example.com", True),
        ('=HYPERLINK("mailto:ada@example.com","Ada")', "ada@example.com", False),
        ("ask the assistant", None, False),
        ("a@b@c", None, False),
    ],
)
def test_the_first_good_address_of_a_messy_cell_wins(
    text: str, address: str | None, is_several: bool
) -> None:
    assert first_email(text) == (address, is_several)


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("ada+news@example.com", "ada@example.com"),
        ("a.d.a+x+y@gmail.com", "ada@gmail.com"),
        ("a.d.a@googlemail.com", "ada@gmail.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("+@example.com", "+@example.com"),
    ],
)
def test_spellings_of_one_mailbox_meet(email: str, expected: str) -> None:
    assert email_identity(email) == expected


_LOCALS = st.text("abz09._+'-&ü", min_size=1, max_size=12)
_DOMAINS = st.sampled_from(
    [
        "example.com",
        "gmail.com",
        "GoogleMail.com",
        "müller.de",
        "a-b.co.uk",
        "ab--cd.com",
        "x.invalid",
        "-x.com",
    ]
)


@given(local=_LOCALS, domain=_DOMAINS)
def test_the_quick_check_never_accepts_what_the_full_validator_refuses(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    email = normalise_email(text)
    if email is not None:
        checked = validate_email(text.lower(), check_deliverability=False)
        assert email == f"{checked.local_part}@{checked.ascii_domain}".lower()


@given(local=_LOCALS, domain=_DOMAINS)
def test_the_identity_is_the_one_suppression_uses(local: str, domain: str) -> None:
    email = normalise_email(f"{local}@{domain}")
    if email is not None:
        assert email_identity(email) == identity_of_any_spelling(email)
        assert normalise_email(email) == email
        assert email_identity(email_identity(email)) == email_identity(email)


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    address, _ = first_email(text)
    assert address is None or normalise_email(address) == address
