"""What a page says about the company: name, what it does, where it sits, what it speaks."""

import re
from collections.abc import Iterator
from itertools import pairwise

import phonenumbers

from domain.enrichment.rules.facts import Field

from .claims import VALUE_MAX, Claim
from .page import Page
from .structured import Node
from .words import LEGAL_FORM, PageKind

_ORGANISATION = re.compile(
    r"(Organization|Corporation|Business|Service|Store|Agency|Company|NGO|Organisation|Contractor|Attorney|Dentist)$"
)
_TITLE_SEPARATOR = re.compile(r"\s+[|–—·:»-]\s+")
_LANGUAGE = re.compile(r'lang="([A-Za-z]{2})\b')
_POSTAL_LINE = re.compile(r"(?:(D|A|CH|DE|AT|F|FR|NL|B|BE)[- ])?\b(\d{4,5}) ([A-ZÄÖÜÉ][\w.'’/ -]{2,40})$")
_STREET_LINE = re.compile(r"[\w.'’/ -]{4,50}\d+ ?[a-zA-Z]?|\d+[a-zA-Z]?,? [\w.'’ -]{4,50}")
_COUNTRIES = {
    "DE": ("deutschland", "germany", "allemagne"), "AT": ("österreich", "austria"),
    "CH": ("schweiz", "switzerland", "suisse", "svizzera"), "FR": ("france", "frankreich"),
    "GB": ("united kingdom", "england", "scotland", "wales", "great britain", "uk"),
    "US": ("united states", "united states of america", "usa"), "NL": ("netherlands", "nederland", "niederlande"),
    "ES": ("spain", "españa"), "IT": ("italy", "italia"), "IE": ("ireland",), "BE": ("belgium", "belgique", "belgië"),
    "PT": ("portugal",), "DK": ("denmark", "danmark"), "SE": ("sweden", "sverige"), "PL": ("poland", "polska"),
    "NO": ("norway", "norge"), "FI": ("finland", "suomi"), "CA": ("canada",), "ZA": ("south africa",),
    "IN": ("india",), "AU": ("australia",),
}  # fmt: skip
_COUNTRY_CODES = {name: code for code, names in _COUNTRIES.items() for name in names}


def company_claims(page: Page, *, site: str) -> Iterator[Claim]:
    """Yield everything the page says about its company except contact points and people."""
    for node in page.nodes:
        if any(_ORGANISATION.search(kind) for kind in node.types) and node.is_own():
            yield from _organisation(node)
        if "PostalAddress" in node.types and node.is_own("address", "location"):
            yield from _structured_address(node)
        if node.is_own("numberOfEmployees"):
            yield from _headcount(node)
    yield from _described(page)
    yield from _named(page, site=site)
    if page.kind in (PageKind.IMPRINT, PageKind.CONTACT):
        yield from _legal_names(page)
    yield from _located(page)
    yield from _languages(page)


def _organisation(node: Node) -> Iterator[Claim]:
    simple = (
        ("name", Field.NAME, 0.9),
        ("legalName", Field.LEGAL_NAME, 0.95),
        ("description", Field.DESCRIPTION, 0.9),
        ("industry", Field.INDUSTRY, 0.8),
        ("numberOfEmployees", Field.EMPLOYEES, 0.7),
    )
    for key, field, confidence in simple:
        if value := node.texts.get(key):
            yield Claim(field=field, value=value[:VALUE_MAX], line=node.line, confidence=confidence)
    if year := re.match(r"(1[789]|20)\d\d", node.texts.get("foundingDate", "")):
        yield Claim(field=Field.FOUNDED, value=year[0], line=node.line, confidence=0.85)
    if topics := node.lists.get("knowsAbout"):
        value = ", ".join(topics)
        yield Claim(field=Field.KEYWORDS, value=value[:VALUE_MAX], line=node.line, confidence=0.7)


def _headcount(node: Node) -> Iterator[Claim]:
    least, most = node.texts.get("minValue", ""), node.texts.get("maxValue", "")
    value = node.texts.get("value") or (f"{least}-{most}" if least and most else "")
    if re.fullmatch(r"[\d ,.-]{1,20}", value):
        yield Claim(field=Field.EMPLOYEES, value=value, line=node.line, confidence=0.7, quoted=node.line[:80])


def _structured_address(node: Node) -> Iterator[Claim]:
    city = " ".join(filter(None, (node.texts.get("postalCode"), node.texts.get("addressLocality"))))
    parts = (node.texts.get("streetAddress"), city, node.texts.get("addressCountry"))
    quoted = node.texts.get("streetAddress", "")
    if value := ", ".join(filter(None, parts)):
        yield Claim(field=Field.ADDRESS, value=value, line=node.line, confidence=0.9, quoted=quoted)
    country = node.texts.get("addressCountry", "")
    code = _COUNTRY_CODES.get(
        country.casefold(), country.upper() if re.fullmatch("[A-Za-z]{2}", country) else ""
    )
    if code:
        yield Claim(field=Field.COUNTRY, value=code, line=node.line, confidence=0.9, quoted=country)


def _described(page: Page) -> Iterator[Claim]:
    if page.kind not in (PageKind.HOME, PageKind.ABOUT):
        return
    lead = 1.0 if page.kind is PageKind.HOME else 0.8
    for name, confidence in (("description", 0.85), ("og:description", 0.8)):
        if len(text := page.meta.get(name, "")) >= 30:
            claim = Claim(
                field=Field.DESCRIPTION, value=text[:VALUE_MAX], line=text, confidence=confidence * lead
            )
            yield claim
    if keywords := page.meta.get("keywords"):
        yield Claim(field=Field.KEYWORDS, value=keywords[:VALUE_MAX], line=keywords, confidence=0.5)
    hero = _hero(page)
    if hero:
        yield Claim(field=Field.DESCRIPTION, value=hero[:VALUE_MAX], line=hero, confidence=0.6 * lead)


def _hero(page: Page) -> str:
    """Return the first real sentence after the first heading."""
    first = min(page.headings, default=0)
    for line in page.lines[first : first + 8]:
        if len(line) >= 60 and line.count(" ") >= 8:
            return line
    return ""


def _named(page: Page, *, site: str) -> Iterator[Claim]:
    if page.kind is not PageKind.HOME:
        return
    if name := page.meta.get("og:site_name"):
        yield Claim(field=Field.NAME, value=name, line=name, confidence=0.8)
    label = re.sub(r"[^a-z0-9]", "", site.partition(".")[0])
    for part in _TITLE_SEPARATOR.split(page.meta.get("title", "")):
        letters = re.sub(
            r"[^a-z0-9]", "", part.casefold().replace("ü", "ue").replace("ö", "oe").replace("ä", "ae")
        )
        if len(letters) >= 3 and (letters in label or label in letters) and len(part) <= 60:
            yield Claim(field=Field.NAME, value=part, line=page.meta["title"], confidence=0.65)


def _legal_names(page: Page) -> Iterator[Claim]:
    for line in page.lines:
        match = LEGAL_FORM.search(line) if len(line) <= 120 else None
        words = line[: match.end()].split() if match else []
        if 2 <= len(words) <= 8 and words[0][0].isupper() and ":" not in line[: match.end() if match else 0]:
            confidence = 0.85 if page.kind is PageKind.IMPRINT else 0.7
            yield Claim(field=Field.LEGAL_NAME, value=" ".join(words), line=line, confidence=confidence)
            return


def _located(page: Page) -> Iterator[Claim]:
    if page.kind in (PageKind.IMPRINT, PageKind.CONTACT):
        for street, place in pairwise(page.lines):
            if (postal := _POSTAL_LINE.search(place)) and _STREET_LINE.fullmatch(street):
                value = f"{street}, {postal[0]}"
                yield Claim(field=Field.ADDRESS, value=value, line=place, confidence=0.75, quoted=place)
                break
        for line in page.lines:
            if code := _COUNTRY_CODES.get(line.casefold().strip(".")):
                yield Claim(field=Field.COUNTRY, value=code, line=line, confidence=0.75)
                break
    for link in page.links:
        if link.href.lower().startswith("tel:+") and (code := _country_of(link.href[4:])):
            yield Claim(field=Field.COUNTRY, value=code, line=link.evidence, confidence=0.5, quoted=link.href)


def _country_of(number: str) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None


def _languages(page: Page) -> Iterator[Claim]:
    for name, confidence in (("lang", 0.9), ("hreflang", 0.8)):
        line = page.meta.get(name, "")
        for code in dict.fromkeys(match[1].lower() for match in _LANGUAGE.finditer(line)):
            yield Claim(field=Field.LANGUAGE, value=code, line=line, confidence=confidence, quoted=line[:20])
