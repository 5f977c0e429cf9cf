from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from integrations.http.address_guard import (
    MAIL_PORTS,
    AddressRefused,
    Destination,
    HostNotFound,
    check_host,
    is_public,
    resolve_public,
)
from integrations.http.allow_list import AllowList, parse_allow_list


class Names:
    """A resolver with a table; counts look-ups and changes its answers when told to."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.answers = {name.replace("_", "."): list(found) for name, found in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise OSError("no such name")
        return self.answers[host]


NOTHING = AllowList()


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.216.34",
        "2606:4700::1111",
        "2a00:1450:4001::5",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1"),
        *(
            "192.88.99.1",
            "::",
            "::1",
            "::127.0.0.1",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fec0::1",
            "ff02::1",
        ),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::808:808"),
        *("2002:7f00:1::", "2002:808:808::", "2001:0:1::", "2001:db8::1", "3fff::1", "100::1", "5f00::1"),
        "2606:4700::1111%1",
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        *(
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "017700000001",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "127.0.0.1.",
        ),
        *("127.0.0.256", "1.2.3.4.5", "a.0x", "", ".", "a..b", "-a.example", "a b", "a/b", "ex%61mple.com"),
        *(
            "a\x00b",
            "a@b",
            "[::1]",
            "::1%lo",
            "fe80::1%25eth0",
            "1::2::3",
            "x" * 64 + ".example",
            "a." * 127 + "aa",
        ),
    ],
)
def test_numbers_in_disguise_and_malformed_hosts_are_refused_without_a_look_up(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_host(host)


def test_plain_names_and_canonical_addresses_pass() -> None:
    assert check_host("WWW.Acme.Example") == "www.acme.example"
    assert check_host("xn--bcher-kva.example") == "xn--bcher-kva.example"
    assert check_host("93.184.216.34") == "93.184.216.34"
    assert check_host("2606:4700:0::1111") == "2606:4700::1111"
    assert check_host("7zip.example") == "7zip.example"


async def test_a_name_is_resolved_once_to_the_address_to_connect_to() -> None:
    names = Names(acme_example=["93.184.216.34", "2606:4700::1"])
    found = await resolve_public("Acme.example", 443, allow=NOTHING, resolve=names)

    assert found == Destination(host="acme.example", address="93.184.216.34", port=443)
    assert names.asked == ["acme.example"]


async def test_one_forbidden_address_among_several_refuses_the_name() -> None:
    names = Names(acme_example=["93.184.216.34", "10.0.0.1"])
    with pytest.raises(AddressRefused):
        await resolve_public("acme.example", 443, allow=NOTHING, resolve=names)


@pytest.mark.parametrize("port", [22, 25, 6379, 8081, 0])
async def test_other_ports_are_refused(port: int) -> None:
    names = Names(acme_example=["93.184.216.34"])
    with pytest.raises(AddressRefused):
        await resolve_public("acme.example", port, allow=NOTHING, resolve=names)


async def test_mail_hosts_have_ports_of_their_own() -> None:
    names = Names(mail_example=["93.184.216.34"])
    found = await resolve_public("mail.example", 993, allow=NOTHING, ports=MAIL_PORTS, resolve=names)
    assert found.port == 993
    with pytest.raises(AddressRefused):
        await resolve_public("mail.example", 80, allow=NOTHING, ports=MAIL_PORTS, resolve=names)


async def test_a_name_without_address_or_answer_may_work_later() -> None:
    with pytest.raises(HostNotFound):
        await resolve_public("gone.example", 80, allow=NOTHING, resolve=Names())
    with pytest.raises(HostNotFound):
        await resolve_public("empty.example", 80, allow=NOTHING, resolve=Names(empty_example=[]))


@pytest.mark.parametrize(
    ("entries", "host", "port", "admitted"),
    [
        (["127.0.0.1:*"], "127.0.0.1", 5432, True),
        (["127.0.0.1"], "127.0.0.1", 5432, True),
        (["127.0.0.1:8025"], "127.0.0.1", 8025, True),
        (["127.0.0.1:8025"], "127.0.0.1", 80, False),
        (["127.0.0.1:*"], "127.0.0.2", 80, False),
        (["127.0.0.0/8:*"], "127.0.0.2", 80, True),
        (["10.0.0.0/8"], "10.2.3.4", 80, True),
        (["[::1]:8025"], "::1", 8025, True),
        (["::1"], "::1", 9, True),
        (["mailpit:1025"], "mailpit", 1025, True),
        (["mailpit:1025"], "mailpit", 1026, False),
        (["mailpit:1025"], "other", 1025, False),
        (["127.0.0.1:*"], "::ffff:127.0.0.1", 80, False),
    ],
)
async def test_only_the_operators_list_admits_more(
    entries: list[str], host: str, port: int, admitted: bool
) -> None:
    names = Names(mailpit=["172.18.0.5"], other=["172.18.0.5"])
    allow = parse_allow_list(entries)
    if admitted:
        assert (await resolve_public(host, port, allow=allow, resolve=names)).port == port
    else:
        with pytest.raises(AddressRefused):
            await resolve_public(host, port, allow=allow, resolve=names)


async def test_the_operator_may_say_where_names_lead_but_the_address_must_still_be_admitted() -> None:
    hosts = {"*.demo.example": "127.0.0.1:8093", "one.demo.example": "127.0.0.2"}
    allow, names = parse_allow_list(["127.0.0.0/8"], hosts=hosts), Names()

    found = await resolve_public("a.b.demo.example", 80, allow=allow, resolve=names)
    assert found == Destination(host="a.b.demo.example", address="127.0.0.1", port=8093)
    assert (await resolve_public("ONE.demo.example", 80, allow=allow, resolve=names)).address == "127.0.0.2"
    assert names.asked == []
    with pytest.raises(HostNotFound):
        await resolve_public("demo.example", 80, allow=allow, resolve=names)
    with pytest.raises(AddressRefused):
        await resolve_public("a.demo.example", 80, allow=parse_allow_list([], hosts=hosts), resolve=names)


@pytest.mark.parametrize(
    "entry", ["", "127.0.0.1:0", "127.0.0.1:99999", "10.0.0.1/8", "a b", "host:x", "300.1.1.1", "*"]
)
def test_a_malformed_entry_is_named_at_start(entry: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        parse_allow_list([entry])


def test_a_name_can_be_pinned_to_an_address_only() -> None:
    with pytest.raises(ValueError, match="must be an address"):
        parse_allow_list([], hosts={"a.example": "b.example"})
