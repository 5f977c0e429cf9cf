"""Companies: their site, registrable domain, a key for their name, and their size."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

import idna
from publicsuffixlist import PublicSuffixList

from domain.leads.normalising.names import fold_name
from domain.leads.normalising.text import word_set

WEBSITE_CHARS_MAX = 2000
EMPLOYEES_MAX = 10_000_000  # four times the largest employer there is

_LABELS = r"(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})"
_HOST = re.compile(_LABELS, re.ASCII)
_PLAIN_URL = re.compile(rf"(?:(https?)://)?({_LABELS})(/[a-z0-9/_~.-]*)?", re.ASCII | re.IGNORECASE)
_NOT_IN_URL = re.compile(r"[\s<>\"\\]")
_LEGAL_FORMS = word_set(
    """
    inc incorporated llc llp lp ltd limited plc corp corporation co company gmbh mbh ag kg kgaa ug ohg gbr se
    sa sas sarl sasu eurl srl spa snc bv nv vof cv ab as asa aps oy oyj ou uab sia doo dd zrt kft sro zoo sp
    sl slu sau ltda lda eireli pty pte pvt private bhd sdn kk pjsc ooo
    """
)
_MAILBOX_PROVIDERS = word_set(
    """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.co.in yahoo.co.jp ymail.com
    rocketmail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.fr hotmail.de
    hotmail.it live.com live.co.uk live.fr msn.com aol.com icloud.com me.com mac.com proton.me protonmail.com
    pm.me gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru yandex.ru
    yandex.com rambler.ru bk.ru list.ru inbox.ru qq.com 163.com 126.com sina.com foxmail.com naver.com
    daum.net hanmail.net orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tin.it alice.it
    wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz bluewin.ch telenet.be skynet.be ziggo.nl kpnmail.nl
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net btinternet.com bigpond.com
    rediffmail.com uol.com.br bol.com.br terra.com.br zoho.com fastmail.com hey.com tutanota.com tuta.io
    duck.com hushmail.com
    """
)
_PROFILE_SITES = word_set(
    """
    linkedin.com facebook.com twitter.com x.com instagram.com youtube.com crunchbase.com github.com tiktok.com
    xing.com linktr.ee bit.ly google.com angel.co wellfound.com medium.com
    """
)
_THOUSANDS = re.compile(r"(?<=\d)[.,\s'’](?=\d{3}(?:\D|$))")
_NUMBER = re.compile(r"(\d{1,9})\s*(k\b)?", re.IGNORECASE)


def is_mailbox_provider(domain: str) -> bool:
    """Return whether people have private mailboxes there, so that it says nothing about their company."""
    return domain in _MAILBOX_PROVIDERS


def is_public_profile_site(domain: str) -> bool:
    """Return whether a page there is somebody's profile, so that the domain isn't the company's own."""
    return domain in _PROFILE_SITES


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _hostname(text: str) -> str | None:
    text = text.strip().lower().rpartition("@")[2]
    if found := _PLAIN_URL.fullmatch(text):
        return found[2]
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except (ValueError, UnicodeError):  # idna's error is a UnicodeError
        return None
    host = host.rstrip(".")
    return host if len(host) <= 253 and _HOST.fullmatch(host) else None


@lru_cache(maxsize=65_536)
def registrable_domain(text: str) -> str | None:
    """Return the domain its owner registered (``acme.co.uk``) of a host, address or URL, as ASCII.

    Uses the Public Suffix List with its private part, so customers of a shared host stay apart.
    """
    host = _hostname(text)
    if host is None:
        return None
    domain: str | None = _suffixes().privatesuffix(host)
    return domain


@lru_cache(maxsize=65_536)
def normalise_website(text: str) -> str | None:
    """Return an http(s) URL with lower-case host and no fragment; ``None`` for anything else.

    Addresses with credentials are refused: nobody publishes those, and fetching them leaks them.
    """
    text = text.strip()
    if len(text) > WEBSITE_CHARS_MAX:
        return None
    if found := _PLAIN_URL.fullmatch(text):
        scheme, host, path = found.groups()
        return f"{(scheme or 'https').lower()}://{host.lower()}{(path or '').rstrip('/')}"
    return _unusual_website(text)


def _unusual_website(text: str) -> str | None:
    if _NOT_IN_URL.search(text):
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        return None
    host = _hostname(parts.hostname or "")
    if parts.scheme.lower() not in {"http", "https"} or "@" in parts.netloc or host is None:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}{query}"


@lru_cache(maxsize=65_536)
def company_key(name: str) -> str:
    """Return a company's name folded and without its legal form: ``ACME Co., Ltd.`` gives ``acme``."""
    words = fold_name(name.replace(".", "").replace("&", " and ")).split()
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return " ".join(words)


@lru_cache(maxsize=4_096)
def parse_employee_count(text: str) -> int | None:
    """Return the number in ``350``, or the lower end of a range such as ``51-200`` or ``1k-5k employees``."""
    plain = _THOUSANDS.sub("", text.lower().removesuffix(".0"))
    numbers = [int(digits) * (1000 if kilo else 1) for digits, kilo in _NUMBER.findall(plain)]
    if not 1 <= len(numbers) <= 2 or numbers[-1] > EMPLOYEES_MAX or numbers != sorted(numbers):
        return None
    return numbers[0]
