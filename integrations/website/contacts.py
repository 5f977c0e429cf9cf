"""E-mail addresses, telephone numbers and social profiles on a page."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from domain.enrichment.rules.facts import Field

from .claims import Claim
from .page import Page
from .site import registrable_domain
from .words import FAX, TELEPHONE

_EMAIL = re.compile(r"(?<![\w.+-])[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_AT = r"\s{0,2}[\[({<]\s{0,2}(?:at|ät|arroba|@)\s{0,2}[\])}>]\s{0,2}"
_DOT = r"(?:\s{0,2}[\[({<]\s{0,2}(?:dot|punkt|point|punto|ponto|\.)\s{0,2}[\])}>]\s{0,2}|\.)"
_DISGUISED = re.compile(
    rf"(?<![\w.+-])([\w.+-]{{1,64}}){_AT}([\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,4}})", re.IGNORECASE
)
_SPELLED = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64}) at ([\w-]{1,63}(?: dot [\w-]{1,63}){1,3})(?![\w-])", re.IGNORECASE
)
_FILE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".css", ".js")
_REGIONS = {"uk": "GB", "eu": None, "io": None, "ai": None, "co": None, "me": None, "tv": None}

_NETWORKS = {
    "linkedin.com": (Field.LINKEDIN_URL, re.compile(r"/(?:company|school|showcase)/[\w%.&-]+")),
    "x.com": (Field.X_URL, re.compile(r"/(?!share|intent|home|search|hashtag|i/)\w{1,15}")),
    "twitter.com": (Field.X_URL, re.compile(r"/(?!share|intent|home|search|hashtag|i/)\w{1,15}")),
    "facebook.com": (
        Field.FACEBOOK_URL,
        re.compile(r"/(?!sharer|share|dialog|plugins|tr\b|login)[\w.%-]{3,}"),
    ),
    "instagram.com": (Field.INSTAGRAM_URL, re.compile(r"/(?!p/|explore|share)[\w.]{2,30}")),
    "youtube.com": (Field.YOUTUBE_URL, re.compile(r"/(?:@[\w.%-]+|(?:channel|c|user)/[\w%-]+)")),
    "github.com": (Field.GITHUB_URL, re.compile(r"/(?!features|sponsors|login|topics)[\w-]{1,39}")),
}
_PERSON_PROFILE = re.compile(r"/in/[\w%-]+")


def normalise_email(text: str) -> str | None:
    """Return a well-formed address in normal form, else None; also for ``logo@2x.png``."""
    if text.lower().endswith(_FILE_ENDINGS):
        return None
    try:
        return validate_email(text.strip(".,;:"), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def emails_in_line(line: str) -> Iterator[tuple[str, str, float]]:
    """Yield (address, text as written, confidence); disguised addresses are believed less."""
    for match in _EMAIL.finditer(line):
        if address := normalise_email(match[0]):
            yield address, match[0], 0.9
    for pattern, confidence in ((_DISGUISED, 0.6), (_SPELLED, 0.45)):
        for match in pattern.finditer(line):
            domain = re.sub(rf"{_DOT}| dot ", ".", match[2], flags=re.IGNORECASE)
            if address := normalise_email(f"{match[1]}@{domain}"):
                yield address, match[0], confidence


def email_of_link(href: str) -> str | None:
    """Return the address of a ``mailto:`` link."""
    scheme, _, rest = href.partition(":")
    if scheme.strip().lower() != "mailto":
        return None
    return normalise_email(unquote(rest.partition("?")[0]).partition(",")[0].strip())


def email_claims(page: Page, *, site: str) -> Iterator[Claim]:
    """Yield the addresses of a page; ones of another domain are believed half (none on a hostile page)."""
    found = [
        (address, link.evidence, link.href, 0.95)
        for link in page.links
        if (address := email_of_link(link.href)) is not None
    ]
    for line in page.lines:
        found += [
            (address, line, written, confidence) for address, written, confidence in emails_in_line(line)
        ]
    for node in page.nodes:
        if node.is_own() and (
            address := normalise_email(node.texts.get("email", "").removeprefix("mailto:"))
        ):
            found.append((address, node.line, node.texts["email"], 0.9))
    for address, line, written, confidence in found:
        own = registrable_domain(address.rpartition("@")[2]) == site
        if own or not page.instructions:
            value = confidence if own else confidence / 2
            yield Claim(field=Field.EMAIL, value=address, line=line, confidence=value, quoted=written)


def phone_claims(page: Page, *, site: str) -> Iterator[Claim]:
    """Yield telephone numbers as E.164; national ones are read by the site's country domain. No fax numbers."""
    if page.instructions:
        return
    region = _region(site)
    for link in page.links:
        if link.href.lower().startswith("tel:"):
            number = _e164(unquote(link.href[4:]), region)
            if number and not _is_fax(page.lines[link.line] if link.line < len(page.lines) else ""):
                yield Claim(
                    field=Field.PHONE, value=number, line=link.evidence, confidence=0.9, quoted=link.href
                )
    for line in page.lines:
        if sum(char.isdigit() for char in line) < 7 or len(line) > 300 or _is_fax(line):
            continue
        # Without a word for it or a country code, a row of digits may be anything.
        for match in phonenumbers.PhoneNumberMatcher(line, region if TELEPHONE.search(line) else None):
            number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            yield Claim(field=Field.PHONE, value=number, line=line, confidence=0.75, quoted=match.raw_string)
    for node in page.nodes:
        if (
            node.is_own()
            and "Person" not in node.types
            and (number := _e164(node.texts.get("telephone", ""), region))
        ):
            quoted = node.texts["telephone"]
            yield Claim(field=Field.PHONE, value=number, line=node.line, confidence=0.9, quoted=quoted)


def social_claims(page: Page) -> Iterator[Claim]:
    """Yield the company's profiles on social networks, from links and schema.org ``sameAs``."""
    if page.instructions:
        return
    written = [(link.href, link.evidence) for link in page.links]
    for node in page.nodes:
        if node.is_own() and "Person" not in node.types:
            written += [(url, node.line) for url in node.lists.get("sameAs", ())]
    for url, line in written:
        profile = social_profile(url)
        if profile is not None:
            yield Claim(field=profile[0], value=profile[1], line=line, confidence=0.9, quoted=url)


def social_profile(url: str) -> tuple[Field, str] | None:
    """Return the network and the canonical URL of a company's profile, else None (share buttons, people)."""
    host, path = _host_and_path(url)
    network = _NETWORKS.get(host)
    match = network[1].match(path) if network else None
    if network is None or match is None:
        return None
    return network[0], f"https://{'x.com' if host == 'twitter.com' else host}{match[0]}"


def person_profile(url: str) -> str | None:
    """Return the canonical LinkedIn URL of a person, else None."""
    host, path = _host_and_path(url)
    match = _PERSON_PROFILE.match(path) if host == "linkedin.com" else None
    return f"https://linkedin.com{match[0].lower()}" if match else None


def _host_and_path(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return "", ""
    if parts.scheme not in ("http", "https", ""):
        return "", ""
    labels = host.split(".")
    # www., m., de.linkedin.com: the network's own country and mobile names.
    return ".".join(labels[-2:]) if len(labels) == 3 and len(labels[0]) <= 3 else host, parts.path


def _is_fax(line: str) -> bool:
    return FAX.search(line) is not None and TELEPHONE.search(line) is None


def _region(site: str) -> str | None:
    suffix = site.rpartition(".")[2]
    region = _REGIONS.get(suffix, suffix.upper())
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _e164(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None
