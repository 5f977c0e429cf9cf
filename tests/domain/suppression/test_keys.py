from uuid import UUID

import pytest

from domain.errors import Invalid
from domain.suppression.keys import Recipient, fold, key_of, keys_of
from domain.suppression.rules import IdentityKey, SuppressionKind

KEY = bytes(range(32))
LEAD, COMPANY = UUID(int=7), UUID(int=8)
ADA = Recipient(
    lead_id=LEAD,
    company_id=COMPANY,
    emails=("A.d.a+x@gmail.com", "ada@mail.eu.example.co.uk"),
    phones=("+49 30 123456",),
    linkedin_urls=("https://www.linkedin.com/in/Ada/",),
)


def named(kind: SuppressionKind, value: str) -> IdentityKey:
    return key_of(kind=kind, value=value, key=KEY)


def test_a_key_is_the_keyed_hash_of_the_folded_identifier() -> None:
    found = named(SuppressionKind.EMAIL, "Ada+x@Example.com")

    assert found.kind is SuppressionKind.EMAIL
    assert len(found.key_hash) == 32
    assert found == named(SuppressionKind.EMAIL, "ada@example.com")
    assert found != key_of(kind=SuppressionKind.EMAIL, value="ada@example.com", key=bytes(32))
    assert b"ada" not in found.key_hash


def test_the_same_text_of_two_kinds_hashes_apart() -> None:
    lead = named(SuppressionKind.LEAD, str(LEAD))
    company = named(SuppressionKind.COMPANY, str(LEAD))

    assert lead.key_hash != company.key_hash


def test_a_recipient_is_found_under_every_name_and_every_domain_above() -> None:
    assert keys_of(recipient=ADA, key=KEY) == {
        named(SuppressionKind.LEAD, str(LEAD)),
        named(SuppressionKind.COMPANY, str(COMPANY)),
        named(SuppressionKind.EMAIL, "ada@gmail.com"),
        named(SuppressionKind.EMAIL, "ada@mail.eu.example.co.uk"),
        named(SuppressionKind.DOMAIN, "gmail.com"),
        named(SuppressionKind.DOMAIN, "mail.eu.example.co.uk"),
        named(SuppressionKind.DOMAIN, "eu.example.co.uk"),
        named(SuppressionKind.DOMAIN, "example.co.uk"),
        named(SuppressionKind.PHONE, "+4930123456"),
        named(SuppressionKind.LINKEDIN, "linkedin.com/in/ada"),
    }


def test_a_domain_covers_its_subdomains_but_not_its_parents_nor_its_look_alikes() -> None:
    suppressed = named(SuppressionKind.DOMAIN, "eu.example.com")

    def is_named(email: str) -> bool:
        return suppressed in keys_of(recipient=Recipient(emails=(email,)), key=KEY)

    assert is_named("a@eu.example.com")
    assert is_named("a@mail.EU.example.com")
    assert not is_named("a@example.com")
    assert not is_named("a@noteu.example.com")
    assert not is_named("a@eu.example.com.evil.test")


def test_the_companys_other_domains_count_too() -> None:
    keys = keys_of(recipient=Recipient(emails=("a@b.example",), domains=("holding.example",)), key=KEY)

    assert named(SuppressionKind.DOMAIN, "holding.example") in keys


def test_an_unusable_identifier_doesnt_hide_the_others() -> None:
    recipient = Recipient(emails=("nonsense", "ada@example.com"), phones=("12",), linkedin_urls=("x",))

    assert keys_of(recipient=recipient, key=KEY) == {
        named(SuppressionKind.EMAIL, "ada@example.com"),
        named(SuppressionKind.DOMAIN, "example.com"),
    }


@pytest.mark.parametrize("domain", ["com", "co.uk", "CO.UK.", "gov.za"])
def test_nobody_suppresses_a_whole_public_suffix(domain: str) -> None:
    with pytest.raises(Invalid):
        fold(kind=SuppressionKind.DOMAIN, value=domain)


def test_a_hosting_domain_can_be_suppressed() -> None:
    assert fold(kind=SuppressionKind.DOMAIN, value="GitHub.io") == "github.io"


@pytest.mark.parametrize("kind", [SuppressionKind.LEAD, SuppressionKind.COMPANY])
def test_leads_and_companies_are_named_by_id(kind: SuppressionKind) -> None:
    assert fold(kind=kind, value=str(LEAD).upper()) == str(LEAD)
    with pytest.raises(Invalid):
        fold(kind=kind, value="Plera Inc.")
