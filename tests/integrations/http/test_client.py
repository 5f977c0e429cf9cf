import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme

from integrations.http.address_guard import AddressRefused, HostNotFound
from integrations.http.allow_list import parse_allow_list
from integrations.http.client import FetchLimits, GuardedClient, HostUnreachable, ResponseRefused, parse_url
from tests.integrations.http.raw_server import raw_server, redirect, response
from tests.waiting import HANGS_S

AGENT = "PleraBot/1.0 (+mailto:ops@plera.example)"
LOOPBACK = parse_allow_list(["127.0.0.1:*"])


@pytest.fixture
async def client() -> AsyncIterator[GuardedClient]:
    async with GuardedClient(user_agent=AGENT, allow=LOOPBACK, limits=FetchLimits(total_s=HANGS_S)) as client:
        yield client


async def test_a_page_is_fetched_with_its_headers(client: GuardedClient) -> None:
    async with raw_server(
        response(gzip.compress(b"hello"), extra=("Content-Encoding: gzip", "X-A: b"))
    ) as server:
        page = await client.get(server.url("/a?b=c#d"), accept=["text/html"], headers={"X-Own": "1"})

    assert (page.status, page.body, page.content_type, page.headers["x-a"]) == (
        200,
        b"hello",
        "text/html",
        "b",
    )
    assert page.url == server.url("/a?b=c")
    sent = server.requests[0].lower()
    assert sent.startswith("get /a?b=c http/1.1\r\n")
    for header in (
        f"host: 127.0.0.1:{server.port}",
        f"user-agent: {AGENT.lower()}",
        "x-own: 1",
        "accept: text/html",
    ):
        assert f"\r\n{header}\r\n" in sent


async def test_the_name_goes_into_the_host_header_and_the_connection_to_the_pinned_address() -> None:
    async with raw_server(response()) as server:
        allow = parse_allow_list(["127.0.0.1:*"], hosts={"*.example": f"127.0.0.1:{server.port}"})
        async with GuardedClient(user_agent=AGENT, allow=allow) as client:
            page = await client.get("http://acme.example/x")

    assert page.url == "http://acme.example/x"
    assert "\r\nhost: acme.example\r\n" in server.requests[0].lower()


async def test_tls_checks_the_certificate_of_the_name_not_of_the_address() -> None:
    authority = trustme.CA()
    server_tls, client_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("acme.example").configure_cert(server_tls)
    authority.configure_trust(client_tls)
    async with raw_server(response(), tls=server_tls) as server:
        hosts = {"acme.example": f"127.0.0.1:{server.port}", "other.example": f"127.0.0.1:{server.port}"}
        allow = parse_allow_list(["127.0.0.1:*"], hosts=hosts)
        async with GuardedClient(user_agent=AGENT, allow=allow, tls=client_tls) as client:
            assert (await client.get("https://acme.example/")).status == 200
            with pytest.raises(HostUnreachable):
                await client.get("https://other.example/")
        async with GuardedClient(user_agent=AGENT, allow=allow) as distrustful:
            with pytest.raises(HostUnreachable):
                await distrustful.get("https://acme.example/")

    assert server.server_names[:2] == ["acme.example", "other.example"]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "ftp://a.example/",
            "gopher://a.example/",
            "javascript:alert(1)",
            "//a.example/",
            "",
        ),
        *(
            "http://",
            "http:///x",
            "http://user:pw@a.example/",
            "http://a@b@c/",
            "http://good.example\\@127.0.0.1/",
        ),
        *(
            "http://a b.example/",
            "http://a.example/\r\nX: y",
            "http://a.example:99999/",
            "http://a.example/" + "x" * 2048,
        ),
        "http://\uff11\uff12\uff17.0.0.1/",
    ],
)
def test_urls_of_other_kinds_or_with_credentials_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse_url(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "localhost",
    ],
)
async def test_without_an_allow_list_nothing_local_is_reached(host: str) -> None:
    async with raw_server(response()) as server, GuardedClient(user_agent=AGENT) as client:
        with pytest.raises(AddressRefused):
            await client.get(f"http://{host}:{server.port}/")
        with pytest.raises(AddressRefused):
            await client.get(f"http://{host}/")

    assert server.requests == []


async def test_each_redirect_is_judged_like_the_first_url(client: GuardedClient) -> None:
    for location in (
        "http://169.254.169.254/latest",
        "http://[::1]:80/",
        "file:///etc/passwd",
        "http://u:p@127.0.0.1/",
    ):
        async with raw_server(redirect(location)) as server:
            with pytest.raises(AddressRefused):
                await client.get(server.url())
        assert len(server.requests) == 1


async def test_a_name_that_changes_its_address_is_judged_again() -> None:
    """DNS rebinding: public at the first look-up, private at the second, and one look-up per request."""
    answers, asked = [["127.0.0.1"], ["10.0.0.1"]], []

    async def resolve(host: str) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    client = GuardedClient(user_agent=AGENT, allow=LOOPBACK, resolve=resolve)
    async with client, raw_server(redirect("/again")) as server:
        with pytest.raises(AddressRefused):
            await client.get(f"http://rebind.example:{server.port}/")

    assert len(server.requests) == 1
    assert asked == ["rebind.example", "rebind.example"]


async def test_three_redirects_are_followed_and_a_fourth_is_not(client: GuardedClient) -> None:
    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        left = int(path[1:])
        writer.write(redirect(f"/{left - 1}") if left else response(b"there"))

    async with raw_server(answer) as server:
        page = await client.get(server.url("/3"))
        assert (page.body, page.url) == (b"there", server.url("/0"))
        with pytest.raises(ResponseRefused):
            await client.get(server.url("/4"))
        assert (await client.get(server.url("/4"), redirects_max=0)).status == 302

    assert len(server.requests) == 4 + 4 + 1


async def test_cookies_and_keepalive_never_carry_over(client: GuardedClient) -> None:
    async with raw_server(response(extra=("Set-Cookie: a=b; Path=/",))) as server:
        await client.get(server.url())
        await client.get(server.url())

    assert "cookie" not in server.requests[1].lower()
    assert "\r\nconnection: close\r\n" in server.requests[1].lower()


async def test_a_body_without_end_is_cut_off_by_size(client: GuardedClient) -> None:
    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with raw_server(answer) as server:
        with pytest.raises(ResponseRefused):
            await client.get(server.url(), limits=FetchLimits(body_bytes=300_000))


async def test_a_declared_length_above_the_limit_is_not_even_read(client: GuardedClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999999999\r\n\r\n"
    async with raw_server(head) as server:
        with pytest.raises(ResponseRefused, match="more than"):
            await client.get(server.url())


async def test_a_body_that_drips_is_cut_off_by_time(client: GuardedClient) -> None:
    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:  # each byte comes in time, the last one never
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with raw_server(answer) as server:
        with pytest.raises(HostUnreachable, match=r"0\.3 s"):
            await client.get(server.url(), limits=FetchLimits(total_s=0.3))


async def test_other_types_are_refused_unread_but_errors_keep_their_status(client: GuardedClient) -> None:
    async with raw_server(response(kind="application/pdf")) as server:
        with pytest.raises(ResponseRefused, match="application/pdf"):
            await client.get(server.url(), accept=["text/html"])
    async with raw_server(response(b"{}", status="404 Not Found", kind="application/json")) as server:
        assert (await client.get(server.url(), accept=["text/html"])).status == 404


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"]
)
async def test_broken_servers_are_unreachable(client: GuardedClient, answer: bytes) -> None:
    async with raw_server(answer) as server:
        with pytest.raises(HostUnreachable):
            await client.get(server.url())


async def test_nobody_listening_and_unknown_names_may_work_later(client: GuardedClient) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # its port is nobody else's meanwhile
        with pytest.raises(HostUnreachable):
            await client.get(f"http://127.0.0.1:{deaf.getsockname()[1]}/")

    async def nothing(host: str) -> list[str]:
        raise OSError

    async with GuardedClient(user_agent=AGENT, resolve=nothing) as lost:
        with pytest.raises(HostNotFound):
            await lost.get("http://gone.example/")


async def test_a_post_sends_its_bytes_once_and_follows_nothing(client: GuardedClient) -> None:
    async with raw_server(redirect("/elsewhere")) as server:
        headers = {"Content-Type": "application/json", "webhook-id": "msg_1"}
        answer = await client.post(server.url("/hook"), content=b'{"a":1}', headers=headers)

    assert answer.status == 302
    assert len(server.requests) == 1
    assert "content-length: 7" in server.requests[0].lower()
    assert "webhook-id: msg_1" in server.requests[0].lower()
