import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import linkedin_identity
from domain.leads.normalising import normalise_linkedin, normalise_linkedin_company

MEMBER = "ACwAAAbCdEfGhIjKlMnOpQrStUvWxYz01234567"


@pytest.mark.parametrize(
    "text",
    [
        "https://www.linkedin.com/in/Ada-Lovelace/",
        "http://de.linkedin.com/in/ada-lovelace?trk=people&x=1",
        "linkedin.com/in/ada-lovelace/de",
        "LinkedIn.com/in/ada-lovelace#about",
        "https://www.linkedin.com/mwlite/in/ada-lovelace",
        "in/ada-lovelace",
        "/in/ada-lovelace/",
    ],
)
def test_all_addresses_of_a_profile_have_one_key(text: str) -> None:
    profile = normalise_linkedin(text)
    assert profile is not None
    assert profile == ("in/ada-lovelace", "https://www.linkedin.com/in/ada-lovelace")
    assert linkedin_identity(profile.url) == profile.key


def test_percent_encoded_names_are_read() -> None:
    profile = normalise_linkedin("https://www.linkedin.com/in/jos%C3%A9-garc%C3%ADa")
    assert profile == ("in/josé-garcía", "https://www.linkedin.com/in/jos%C3%A9-garc%C3%ADa")


@pytest.mark.parametrize(
    "text",
    [
        f"https://www.linkedin.com/sales/lead/{MEMBER},NAME_SEARCH,abcd",
        f"https://www.linkedin.com/sales/people/{MEMBER},xyz?_ntb=1",
        f"https://www.linkedin.com/in/{MEMBER}",
    ],
)
def test_sales_navigator_and_profile_links_of_a_member_id_meet(text: str) -> None:
    assert normalise_linkedin(text) == (f"in/{MEMBER.lower()}", f"https://www.linkedin.com/in/{MEMBER}")


def test_the_old_public_form_keeps_its_own_key() -> None:
    profile = normalise_linkedin("http://www.linkedin.com/pub/Ada-Lovelace/1a/2b3/4c5")
    assert profile == ("pub/ada-lovelace/1a/2b3/4c5", "https://www.linkedin.com/pub/ada-lovelace/1a/2b3/4c5")


@pytest.mark.parametrize(
    "text",
    ["", "Ada Lovelace", "https://www.linkedin.com/company/acme", "https://www.linkedin.com/feed/", "https://evil.com/linkedin.com/in/ada",
     "https://notlinkedin.com/in/ada", "javascript:linkedin.com/in/ada", "linkedin.com/in/", "linkedin.com/in/<script>", "twitter.com/ada",
     "https://www.linkedin.com/sales/lead/short,NAME"],
)  # fmt: skip
def test_what_is_no_person_is_refused(text: str) -> None:
    assert normalise_linkedin(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://www.linkedin.com/company/Acme-Inc/about/", "https://www.linkedin.com/company/acme-inc"),
        ("https://www.linkedin.com/sales/company/123456?x=1", "https://www.linkedin.com/company/123456"),
        ("https://www.linkedin.com/school/mit", "https://www.linkedin.com/company/mit"),
        ("https://www.linkedin.com/in/ada", None),
        ("acme.com", None),
    ],
)
def test_company_pages(text: str, expected: str | None) -> None:
    assert normalise_linkedin_company(text) == expected


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(slug: str) -> None:
    profile = normalise_linkedin(f"https://linkedin.com/in/{slug}")
    if profile is not None:
        assert normalise_linkedin(profile.url) == profile
