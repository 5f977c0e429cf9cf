from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TypeAlias

import pytest

from domain.enrichment.rules.emails import EmailReason, EmailStatus
from integrations.email_verdict.lists import is_disposable, is_role, is_webmail, read_list
from integrations.email_verdict.routing import dns_resolver
from integrations.email_verdict.verifier import DnsEmailVerifier
from simulators.dns import DnsSimulator
from tests.domain.enrichment.verifier_contract import VerifierContract
from tests.waiting import HANGS_S

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ZONE = {
    "acme.example": {"MX": ["20 backup.acme.example.", "10 Mail.acme.example."]},
    "null.example": {"MX": ["0 ."]},
    "address.example": {"A": ["192.0.2.1"]},
    "six.example": {"AAAA": ["2001:db8::1"]},
    "nowhere.example": {"TXT": ['"v=spf1 -all"']},
    "hired.example": {"MX": ["10 mx.mailinator.com."]},
    "gmail.com": {"MX": ["10 mx.google.example."]},
    "xn--bcher-kva.example": {"MX": ["10 mx.example."]},
    "half.example": {},
}


@pytest.fixture
async def dns() -> AsyncIterator[DnsSimulator]:
    simulator = DnsSimulator(ZONE, failing={"failing.example"}, silent={"silent.example"})
    async with simulator:
        yield simulator


@pytest.fixture
def verifier(dns: DnsSimulator) -> DnsEmailVerifier:
    return verifier_at(dns.port)


@pytest.fixture
def impatient(dns: DnsSimulator) -> DnsEmailVerifier:
    """What asks where nobody answers."""
    return verifier_at(dns.port, timeout_s=0.3)


def verifier_at(port: int, *, timeout_s: float = HANGS_S) -> DnsEmailVerifier:
    resolver = dns_resolver(nameservers=["127.0.0.1"], port=port, timeout_s=timeout_s)
    return DnsEmailVerifier(now=lambda: NOW, resolver=resolver)


class TestContract(VerifierContract):
    @pytest.fixture
    def good(self) -> str:
        return "ada@acme.example"

    @pytest.fixture
    def dead(self) -> str:
        return "ada@gone.example"

    @pytest.fixture
    def unanswered(self) -> str:
        return "ada@failing.example"


S: TypeAlias = EmailStatus
R: TypeAlias = EmailReason


@pytest.mark.parametrize(
    ("address", "status", "reasons", "hosts"),
    [
        ("ada@acme.example", S.VALID, (R.MX_FOUND,), ("mail.acme.example", "backup.acme.example")),
        ("info@acme.example", S.RISKY, (R.ROLE_ADDRESS,), ("mail.acme.example", "backup.acme.example")),
        ("ada@gmail.com", S.RISKY, (R.WEBMAIL,), ("mx.google.example",)),
        ("ada@null.example", S.INVALID, (R.NULL_MX,), ()),
        ("ada@address.example", S.RISKY, (R.ADDRESS_RECORD_ONLY,), ("address.example",)),
        ("ada@six.example", S.RISKY, (R.ADDRESS_RECORD_ONLY,), ("six.example",)),
        ("ada@nowhere.example", S.INVALID, (R.NO_MAIL_SERVER,), ()),
        ("ada@gone.example", S.INVALID, (R.NO_SUCH_DOMAIN,), ()),
        ("ada@failing.example", S.UNKNOWN, (R.DNS_UNAVAILABLE,), ()),
        ("ada@hired.example", S.DISPOSABLE, (R.DISPOSABLE_DOMAIN,), ("mx.mailinator.com",)),
        ("ada@bücher.example", S.VALID, (R.MX_FOUND,), ("mx.example",)),
    ],
)
async def test_the_domain_decides(
    verifier: DnsEmailVerifier, address: str, status: S, reasons: tuple[R, ...], hosts: tuple[str, ...]
) -> None:
    verdict = await verifier.verify(address)
    assert (verdict.address, verdict.status, verdict.reasons, verdict.mail_hosts) == (
        address,
        status,
        reasons,
        hosts,
    )
    assert verdict.checked_at == NOW


async def test_a_malformed_address_asks_nobody(verifier: DnsEmailVerifier, dns: DnsSimulator) -> None:
    for address in ("nonsense", "a@localhost", "a@acme.invalid", "a@[127.0.0.1]"):
        assert (await verifier.verify(address)).status is EmailStatus.INVALID
    assert dns.questions == []


async def test_the_domain_is_asked_exactly_as_it_stands(
    verifier: DnsEmailVerifier, dns: DnsSimulator
) -> None:
    await verifier.verify("Ada.L@ACME.example")
    assert dns.questions == [("acme.example", "MX")]


async def test_where_nobody_answers_nothing_else_is_asked(
    impatient: DnsEmailVerifier, dns: DnsSimulator
) -> None:
    verdict = await impatient.verify("ada@silent.example")
    assert (verdict.status, verdict.reasons, verdict.mail_hosts) == (S.UNKNOWN, (R.DNS_UNAVAILABLE,), ())
    assert set(dns.questions) == {("silent.example", "MX")}


@pytest.mark.parametrize(("timeout_s", "try_s"), [(0.3, 0.3), (5, 2)])
def test_a_question_has_its_time_and_each_try_a_part_of_it(timeout_s: float, try_s: float) -> None:
    resolver = dns_resolver(nameservers=["127.0.0.1"], timeout_s=timeout_s)
    assert (resolver.lifetime, resolver.timeout) == (timeout_s, try_s)


async def test_nobody_listening_is_unknown() -> None:
    verdict = await verifier_at(1, timeout_s=0.3).verify("ada@acme.example")
    assert verdict.status is EmailStatus.UNKNOWN


def test_the_lists_know_their_members_and_not_their_neighbours() -> None:
    assert is_disposable("mailinator.com")
    assert is_disposable("sub.Mailinator.com")
    assert not is_disposable("notmailinator.com")
    assert not is_disposable("com")
    assert is_role("Info+tag")
    assert not is_role("ada.info")
    assert is_webmail("GMail.com")
    assert not is_webmail("mail.gmail.com.acme.example")


@pytest.mark.parametrize("name", ["disposable_domains", "webmail_domains", "role_names"])
def test_the_lists_are_lower_case_words_and_of_some_size(name: str) -> None:
    entries = read_list(name)
    assert len(entries) > 80
    assert all(entry == entry.lower().strip() and " " not in entry for entry in entries)


def test_no_domain_is_both_webmail_and_disposable() -> None:
    assert not read_list("webmail_domains") & read_list("disposable_domains")
