"""E-mail addresses: syntax and canonical form. Whether a mailbox exists is a question for verification."""

import re

from email_validator import EmailNotValidError, validate_email

from domain.identity import EMAIL_LENGTH_MAX, GMAIL_DOMAINS

LOCAL_PART_BYTES_MAX = 64  # RFC 5321, section 4.5.3.1.1

# The shape of nearly every business address. Whatever differs goes to the full validator, so this may
# be stricter than the RFCs but never more lenient.
_COMMON = re.compile(
    r"(?=.{1,64}@)[a-z0-9_+'-]+(?:\.[a-z0-9_+'-]+)*"
    r"@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}",
    re.ASCII,
)
_RESERVED_SUFFIXES = (".local", ".localhost", ".invalid", ".onion", ".arpa")
_BRACKETED = re.compile(r"<([^<>]*@[^<>]*)>")
_SEPARATORS = re.compile(r"[\s,;|/<>()\[\]\"“”„«»‹›]+")
_NEVER_BARE = re.compile(r"[\s,;:<>()\[\]\"\\\x00-\x1f]|^\.|\.$")
_AROUND = " .,;:<>'\"‘’“”"
_EDGES = ".:'‘’`*\\"


def normalise_email(text: str) -> str | None:
    """Return one address in lower case with an ASCII (IDNA) domain, or ``None`` if it isn't exactly one.

    ``.test`` and ``.example`` are allowed: they can never belong to somebody, and demos need them.
    """
    address = text.lower()
    if len(address) > EMAIL_LENGTH_MAX:
        return None
    if _COMMON.fullmatch(address) and not address.endswith(_RESERVED_SUFFIXES):
        return address
    if address.count("@") != 1 or _NEVER_BARE.search(address):
        return None
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        return None
    normal = f"{checked.local_part.lower()}@{checked.ascii_domain.lower()}"
    is_short = len(checked.local_part.encode()) <= LOCAL_PART_BYTES_MAX and len(normal) <= EMAIL_LENGTH_MAX
    return normal if is_short else None


def first_email(text: str) -> tuple[str | None, bool]:
    """Return the first good address in a messy cell, and whether the cell holds more than one.

    Understands ``mailto:`` links, ``Name <address>``, lists and stray punctuation around an address.
    """
    if address := normalise_email(text.strip(_AROUND).lower().removeprefix("mailto:")):
        return address, False
    bracketed = [part.strip(_EDGES) for part in _BRACKETED.findall(text)]
    candidates = dict.fromkeys(bracketed + _split(text))
    found = (address for part in candidates if (address := normalise_email(part)))
    return next(found, None), len(candidates) > 1


def _split(text: str) -> list[str]:
    parts = (re.sub(r"(?i)^.*mailto:|\?.*$", "", part).strip(_EDGES) for part in _SEPARATORS.split(text))
    return [part for part in parts if "@" in part]


def email_identity(email: str) -> str:
    """Return the key under which all spellings of one person's mailbox meet.

    The same as ``domain.identity.email_identity`` for addresses that are normalised already, which
    saves an import most of that function's time; a test holds the two together.

    Args:
        email: what ``normalise_email`` returned.
    """
    local, _, domain = email.rpartition("@")
    person = local.partition("+")[0] or local
    if domain in GMAIL_DOMAINS:
        return f"{person.replace('.', '') or person}@gmail.com"
    return f"{person}@{domain}"
