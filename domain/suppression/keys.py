"""Under which keys a person is suppressed: the folded identifiers, hashed with a key."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from publicsuffixlist import PublicSuffixList

from domain.errors import Invalid
from domain.identity import domain_identity, email_identity, linkedin_identity, phone_identity
from domain.secrets.hashing import identity_hash
from domain.suppression.rules import IdentityKey, SuppressionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Everything by which a person can be named before something is sent to them.

    Args:
        lead_id: the lead; None for somebody who isn't one.
        company_id: the lead's company.
        emails: any spelling; those that are no address are passed over, as are phones and profiles.
        domains: the company's domains; those of the addresses are added.
        phones: with country code.
        linkedin_urls: profiles.
    """

    lead_id: UUID | None = None
    company_id: UUID | None = None
    emails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    linkedin_urls: tuple[str, ...] = ()


def fold(*, kind: SuppressionKind, value: str) -> str:
    """Return the one spelling of an identifier that is hashed.

    Raises:
        Invalid: it isn't such an identifier, or it is a domain under which anybody registers (``co.uk``).
    """
    match kind:
        case SuppressionKind.EMAIL:
            return email_identity(value)
        case SuppressionKind.DOMAIN:
            return _registrable_or_below(domain_identity(value))
        case SuppressionKind.PHONE:
            return phone_identity(value)
        case SuppressionKind.LINKEDIN:
            return linkedin_identity(value)
    try:
        return str(UUID(value))
    except ValueError as error:
        raise Invalid("not an id", field=("value",)) from error


def key_of(*, kind: SuppressionKind, value: str, key: bytes) -> IdentityKey:
    """Return the key under which an identifier is kept.

    Args:
        kind: what ``value`` is.
        value: any spelling; for COMPANY and LEAD the id.
        key: 32 bytes, the identity key.

    Raises:
        Invalid: it isn't such an identifier.
    """
    return _hash(kind, fold(kind=kind, value=value), key=key)


def keys_of(*, recipient: Recipient, key: bytes) -> frozenset[IdentityKey]:
    """Return every key under which an entry could name the recipient; domains with all parent domains."""
    return frozenset(_hash(kind, folded, key=key) for kind, folded in _names_of(recipient))


def _hash(kind: SuppressionKind, folded: str, *, key: bytes) -> IdentityKey:
    return IdentityKey(kind, identity_hash(folded, kind=kind.value.lower(), key=key))


def _names_of(recipient: Recipient) -> Iterator[tuple[SuppressionKind, str]]:
    """Yield the recipient's identifiers, folded."""
    if recipient.lead_id:
        yield SuppressionKind.LEAD, str(recipient.lead_id)
    if recipient.company_id:
        yield SuppressionKind.COMPANY, str(recipient.company_id)
    domains = [*recipient.domains, *(email.rpartition("@")[2] for email in recipient.emails)]
    yield from _valid(SuppressionKind.EMAIL, recipient.emails)
    yield from _valid(SuppressionKind.PHONE, recipient.phones)
    yield from _valid(SuppressionKind.LINKEDIN, recipient.linkedin_urls)
    for _, domain in _valid(SuppressionKind.DOMAIN, domains):
        yield from ((SuppressionKind.DOMAIN, name) for name in _with_parents(domain))


def _valid(kind: SuppressionKind, values: Iterable[str]) -> Iterator[tuple[SuppressionKind, str]]:
    for value in dict.fromkeys(values):
        try:
            yield kind, fold(kind=kind, value=value)
        except Invalid:
            continue  # what can't be folded can't have been suppressed either


def _with_parents(domain: str) -> Iterator[str]:
    """Yield the domain and those above it, down to the one that was registered."""
    registered = _public_suffixes().privatesuffix(domain) or domain
    while True:
        yield domain
        if domain == registered:
            return
        domain = domain.partition(".")[2]


@lru_cache(maxsize=1)
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)  # github.io belongs to somebody, as a company's domain does


def _registrable_or_below(domain: str) -> str:
    if _public_suffixes().privatesuffix(domain) is None:
        raise Invalid("anybody can register under this domain; name one of them", field=("value",))
    return domain
