"""Which addresses belong to one company's site, and which of its pages are worth reading."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote

import httpx2
from publicsuffixlist import PublicSuffixList

from domain.errors import Invalid
from integrations.http.address_guard import AddressRefused
from integrations.http.client import join_url, parse_url

from .words import PAGE_WORDS, PageKind

_NO_PAGE = (
    ".pdf",
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".svg",
    ".webp",
    ".zip",
    ".mp4",
    ".doc",
    ".docx",
    ".xml",
    ".ics",
)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registrable_domain(host: str) -> str:
    """Return the part of a host name that its owner registered (``www.acme.co.uk`` -> ``acme.co.uk``).

    Addresses and bare public suffixes are their own site.
    """
    name = host.lower().rstrip(".")
    if ":" in name or name.rpartition(".")[2].isdigit():
        return name
    return str(_suffixes().privatesuffix(name) or name)


def site_of(url: str) -> str:
    """Return the registrable domain of a URL."""
    return registrable_domain(parse_url(url).raw_host.decode("ascii"))


def start_urls(*, website: str, domain: str) -> tuple[str, ...]:
    """Return the URLs a crawl may start from, the likeliest first.

    Raises:
        Invalid: neither a website nor a domain, or one that is no http(s) address.
    """
    given = website.strip() or domain.strip()
    if not given:
        raise Invalid("a website or a company domain is needed", field=("website",))
    if "://" in given:
        return (_root(given),)
    return _root(f"https://{given}"), _root(f"http://{given}")


def _root(url: str) -> str:
    text = str(parse_url(url).copy_with(fragment=None))
    return text if text.count("/") > 2 else f"{text}/"


def choose_pages(
    targets: Iterable[tuple[str, str]], *, home: str, pages_max: int
) -> tuple[tuple[PageKind, str], ...]:
    """Return at most ``pages_max`` further pages of the site: one per kind, in the order of ``PageKind``.

    Args:
        targets: (href, link text) as written on the home page.
        home: the home page's URL.
    """
    best: dict[PageKind, tuple[int, str]] = {}
    seen = {_without_slash(home)}
    for url, text in _same_site(targets, home=home):
        kind, score = _kind_of(url, text)
        if kind is not None and _without_slash(url) not in seen and score > best.get(kind, (0, ""))[0]:
            best[kind] = (score, url)
    chosen: list[tuple[PageKind, str]] = []
    for kind in PageKind:
        if kind in best and _without_slash(best[kind][1]) not in seen:
            seen.add(_without_slash(best[kind][1]))
            chosen.append((kind, best[kind][1]))
    return tuple(chosen[:pages_max])


def _same_site(targets: Iterable[tuple[str, str]], *, home: str) -> Iterator[tuple[str, str]]:
    site = site_of(home)
    for href, text in targets:
        if not href or href.startswith(("#", "mailto:", "tel:", "javascript:", "data:")):
            continue
        try:
            url = join_url(home, href)
            parsed = parse_url(url)
        except AddressRefused:
            continue
        if registrable_domain(parsed.raw_host.decode("ascii")) == site and not parsed.path.lower().endswith(
            _NO_PAGE
        ):
            yield str(parsed.copy_with(fragment=None)), text


def _kind_of(url: str, text: str) -> tuple[PageKind | None, int]:
    """Score a link: its last path word counts most, its text too; deep paths are rather articles."""
    path = httpx2.URL(url).path.strip("/")
    last = unquote(path.rpartition("/")[2]).replace("_", "-").partition(".")[0]
    depth = path.count("/")
    scores = {}
    for kind, pattern in PAGE_WORDS.items():
        score = 4 * bool(pattern.fullmatch(last)) + 2 * bool(pattern.search(last))
        score += (3 * bool(pattern.fullmatch(text)) + bool(pattern.search(text))) if len(text) <= 60 else 0
        scores[kind] = score * 2 - depth if score else 0
    kind = max(scores, key=lambda each: scores[each])
    return (kind, scores[kind]) if scores[kind] > 0 else (None, 0)


def _without_slash(url: str) -> str:
    return url.partition("#")[0].rstrip("/").lower()
