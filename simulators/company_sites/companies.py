"""Invents companies: the same seed and count give the same ones."""

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class SiteKind(StrEnum):
    """What a company's website is like."""

    STRUCTURED = "STRUCTURED"  # JSON-LD, several pages
    PLAIN = "PLAIN"  # a team page, hand-written HTML
    GERMAN = "GERMAN"  # Impressum, disguised addresses
    HOSTILE = "HOSTILE"  # orders to machines, traps behind every link
    PARKED = "PARKED"
    SLOW = "SLOW"  # answers after the crawler's patience
    CLOSED = "CLOSED"  # robots.txt refuses everybody


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who works at a company."""

    first: str
    last: str
    title: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def local_part(self) -> str:
        """The part of the address before the @."""
        plain = unicodedata.normalize("NFKD", f"{self.first}.{self.last}".lower().translate(_PLAIN))
        return plain.encode("ascii", "ignore").decode()


@dataclass(frozen=True, slots=True)
class Company:
    """A company and everything its website may say."""

    host: str
    kind: SiteKind
    name: str
    legal_name: str
    industry: str
    description: str
    street: str
    postal_code: str
    city: str
    country: str
    phone: str
    founded: int
    employees: int
    people: tuple[Employee, ...]

    def email(self, local: str) -> str:
        """Return an address at the company."""
        return f"{local}@{self.host}"


_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "'": ""})
_FIRST_WORDS = (
    "Northwind", "Harbour", "Bluefin", "Cedar", "Lumen", "Granite", "Tidewater", "Orchard", "Falcon", "Meridian",
    "Juniper", "Copper", "Willow", "Summit", "Beacon", "Marble", "Quarry", "Saffron", "Alder", "Pebble",
)  # fmt: skip
_TRADES = {
    "Robotics": ("builds robots for", "warehouse automation"),
    "Logistics": ("runs cold-chain transport for", "freight"),
    "Analytics": ("turns sensor data into forecasts for", "data analytics"),
    "Packaging": ("makes compostable packaging for", "packaging"),
    "Software": ("writes planning software for", "enterprise software"),
    "Instruments": ("manufactures measuring instruments for", "precision instruments"),
}
_CUSTOMERS = (
    "food producers",
    "regional hospitals",
    "furniture makers",
    "city utilities",
    "winegrowers",
    "shipyards",
)
_GERMAN_CUSTOMERS = ("Molkereien", "Stadtwerke", "Kliniken")
_FIRST = (
    "Ada",
    "Grace",
    "Tomás",
    "Nadia",
    "Jonas",
    "Priya",
    "Søren",
    "Helena",
    "Marek",
    "Ingrid",
    "Paul",
    "Zoë",
)
_LAST = (
    "Whitfield",
    "Okafor",
    "Lindqvist",
    "Moreau",
    "Castellano",
    "Haugen",
    "Novak",
    "Brandt",
    "Kovacs",
    "Iyer",
)
_TITLES = (
    "Chief Executive Officer",
    "Head of Sales",
    "Chief Technology Officer",
    "Marketing Manager",
    "Founder",
)
_GERMAN_TITLES = (
    "Geschäftsführer",
    "Leiter Vertrieb",
    "Leitung Marketing",
    "Technische Leiterin",
    "Prokurist",
)
_PLACES = (
    ("Leeds", "GB", "LS1 4DY", "12 Wellington Street", "+44 113 496 {:04d}", "Ltd"),
    ("Austin", "US", "78701", "410 Congress Avenue", "+1 512 555 {:04d}", "Inc."),
    ("Dublin", "IE", "D02 X285", "7 Fitzwilliam Square", "+353 1 437 {:04d}", "Limited"),
)
_GERMAN_PLACES = (
    ("München", "80331", "Sendlinger Straße 14", "+49 89 2180 {:04d}"),
    ("Leipzig", "04109", "Grimmaische Straße 8", "+49 341 9730 {:04d}"),
)
_SPECIAL = tuple(SiteKind)
_USUAL = (SiteKind.STRUCTURED, SiteKind.PLAIN, SiteKind.GERMAN)


def invent_companies(*, seed: int = 7, count: int = 40) -> tuple[Company, ...]:
    """Return ``count`` companies (at most 120): one of each kind first, then the usual three in turn."""
    chance = random.Random(seed)
    names = [(word, trade) for word in _FIRST_WORDS for trade in _TRADES]
    picked = chance.sample(names, count)
    kinds = [*_SPECIAL, *(_USUAL[number % 3] for number in range(count))][:count]
    return tuple(
        _invent(chance, word, trade, kind) for (word, trade), kind in zip(picked, kinds, strict=True)
    )


def dns_zone(companies: Sequence[Company], *, address: str = "127.0.0.1") -> dict[str, dict[str, list[str]]]:
    """Return the records of the companies' domains, for the DNS simulator: a mail server and an address each."""
    zone: dict[str, dict[str, list[str]]] = {}
    for company in companies:
        zone[company.host] = {"MX": [f"10 mail.{company.host}."], "A": [address]}
        zone[f"mail.{company.host}"] = {"A": [address]}
    return zone


def _invent(chance: random.Random, word: str, trade: str, kind: SiteKind) -> Company:
    verb, industry = _TRADES[trade]
    name, german = f"{word} {trade}", kind is SiteKind.GERMAN
    if german:
        city, postal_code, street, phone = chance.choice(_GERMAN_PLACES)
        country, form, titles = "DE", "GmbH", _GERMAN_TITLES
    else:
        city, country, postal_code, street, phone, form = chance.choice(_PLACES)
        titles = _TITLES
    described = (
        f"{name} {verb} {chance.choice(_CUSTOMERS)} in all of Europe and services every system for ten years."
    )
    if german:
        described = (
            f"{name} entwickelt und baut Anlagen für {chance.choice(_GERMAN_CUSTOMERS)} in ganz Europa."
        )
    return Company(
        host=f"{word}-{trade}.example".lower(),
        kind=kind,
        name=name,
        legal_name=f"{name} {form}",
        industry=industry,
        description=described,
        street=street,
        postal_code=postal_code,
        city=city,
        country=country,
        phone=phone.format(chance.randrange(100, 1000)),
        founded=chance.randrange(1961, 2020),
        employees=chance.randrange(8, 400),
        people=_staff(chance, titles),
    )


def _staff(chance: random.Random, titles: Sequence[str]) -> tuple[Employee, ...]:
    size = chance.randrange(3, 5)
    firsts, lasts = chance.sample(_FIRST, size), chance.sample(_LAST, size)
    return tuple(Employee(*person) for person in zip(firsts, lasts, titles, strict=False))
