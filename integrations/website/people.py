"""Who works at a company and as what, as its site prints it: structured data, team cards, imprints."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from domain.enrichment.rules.facts import Field

from .claims import Claim
from .contacts import email_of_link, emails_in_line, person_profile
from .page import Page
from .site import registrable_domain
from .structured import Node
from .words import NAME_PARTICLES, NOT_A_NAME, REPRESENTED_BY, ROLE_WORDS, PageKind

# Through these a page names its own people; authors and reviewers may be anybody.
_STAFF = ("founder", "founders", "employee", "employees", "member", "members")
_TITLES = re.compile(
    r"^((Dr|Prof|Dipl|Ing|Mr|Mrs|Ms|M\.?Sc|MBA|Herr|Frau|Sir)\b\.?[- ]*(med|rer|nat|Ing|Inf)?\.?\s*)+"
)
_NAME_WORD = re.compile(r"[^\W\d_a-z][^\W\d_]*(?:['’.-][^\W\d_]+)*\.?")
_SAME_LINE = re.compile(r"^(?P<name>[^,|(–—]{5,50}?)\s*(?:,|\||\(|\s[–—-]\s)\s*(?P<role>[^()|]{2,80}?)\)?$")
_LABELLED = re.compile(r"^(?P<role>[^:]{2,60}):\s*(?P<names>.{0,160})$")
_BETWEEN_NAMES = re.compile(r",|;|/|\s+(?:und|and|et|y|e|&|en)\s+")
# What addresses write for letters that have no plain form of their own, or a customary other one.
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ı": "i"})
_CARD_LINES = 6


@dataclass(frozen=True, slots=True)
class Person:
    """A printed name with the line it stands in, and the role if one is printed.

    Args:
        at: index of the name's line; the card reaches from there to the next name, six lines at most.
    """

    name: str
    role: str
    line: str
    at: int
    confidence: float


def is_person_name(text: str) -> bool:
    """Tell whether a short text has the form of a person's name: 2-4 capitalised words, none of a heading's."""
    words = _TITLES.sub("", text.strip()).split()
    if not 2 <= len(words) <= 5 or len(text) > 50:
        return False
    proper = [word for word in words if word.lower() not in NAME_PARTICLES]
    return (
        len(proper) >= 2
        and words[-1] in proper
        and all(_NAME_WORD.fullmatch(word) for word in proper)
        and not any(word.lower().strip(".") in NOT_A_NAME for word in proper)
        and not all(word.isupper() and len(word) <= 3 for word in proper)
    )


def is_role(text: str) -> bool:
    """Tell whether a short text names a role in a company."""
    return 2 <= len(text) <= 80 and len(text.split()) <= 9 and ROLE_WORDS.search(text) is not None


def people_claims(page: Page, *, site: str) -> Iterator[Claim]:
    """Yield names, roles, addresses and profiles of the company's people.

    A page that speaks to machines is believed about nobody.
    """
    if page.instructions:
        return
    for node in page.nodes:
        if "Person" in node.types and (node.is_own(*_STAFF) or not node.path):
            yield from _structured_person(node)
    people = list(_printed_people(page))
    starts = sorted({person.at for person in people})
    for person in people:
        end = next((start for start in starts if start > person.at), person.at + _CARD_LINES)
        yield from _printed_person(person)
        yield from _reached(page, person, end=min(end, person.at + _CARD_LINES), site=site)


def _structured_person(node: Node) -> Iterator[Claim]:
    name = node.texts.get("name", "")
    if not is_person_name(name):
        return
    yield Claim(field=Field.NAME, value=name, line=node.line, confidence=0.9, about=name)
    if title := node.texts.get("jobTitle"):
        yield Claim(field=Field.TITLE, value=title, line=node.line, confidence=0.9, about=name)
    for address, written, confidence in emails_in_line(node.texts.get("email", "")):
        claim = Claim(
            field=Field.EMAIL,
            value=address,
            line=node.line,
            confidence=confidence,
            about=name,
            quoted=written,
        )
        yield claim
    for url in node.lists.get("sameAs", ()):
        if profile := person_profile(url):
            yield Claim(
                field=Field.LINKEDIN_URL,
                value=profile,
                line=node.line,
                confidence=0.9,
                about=name,
                quoted=url,
            )


def _printed_people(page: Page) -> Iterator[Person]:
    base = 0.8 if page.kind in (PageKind.TEAM, PageKind.IMPRINT) else 0.7
    for at, line in enumerate(page.lines):
        if not line or len(line) > 200:
            continue
        following = page.lines[at + 1] if at + 1 < len(page.lines) else ""
        if is_person_name(line):
            if is_role(following):
                yield Person(line, following, f"{line}\n{following}", at, base + 0.05)
        elif (same := _SAME_LINE.match(line)) and is_person_name(same["name"]) and is_role(same["role"]):
            yield Person(same["name"].strip(), same["role"].strip(), line, at, base)
        elif labelled := _LABELLED.match(line):
            yield from _labelled_people(page, labelled, at=at, confidence=base)


def _labelled_people(page: Page, match: re.Match[str], *, at: int, confidence: float) -> Iterator[Person]:
    """Read ``Geschäftsführer: A B, C D`` and a label whose names stand in the next lines."""
    label, named = match["role"].strip(), match["names"]
    represents = REPRESENTED_BY.search(label) is not None
    if not represents and not is_role(label):
        return
    role = "" if represents and not is_role(label) else label
    for name in _BETWEEN_NAMES.split(named):
        if is_person_name(name):
            yield Person(name.strip(), role, page.lines[at], at, confidence)
    if not named:
        for below in range(at + 1, min(at + 4, len(page.lines))):
            if not is_person_name(page.lines[below]):
                return
            line = f"{page.lines[at]}\n{page.lines[below]}" if below == at + 1 else page.lines[below]
            yield Person(page.lines[below], role if below == at + 1 else "", line, below, confidence)


def _printed_person(person: Person) -> Iterator[Claim]:
    name = person.name
    yield Claim(field=Field.NAME, value=name, line=person.line, confidence=person.confidence, about=name)
    if person.role:
        claim = Claim(
            field=Field.TITLE, value=person.role, line=person.line, confidence=person.confidence, about=name
        )
        yield claim


def _reached(page: Page, person: Person, *, end: int, site: str) -> Iterator[Claim]:
    """Yield the addresses and profiles inside the person's card."""
    for index in range(person.at, min(end, len(page.lines))):
        for address, written, confidence in emails_in_line(page.lines[index]):
            yield from _own_email(person, address, page.lines[index], written, confidence, site=site)
    for link in page.links:
        if person.at <= link.line < end:
            if linked := email_of_link(link.href):
                yield from _own_email(person, linked, link.evidence, link.href, 0.9, site=site)
            if profile := person_profile(link.href):
                yield Claim(
                    field=Field.LINKEDIN_URL,
                    value=profile,
                    line=link.evidence,
                    confidence=0.8,
                    about=person.name,
                    quoted=link.href,
                )


def _own_email(
    person: Person, address: str, line: str, written: str, confidence: float, *, site: str
) -> Iterator[Claim]:
    local, _, domain = address.rpartition("@")
    if name_fits_local_part(person.name, local) and registrable_domain(domain) == site:
        yield Claim(
            field=Field.EMAIL,
            value=address,
            line=line,
            confidence=confidence,
            about=person.name,
            quoted=written,
        )


def name_fits_local_part(name: str, local: str) -> bool:
    """Tell whether an address could be this person's: ``ada.lovelace``, ``alovelace``, ``ada``, ``lovelace``."""
    words = [_ascii(word) for word in _TITLES.sub("", name).split() if word.lower() not in NAME_PARTICLES]
    if len(words) < 2:
        return False
    first, last, given = words[0], words[-1], re.sub(r"[^a-z]", "", _ascii(local))
    return given in {
        first,
        last,
        first + last,
        last + first,
        first[0] + last,
        first + last[0],
        last + first[0],
    }


def _ascii(text: str) -> str:
    plain = (
        unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS)).encode("ascii", "ignore").decode()
    )
    return re.sub(r"[^a-z.-]", "", plain)
