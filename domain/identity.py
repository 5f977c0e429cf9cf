"""One spelling per identifier, so that a person is recognised however the identifier is written.

The folded spellings are for comparing and hashing (suppression, erasure, duplicates), never for sending to:
folding drops what a mail server may tell apart. Folding twice gives the same as folding once.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote

import idna

from domain.errors import Invalid

GMAIL_DOMAINS: Final = frozenset({"gmail.com", "googlemail.com"})
"""Google ignores dots in the local part here and delivers both domains to one mailbox."""

EMAIL_LENGTH_MAX: Final = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets

_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))+")
_LINKEDIN: Final = re.compile(
    r"(?:(?:https?://)?(?:[a-z]{2,3}\.)?linkedin\.com/)?(in|company)/([^/?#]+)", re.IGNORECASE
)


def domain_identity(domain: str) -> str:
    """Return a domain in lower case, in its ASCII form (IDNA 2008), without a trailing dot.

    Raises:
        Invalid: it isn't a domain name with at least two labels.
    """
    name = unicodedata.normalize("NFC", domain.strip()).removesuffix(".")
    try:
        folded = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        folded = ""
    if len(folded) > 253 or not _HOST.fullmatch(folded):
        raise Invalid("not a domain name", field=("domain",))
    return folded


def email_identity(email: str) -> str:
    """Return the one spelling of an address under which its variants meet.

    Lower case, ASCII domain, without a plus-tag; at Gmail also without dots, and at ``gmail.com``.

    Raises:
        Invalid: it isn't one address with a local part and a domain.
    """
    address = unicodedata.normalize("NFC", email.strip())
    local, at, domain = address.rpartition("@")
    if not at or not _is_local_part(local) or len(address) > EMAIL_LENGTH_MAX:
        raise Invalid("not an e-mail address", field=("email",))
    host = domain_identity(domain)
    local = unicodedata.normalize("NFC", local.lower())
    if not local.startswith('"'):
        local = local.partition("+")[0] or local
        if host in GMAIL_DOMAINS:
            local, host = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{host}"


def _is_local_part(local: str) -> bool:
    if len(local) >= 2 and local[0] == local[-1] == '"':
        return local.isprintable()
    return bool(local) and local.isprintable() and not any(mark in local for mark in ' @,;:<>()[]"\\')


def phone_identity(phone: str) -> str:
    """Return a phone number in E.164 (``+4930123456``).

    Raises:
        Invalid: it has no country code, or no number of that country can look like this.
    """
    import phonenumbers  # its metadata is large, and few callers fold a phone

    text = phone.strip()
    international = f"+{text[2:]}" if text.startswith("00") else text
    try:
        number = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException as error:
        raise Invalid("not a phone number with its country code", field=("phone",)) from error
    if not phonenumbers.is_possible_number(number):
        raise Invalid("no such phone number can exist", field=("phone",))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def linkedin_identity(url: str) -> str:
    """Return ``in/slug`` or ``company/slug`` of a LinkedIn address (or of that short form), in lower case.

    Raises:
        Invalid: it isn't the address of a person or a company on LinkedIn.
    """
    found = _LINKEDIN.match(url.strip())
    slug = unicodedata.normalize("NFC", unquote(found[2]).lower()).strip() if found else ""
    if not found or not slug or not slug.isprintable() or set(slug) & set("%/?#"):
        raise Invalid("not a LinkedIn profile", field=("linkedinUrl",))
    return f"{found[1].lower()}/{slug}"
