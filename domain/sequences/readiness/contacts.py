"""Checks of links, addresses and phone numbers: only the workspace's and the checked company site's."""

import html
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from domain.sequences.content import MessageContent, footer_text, html_from_text, split_footer
from domain.sequences.readiness.checks import CheckResult, ReadinessCheck, Rule, Standard, judged

LINKS_MAX = 1

_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}:[/\\]+[^\s<>\"]+", re.IGNORECASE)
_SCRIPT = re.compile(r"\b(?:javascript|vbscript|data|file|blob|tel|sms|mailto)\s*:(?=\S)", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[^\s@<>()\[\],;:\"]{1,255}\.[^\s@<>()\[\],;:\".]{2,}")
_HOST = re.compile(r"(?<![\w@.-])(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,24}(?![\w@-]|\.\w)")
_PHONE = re.compile(r"(?<![\w/.-])\+?\(?\d[\d\s().\u00a0/-]{6,}\d(?!\w)")
_HREF = re.compile(r"""href\s*=\s*["']?([^"'>\s]+)""", re.IGNORECASE)
_PHONE_DIGITS_MIN = 9


def check_contacts(content: MessageContent, *, standard: Standard) -> Iterator[ReadinessCheck]:
    """Yield the checks of where a message could lead its reader."""
    body, _ = split_footer(content.text_body)
    faults = [*_faults(f"{content.subject}\n{body}", standard=standard)]
    # The footer is composed by code, and FOOTER compares it word for word; its links are taken from there.
    end = html_from_text(footer_text(standard.footer)) if standard.footer else ""
    hrefs = {html.unescape(href) for href in set(_HREF.findall(content.html_body)) - set(_HREF.findall(end))}
    faults += [f"link {href[:80]}" for href in sorted(hrefs) if not _is_allowed_url(href, standard=standard)]
    yield judged(
        Rule.CONTACTS,
        CheckResult.BLOCK,
        [f"not on the allow-list: {fault}" for fault in dict.fromkeys(faults)],
    )
    links = len(_URL.findall(body))
    too_many = standard.is_first_touch and links > LINKS_MAX
    yield judged(Rule.LINK_COUNT, CheckResult.WARN, [f"{links} links; one is enough"] if too_many else [])


def _faults(text: str, *, standard: Standard) -> Iterator[str]:
    for match in _SCRIPT.finditer(text):
        yield f"link {match.group()}"
    urls = [match.group().rstrip(".,;:!?)]'") for match in _URL.finditer(text)]
    for url in urls:
        if not _is_allowed_url(url, standard=standard):
            yield f"link {url[:80]}"
    rest = _URL.sub(" ", text)
    for address in _EMAIL.findall(rest):
        if not _is_allowed_email(address.rstrip("."), standard=standard):
            yield f"address {address[:80]}"
    rest = _EMAIL.sub(" ", rest)
    for host in _HOST.findall(rest):
        if _is_registrable(host) and not _is_allowed_host(host, standard=standard):
            yield f"host {host[:80]}"
    own_digits = re.sub(r"\D", "", standard.own_words)
    for phone in _PHONE.findall(rest):
        digits = re.sub(r"\D", "", phone)
        if len(digits) >= _PHONE_DIGITS_MIN and digits not in own_digits:
            yield f"phone number {phone.strip()}"


def _is_allowed_url(url: str, *, standard: Standard) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_plain = parts.scheme.lower() in ("http", "https") and "@" not in parts.netloc and "\\" not in url
    return is_plain and _is_allowed_host(host, standard=standard)


def _is_allowed_email(address: str, *, standard: Standard) -> bool:
    host = address.rpartition("@")[2]
    return address.casefold() in standard.own_words.casefold().split() or _is_allowed_host(
        host, standard=standard
    )


def _is_allowed_host(host: str, *, standard: Standard) -> bool:
    wanted = host.casefold().rstrip(".")
    allowed = {name.casefold() for name in standard.allowed_hosts}
    allowed |= {standard.recipient.company_domain.casefold()} - {""}
    return any(
        wanted == name or wanted.endswith(f".{name}") for name in allowed | _own_hosts(standard.own_words)
    )


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_registrable(host: str) -> bool:
    """Whether mail programs would make a link of it: it has a known public suffix (``Node.js`` hasn't)."""
    return _suffixes().publicsuffix(host.casefold(), accept_unknown=False) is not None


def _own_hosts(own_words: str) -> frozenset[str]:
    """The hosts that the workspace wrote down itself, in links or as plain text."""
    urls = [match.group().rstrip(".,;:!?)]'") for match in _URL.finditer(own_words)]
    linked = {urlsplit(url).hostname or "" for url in urls if "@" not in url and "\\" not in url}
    plain = {
        host.casefold()
        for host in _HOST.findall(_EMAIL.sub(" ", _URL.sub(" ", own_words)))
        if _is_registrable(host)
    }
    return frozenset((linked | plain) - {""})
