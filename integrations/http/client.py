"""The guarded client: reaches public http(s) addresses only, and never reads or waits without end."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx2

from domain.errors import Invalid, ProviderUnavailable

from .address_guard import (
    HTTP_PORTS,
    AddressRefused,
    Destination,
    Resolve,
    resolve_public,
    resolve_system,
)
from .allow_list import AllowList
from .decoding import BodyBroken, BodyDecoder, BodyTooLarge

REDIRECTS_MAX = 3
_DEFAULT_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_URL_MAX = 2048


class ResponseRefused(Invalid):
    """The answer is too large, too deeply redirected, of a type nobody asked for, or broken."""

    code = "RESPONSE_REFUSED"


class HostUnreachable(ProviderUnavailable):
    """No answer in time, or the connection failed."""

    code = "HOST_UNREACHABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Caps of one request, redirects included.

    Args:
        total_s: from the first look-up to the last byte.
        connect_s: per connection attempt.
        body_bytes: of the body, as received and as unpacked.
    """

    total_s: float = 15.0
    connect_s: float = 5.0
    body_bytes: int = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A complete answer. ``url`` is the one that answered, after redirects; header names in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty if none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class GuardedClient:
    """Fetches URLs that users and pages hand us.

    Connections aren't kept: each request goes to the address that was judged for it, and two sites behind
    one address never share a TLS session. No proxies, cookies or credentials.

    Args:
        allow: the operator's allow-list.
        user_agent: names the product and a contact, so that a site's owner can complain.
        tls: for tests with a private authority; default verifies against the system's.
        resolve: host name to addresses.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow: AllowList | None = None,
        limits: FetchLimits | None = None,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolve_system,
        connections_max: int = 50,
    ) -> None:
        self._user_agent = user_agent
        self._allow = allow or AllowList()
        self._limits = limits or FetchLimits()
        self._resolve = resolve
        self._transport = httpx2.AsyncHTTPTransport(
            verify=tls or True,
            limits=httpx2.Limits(max_connections=connections_max, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every open connection."""
        await self._transport.aclose()

    async def get(
        self,
        url: str,
        *,
        accept: Collection[str] = (),
        headers: Mapping[str, str] | None = None,
        limits: FetchLimits | None = None,
        redirects_max: int = REDIRECTS_MAX,
    ) -> Fetched:
        """Fetch a URL and follow up to ``redirects_max`` redirects, each judged like the first.

        Args:
            url: absolute, http or https.
            accept: media types whose body is wanted; of others nothing is read. Empty takes all. It
                concerns successful answers; errors come with whatever body they have.
            headers: sent to every hop; don't put secrets here.
            limits: instead of the client's own.
            redirects_max: 0 returns a redirect instead of following it.

        Raises:
            AddressRefused, HostNotFound: see ``resolve_public``; also URLs with credentials.
            ResponseRefused: too large, too many redirects, unwanted type, broken encoding.
            HostUnreachable: connection failed or ``total_s`` passed.
        """
        caps = limits or self._limits
        sent = {"accept": ", ".join(accept) or "*/*", **(headers or {})}
        async with _deadline(caps.total_s):
            for _hop in range(redirects_max + 1):
                answer = await self._exchange("GET", url, headers=sent, content=b"", caps=caps, accept=accept)
                location = answer.headers.get("location")
                if answer.status not in _REDIRECTS or location is None or not redirects_max:
                    return answer
                url = join_url(answer.url, location)
        raise ResponseRefused(f"more than {redirects_max} redirects")

    async def post(
        self, url: str, *, content: bytes, headers: Mapping[str, str], limits: FetchLimits | None = None
    ) -> Fetched:
        """Send ``content`` once; redirects are returned, not followed. Raises like ``get``."""
        caps = limits or self._limits
        async with _deadline(caps.total_s):
            return await self._exchange("POST", url, headers=headers, content=content, caps=caps, accept=())

    async def _exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes,
        caps: FetchLimits,
        accept: Collection[str],
    ) -> Fetched:
        target = parse_url(url)
        port = target.port or _DEFAULT_PORTS[target.scheme]
        destination = await resolve_public(
            target.raw_host.decode("ascii"), port, allow=self._allow, ports=HTTP_PORTS, resolve=self._resolve
        )
        request = self._build(method, target, destination, headers=headers, content=content, caps=caps)
        async with AsyncExitStack() as stack:
            try:
                response = await self._transport.handle_async_request(request)
                stack.push_async_callback(response.aclose)
                body = await _read(response, caps=caps, accept=accept)
            except httpx2.TransportError as error:
                raise HostUnreachable(f"{destination.host}: {type(error).__name__}") from error
        return Fetched(
            url=str(target.copy_with(fragment=None)),
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
        )

    def _build(
        self,
        method: str,
        target: httpx2.URL,
        destination: Destination,
        *,
        headers: Mapping[str, str],
        content: bytes,
        caps: FetchLimits,
    ) -> httpx2.Request:
        every = {key.lower(): value for key, value in headers.items()}
        every |= {"host": target.netloc.decode("ascii"), "accept-encoding": "gzip, deflate"}
        every |= {"connection": "close"}
        every.setdefault("user-agent", self._user_agent)
        return httpx2.Request(
            method,
            target.copy_with(host=destination.address, port=destination.port),
            headers=every,
            content=content if method == "POST" else None,
            extensions={
                "sni_hostname": destination.host.rstrip("."),
                "timeout": httpx2.Timeout(caps.total_s, connect=caps.connect_s).as_dict(),
            },
        )


def parse_url(url: str) -> httpx2.URL:
    """Return the parsed URL, with the one parser whose result is also connected to.

    Raises:
        AddressRefused: not http(s), no host, credentials, control characters or back-slashes (which
            parsers read differently), or longer than 2,048 characters.
    """
    if len(url) > _URL_MAX or any(char <= " " or char in "\\\x7f" for char in url):
        raise AddressRefused("the URL is malformed")
    try:
        target = httpx2.URL(url)
        port_fits = target.port is None or 0 < target.port < 65536
    except (httpx2.InvalidURL, ValueError, TypeError):
        raise AddressRefused("the URL is malformed") from None
    if target.scheme not in _DEFAULT_PORTS or not target.raw_host or not port_fits:
        raise AddressRefused("only http and https URLs with a host can be fetched")
    if target.userinfo or "@" in target.netloc.decode("ascii", "replace"):
        raise AddressRefused("a URL with credentials isn't fetched")
    return target


def join_url(url: str, location: str) -> str:
    """Return where a redirect or link on ``url`` leads; raises AddressRefused if that is no URL."""
    try:
        return str(httpx2.URL(url).join(location))
    except (httpx2.InvalidURL, ValueError):
        raise AddressRefused("it leads to a malformed URL") from None


async def _read(response: httpx2.Response, *, caps: FetchLimits, accept: Collection[str]) -> bytes:
    if response.status_code in _REDIRECTS:
        return b""  # nobody reads it, and it may be as long as it likes
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if accept and response.is_success and kind not in accept:
        raise ResponseRefused(f"it is {kind[:60] or 'of no declared type'}")
    if int(response.headers.get("content-length", "0") or 0) > caps.body_bytes:
        raise ResponseRefused(f"more than {caps.body_bytes} bytes")
    try:
        decoder = BodyDecoder(encoding=response.headers.get("content-encoding", ""), limit=caps.body_bytes)
        async for block in response.aiter_raw():
            decoder.feed(block)
        return decoder.finish()
    except (BodyTooLarge, BodyBroken) as error:
        raise ResponseRefused(str(error)) from error


@asynccontextmanager
async def _deadline(total_s: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(total_s):
            yield
    except TimeoutError as error:
        raise HostUnreachable(f"no complete answer within {total_s:g} s") from error
