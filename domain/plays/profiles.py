"""Strategy profiles: who writes, what is offered, what proves it, and to whom it may matter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from domain.errors import Invalid
from domain.hidden_characters import JOINERS, has_hidden
from domain.states import StateMachine
from domain.web_addresses import parse_public_url

PROOFS_MAX: Final = 20
LIST_LENGTH_MAX: Final = 50
LINE_LENGTH_MAX: Final = 200
TEXT_LENGTH_MAX: Final = 4000

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
_GEO: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_SIZE: Final = re.compile(r"(\d{1,7})(?:-(\d{1,7})|\+)")


class ProfileState(StrEnum):
    """Whether a version of a strategy profile is in use; an edit makes a new version."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


PROFILE_STATES: Final = StateMachine(
    noun="strategy profile",
    moves={
        ProfileState.DRAFT: (ProfileState.ACTIVE, ProfileState.ARCHIVED),
        ProfileState.ACTIVE: (ProfileState.ARCHIVED,),
    },
)


@dataclass(frozen=True, slots=True)
class Persona:
    """Who writes."""

    name: str
    role: str
    company: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim that drafts may make, with where it is shown to be true.

    ``valid_until_on`` is the last day it may be made; None for good.
    """

    claim: str
    evidence_url: str
    valid_until_on: date | None = None

    def is_valid(self, *, on: date) -> bool:
        """Tell whether the claim may still be made on a day."""
        return self.valid_until_on is None or on <= self.valid_until_on


@dataclass(frozen=True, slots=True, kw_only=True)
class IdealCustomer:
    """Whom the offer is for.

    Args:
        titles: job titles.
        industries: in the words of the lead source.
        sizes: employees, "11-50" or "1000+".
        geos: ISO 3166-1 or 3166-2 codes ("DE", "US-CA").
    """

    titles: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    geos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A version of a strategy profile.

    Args:
        name: what the workspace calls it.
        persona: who writes.
        offer: what is offered.
        tone: how it is written.
        cta: the one thing the reader is asked to do.
        languages: BCP 47, the preferred one first.
        proofs: what drafts may claim.
        forbidden_claims: what they must never.
        icp: whom it is for.
    """

    name: str
    persona: Persona
    offer: str
    tone: str
    cta: str
    languages: tuple[str, ...]
    proofs: tuple[Proof, ...] = ()
    forbidden_claims: tuple[str, ...] = ()
    icp: IdealCustomer = IdealCustomer()


def check_profile(profile: Profile) -> None:
    """Do nothing when a profile is well formed.

    Raises:
        Invalid: the first field that isn't, with its path.
    """
    persona = profile.persona
    _check_line(profile.name, "name")
    _check_line(persona.name, "persona", "name")
    _check_line(persona.role, "persona", "role")
    _check_line(persona.company, "persona", "company")
    _check_text(profile.offer, "offer")
    _check_text(profile.tone, "tone")
    _check_line(profile.cta, "cta")
    _check_list(profile.forbidden_claims, "forbiddenClaims")
    if not profile.languages:
        raise Invalid("at least one language", field=("languages",))
    _check_codes(profile.languages, _LANGUAGE, "languages")
    _check_proofs(profile.proofs)
    _check_icp(profile.icp)


def require_activatable(profile: Profile, *, today: date) -> None:
    """Do nothing when drafts can be written from a profile.

    Raises:
        Invalid: it is malformed, none of its proofs may still be made, or a proof is a forbidden claim.
    """
    check_profile(profile)
    if not usable_proofs(profile, on=today):
        raise Invalid("at least one proof that is still valid: drafts claim nothing else", field=("proofs",))
    forbidden = {claim.casefold() for claim in profile.forbidden_claims}
    for index, proof in enumerate(profile.proofs):
        if proof.claim.casefold() in forbidden:
            raise Invalid("this claim is also forbidden", field=("proofs", str(index), "claim"))


def usable_proofs(profile: Profile, *, on: date) -> tuple[Proof, ...]:
    """Return the proofs whose claims may be made on a day."""
    return tuple(proof for proof in profile.proofs if proof.is_valid(on=on))


def _check_proofs(proofs: Sequence[Proof]) -> None:
    if len(proofs) > PROOFS_MAX:
        raise Invalid(f"at most {PROOFS_MAX} proofs", field=("proofs",))
    for index, proof in enumerate(proofs):
        _check_text(proof.claim, "proofs", str(index), "claim")
        parse_public_url(proof.evidence_url, field=("proofs", str(index), "evidenceUrl"))


def _check_icp(icp: IdealCustomer) -> None:
    _check_list(icp.titles, "icp", "titles")
    _check_list(icp.industries, "icp", "industries")
    _check_codes(icp.geos, _GEO, "icp", "geos")
    _check_codes(icp.sizes, _SIZE, "icp", "sizes")
    for index, size in enumerate(icp.sizes):
        smallest, _, largest = size.partition("-")
        if largest and int(largest) < int(smallest):
            raise Invalid("a size ends after it begins", field=("icp", "sizes", str(index)))


def _check_list(values: Sequence[str], *path: str) -> None:
    if len(values) > LIST_LENGTH_MAX:
        raise Invalid(f"at most {LIST_LENGTH_MAX} entries", field=path)
    for index, value in enumerate(values):
        _check_line(value, *path, str(index))


def _check_codes(values: Sequence[str], pattern: re.Pattern[str], *path: str) -> None:
    _check_list(values, *path)
    for index, value in enumerate(values):
        if not pattern.fullmatch(value):
            raise Invalid("not a code of this kind", field=(*path, str(index)))


def _check_line(text: str, *path: str) -> None:
    _check_text(text, *path, length_max=LINE_LENGTH_MAX, allowed="")


def _check_text(text: str, *path: str, length_max: int = TEXT_LENGTH_MAX, allowed: str = "\n\r\t") -> None:
    if not text.strip():
        raise Invalid("must not be empty", field=path)
    if len(text) > length_max:
        raise Invalid(f"at most {length_max} characters", field=path)
    if has_hidden(text, allowed=allowed + JOINERS):
        raise Invalid("line breaks, control or invisible characters have no place here", field=path)
