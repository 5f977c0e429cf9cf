"""LinkedIn addresses: one key per profile, whichever site, language or share link it came from."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

_SITE = r"\s*(?:https?://)?(?:[a-z]{2,6}\.)?linkedin\.com/+(?:mwlite/|m/)?"
_PERSON = re.compile(
    _SITE + r"(in|pub|profile/view\?id=|sales/(?:lead|people|profile))[/=]?([^?#\s]+)", re.IGNORECASE
)
_SHORT_PERSON = re.compile(r"\s*/?(in)/([^?#\s]+)", re.IGNORECASE)
_COMPANY = re.compile(_SITE + r"(?:sales/)?(?:company|school|showcase)/+([^/?#\s]+)", re.IGNORECASE)
# Member ids are case-sensitive; Sales Navigator and exporters put them where the public name stands.
_MEMBER_ID = re.compile(r"A[A-Z][a-zA-Z0-9]AA[\w-]{10,60}", re.ASCII)
_SLUG = re.compile(r"[^\s/?#<>\"'\\%,;|^`{}\[\]\x00-\x1f]{2,120}")
_PLAIN_SLUG = re.compile(r"[a-z0-9-]{2,120}", re.ASCII)


class LinkedInProfile(NamedTuple):
    """A person's profile: ``key`` (``in/slug``) is what ``domain.identity.linkedin_identity`` gives for ``url``."""

    key: str
    url: str


def normalise_linkedin(text: str) -> LinkedInProfile | None:
    """Return the profile an address points to; ``None`` for companies, posts and anything else."""
    match = _PERSON.match(text) or _SHORT_PERSON.match(text)
    if match is None:
        return None
    kind, path = match[1].lower(), match[2].strip("/")
    if kind == "pub":
        return _legacy_profile(path)
    slug = path.partition("/")[0]
    if kind != "in" or slug.startswith("AC"):
        member = slug.partition(",")[0]
        if _MEMBER_ID.fullmatch(member):
            return LinkedInProfile(f"in/{member.lower()}", f"https://www.linkedin.com/in/{member}")
        if kind != "in":
            return None
    return _named_profile(slug)


def _named_profile(raw: str) -> LinkedInProfile | None:
    slug = raw.lower()
    if _PLAIN_SLUG.fullmatch(slug):
        return LinkedInProfile(f"in/{slug}", f"https://www.linkedin.com/in/{slug}")
    slug = unicodedata.normalize("NFC", unquote(raw).lower()).strip(".,;:)")
    if not _SLUG.fullmatch(slug):
        return None
    return LinkedInProfile(f"in/{slug}", f"https://www.linkedin.com/in/{quote(slug)}")


def _legacy_profile(path: str) -> LinkedInProfile | None:
    parts = [part.lower() for part in path.split("/")[:4]]
    if not all(_PLAIN_SLUG.fullmatch(part) or part.isalnum() for part in parts) or not path.isascii():
        return None
    joined = "/".join(parts)
    return LinkedInProfile(f"pub/{joined}", f"https://www.linkedin.com/pub/{joined}")


@lru_cache(maxsize=65_536)
def normalise_linkedin_company(text: str) -> str | None:
    """Return the canonical address of a company, school or showcase page."""
    match = _COMPANY.match(text)
    if match is None:
        return None
    slug = unicodedata.normalize("NFC", unquote(match[1]).lower())
    return (
        f"https://www.linkedin.com/company/{quote(slug)}" if _SLUG.fullmatch(slug) or slug.isdigit() else None
    )
