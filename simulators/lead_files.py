"""Lead files as people upload them: other programs' exports with everything that is wrong with them.

Deterministic: the same style, size and seed give the same bytes, together with the exact counts that a
correct import must come to.
"""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

FIRST_NAMES = (
    "Ada", "Björn", "Chloé", "Dmitri", "Élodie", "Farah", "Grace", "Hiro", "Inés", "Jürgen", "Katarina", "Liam", "María",
    "Nadia", "Oluwaseun", "Priya", "Quentin", "Renée", "Søren", "Tomás", "Uma", "Valérie", "Wanda", "Xavier", "Yusuf", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Lovelace", "Müller", "Dubois", "O'Brien", "García", "van der Berg", "Jensen", "Rossi", "Smith", "Nguyen", "Okafor",
    "Schäfer", "De Souza", "MacLeod", "Tanaka", "Petit-Roux", "Almeida", "Haugen", "Kaur", "Weiß",
)  # fmt: skip
TITLES = (
    "CEO",
    "VP of Sales",
    "Head of Marketing",
    "CTO",
    "Directeur général",
    "Leiter Vertrieb",
    "Account Executive, EMEA",
)
COMPANY_WORDS = (
    "Acme",
    "Globex",
    "Initech",
    "Umbrella",
    "Hooli",
    "Wonka & Söhne",
    "Stark",
    "Tyrell",
    "Cyberdyne",
    "Soylent",
)
LEGAL_FORMS = ("Inc.", "GmbH", "Ltd", "S.A.", "LLC", "AB", "B.V.", "")
PLACES = (
    ("Berlin", "Berlin", "Germany", "+49 30 9010{:04d}"), ("Paris", "Île-de-France", "France", "+33 1 4276 {:04d}"),
    ("Austin", "Texas", "United States", "(512) 974-{:04d}"), ("London", "England", "United Kingdom", "+44 20 7946 {:04d}"),
    ("São Paulo", "SP", "Brasil", "+55 11 3113-{:04d}"), ("Sydney", "NSW", "Australia", "+61 2 9265 {:04d}"),
)  # fmt: skip
SIZES = ("1-10", "11-50", "51-200", "201-500", "1,001-5,000", "10,001+", "350")

BAD_EMAILS = ("not an address", "ada@", "@example.com", "a@b@c", "ada@localhost", "ada..l@example.com")


class Style(StrEnum):
    """Whose export a file looks like."""

    APOLLO = "apollo"
    HUBSPOT = "hubspot"
    SALES_NAVIGATOR = "sales_navigator"
    SALESFORCE = "salesforce"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a correct import comes to.

    Attributes:
        records: rows below the header, without blank rows and footers.
        leads: rows that describe a person, duplicates among them.
        duplicates: leads whose person stands further up in the file already.
        opted_out, opted_out_phone: leads nobody may write to or call.
        footer_rows: totals and notices.
        dropped, warned: row errors by code.
    """

    records: int
    leads: int
    duplicates: int
    opted_out: int
    opted_out_phone: int
    footer_rows: int
    dropped: dict[str, int]
    warned: dict[str, int]


@dataclass(frozen=True, slots=True)
class LeadFile:
    """A file and what is in it."""

    name: str
    content: bytes
    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    expected: Expected


@dataclass(slots=True)
class _Person:
    number: int
    first: str
    last: str
    email: str
    linkedin: str
    title: str
    company: str
    domain: str
    city: str
    region: str
    country: str
    phone: str
    size: str
    opted_out: bool = False
    no_calls: bool = False


@dataclass(frozen=True, slots=True)
class _Layout:
    encoding: str
    delimiter: str
    line_end: str
    columns: dict[str, Callable[[_Person], str]]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    has_phone: bool = True


@dataclass(slots=True)
class _Tally:
    records: int = 0
    leads: int = 0
    duplicates: int = 0
    opted_out: int = 0
    opted_out_phone: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)


def _nothing(_: _Person) -> str:
    return ""


_LAYOUTS = {
    Style.APOLLO: _Layout(
        encoding="utf-8",
        delimiter=",",
        line_end="\n",
        columns={
            "First Name": lambda p: p.first,
            "Last Name": lambda p: p.last,
            "Title": lambda p: p.title,
            "Company": lambda p: p.company,
            "Email": lambda p: p.email,
            "Email Status": lambda _: "Verified",
            "Seniority": lambda _: "Director",
            "Departments": lambda _: "Sales",
            "Contact Owner": lambda _: "owner@example.com",
            "Work Direct Phone": lambda p: f"'{p.phone}" if p.phone.startswith("+") else p.phone,
            "Stage": lambda p: "Do Not Contact" if p.opted_out else "Cold",
            "# Employees": lambda p: p.size,
            "Industry": lambda _: "information technology & services",
            "Person Linkedin Url": lambda p: p.linkedin,
            "Website": lambda p: f"http://www.{p.domain}",
            "Company Linkedin Url": lambda p: f"http://www.linkedin.com/company/{p.domain.partition('.')[0]}",
            "City": lambda p: p.city,
            "State": lambda p: p.region,
            "Country": lambda p: p.country,
            "Do Not Call": lambda p: "True" if p.no_calls else "False",
            "Apollo Contact Id": lambda p: f"{p.number:024x}",
        },
    ),
    Style.HUBSPOT: _Layout(
        encoding="utf-8-sig",
        delimiter=",",
        line_end="\r\n",
        columns={
            "Record ID": lambda p: str(p.number),
            "First Name": lambda p: p.first,
            "Last Name": lambda p: p.last,
            "Email": lambda p: p.email,
            "Phone Number": lambda p: p.phone,
            "Contact owner": _nothing,
            "Lead Status": lambda _: "Open",
            "Job Title": lambda p: p.title,
            "Company Name": lambda p: p.company,
            "Website URL": lambda p: p.domain,
            "LinkedIn URL": lambda p: p.linkedin,
            "City": lambda p: p.city,
            "State/Region": lambda p: p.region,
            "Country/Region": lambda p: p.country,
            "Number of Employees": lambda p: p.size,
            "Create Date": lambda _: "2026-03-01 09:30",
            "Unsubscribed from all email": lambda p: "true" if p.opted_out else "",
            "Opted out of email: Marketing Information": lambda _: "No",
            "Do not call": lambda p: "Yes" if p.no_calls else "",
        },
    ),
    Style.SALES_NAVIGATOR: _Layout(
        encoding="utf-16",
        delimiter="\t",
        line_end="\r\n",
        columns={
            "fullName": lambda p: f"{p.first} {p.last}",
            "firstName": lambda p: p.first,
            "lastName": lambda p: p.last,
            "title": lambda p: p.title,
            "companyName": lambda p: p.company,
            "companyDomain": lambda p: p.domain,
            "email": lambda p: p.email,
            "linkedInProfileUrl": lambda p: p.linkedin,
            "industry": lambda _: "Software Development",
            "companyHeadcount": lambda p: p.size,
            "city": lambda p: p.city,
            "country": lambda p: p.country,
            "connectionDegree": lambda _: "2nd",
            "Unsubscribed": lambda p: "1" if p.opted_out else "0",
            "doNotCall": lambda p: "1" if p.no_calls else "0",
        },
        has_phone=False,
    ),
    Style.SALESFORCE: _Layout(
        encoding="cp1252",
        delimiter=";",
        line_end="\r\n",
        above=(
            "New Leads Report",
            "As of 2026-03-01 09:30:00 Central European Time • Generated by Ada Lovelace",
            "",
        ),
        columns={
            "Salutation": lambda _: "Dr.",
            "First Name": lambda p: p.first,
            "Last Name": lambda p: p.last,
            "Title": lambda p: p.title,
            "Company / Account": lambda p: p.company,
            "Email": lambda p: p.email,
            "Phone": lambda p: p.phone,
            "LinkedIn Profile": lambda p: p.linkedin,
            "Website": lambda p: f"https://{p.domain}/",
            "City": lambda p: p.city,
            "State/Province": lambda p: p.region,
            "Country": lambda p: p.country,
            "No. of Employees": lambda p: p.size,
            "Email Opt Out": lambda p: "1" if p.opted_out else "0",
            "Do Not Call": lambda p: "1" if p.no_calls else "0",
            "Lead Owner": lambda _: "Grace Hopper",
        },
        below=(
            "",
            "Grand Totals ({records} records)",
            "",
            "Confidential Information - Do Not Distribute",
            "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.",
        ),
    ),
}


def make_lead_file(*, style: Style, rows: int, seed: int = 1) -> LeadFile:
    """Return an export of ``rows`` records (blank rows and footers come on top) with its expected counts."""
    chance = random.Random(seed)
    layout, tally = _LAYOUTS[style], _Tally()
    text = io.StringIO()
    writer = csv.writer(text, delimiter=layout.delimiter, lineterminator=layout.line_end)
    for line in layout.above:
        writer.writerow([line] if line else [])
    writer.writerow(layout.columns)
    seen: list[_Person] = []
    while tally.records < rows:
        if chance.random() < 0.002:
            writer.writerow([])
        writer.writerow(_add_record(layout, tally, seen, chance))
    for line in layout.below:
        writer.writerow([line.format(records=rows)] if line else [])
    return LeadFile(
        name=f"{style.value}_{rows}.csv",
        content=text.getvalue().encode(layout.encoding),
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        headers=tuple(layout.columns),
        expected=_expected(tally, footer_rows=sum(1 for line in layout.below if line)),
    )


def _add_record(layout: _Layout, tally: _Tally, seen: list[_Person], chance: random.Random) -> list[str]:
    """Return the next record: mostly a new person, else one of the things that go wrong; each is counted."""
    tally.records += 1
    person, fate = _new_person(tally.records, chance), chance.random()
    if fate < 0.03 and seen:
        person = _seen_again(chance.choice(seen), chance)
        tally.duplicates += 1
    elif fate < 0.04:
        person.email, person.linkedin, person.last = chance.choice(BAD_EMAILS), "", ""
        tally.dropped["EMAIL_INVALID"] += 1
        return _cells(layout, person)
    elif fate < 0.045:
        person.email = person.linkedin = person.last = ""
        tally.dropped["NO_IDENTITY"] += 1
        return _cells(layout, person)
    elif fate < 0.047:
        tally.dropped["ROW_MISALIGNED"] += 1  # somebody's comma wasn't quoted
        return [*_cells(layout, person), "Inc."]
    elif fate < 0.052:
        person.email = f"{person.first} <{person.email}>; office@{person.domain}"
        tally.warned["EMAIL_MULTIPLE"] += 1
    elif fate < 0.062 and layout.has_phone:
        person.phone = "call the front desk"
        tally.warned["PHONE_INVALID"] += 1
    else:
        _disguise(person, chance)
        seen.append(person)
    tally.leads += 1
    tally.opted_out += person.opted_out
    tally.opted_out_phone += person.no_calls
    return _cells(layout, person)


def _cells(layout: _Layout, person: _Person) -> list[str]:
    return [column(person) for column in layout.columns.values()]


def _disguise(person: _Person, chance: random.Random) -> None:
    """Write harmless things the way people and programs do; none of it is worth a warning."""
    fate = chance.random()
    if fate < 0.05:
        person.email = f"mailto:{person.email}"
    elif fate < 0.1:
        person.email = f" {person.email.title()}. "
    elif fate < 0.12 and person.linkedin:
        person.email = "N/A"
    elif fate < 0.14:
        person.title, person.city = "-", "#N/A"
    elif fate < 0.16:
        person.first, person.last = person.first.upper(), person.last.upper()
    elif fate < 0.17:
        person.title = '=HYPERLINK("http://example.com","CEO")'


def _seen_again(known: _Person, chance: random.Random) -> _Person:
    """Return a person who is in the file already, spelt differently."""
    local, at, host = known.email.strip(" .").removeprefix("mailto:").rpartition("@")
    if host.lower() == "gmail.com":
        local = local.replace(".", "")
    email = (
        chance.choice((f"{local}+{chance.randrange(100)}{at}{host}", f"{local}{at}{host}".upper()))
        if at
        else ""
    )
    slug = known.linkedin.rstrip("/").rpartition("/")[2]
    linkedin = f"https://de.linkedin.com/in/{slug.upper()}?trk=people" if slug else ""
    return replace(known, email=email, linkedin=linkedin)


def _expected(tally: _Tally, *, footer_rows: int) -> Expected:
    return Expected(
        records=tally.records,
        leads=tally.leads,
        duplicates=tally.duplicates,
        opted_out=tally.opted_out,
        opted_out_phone=tally.opted_out_phone,
        footer_rows=footer_rows,
        dropped=dict(tally.dropped),
        warned=dict(tally.warned),
    )


def _new_person(number: int, chance: random.Random) -> _Person:
    company = (
        number // 4
    )  # four people each, with four first names, so that nobody is somebody else's namesake
    first = FIRST_NAMES[(company * 5 + number % 4) % len(FIRST_NAMES)]
    last = chance.choice(LAST_NAMES)
    word = COMPANY_WORDS[company % len(COMPANY_WORDS)]
    domain = f"{word.split()[0].lower()}-{company}.{('com', 'de', 'co.uk', 'io')[company % 4]}"
    is_private = chance.random() < 0.05
    city, region, country, phone = chance.choice(PLACES)
    return _Person(
        number=number,
        first=first,
        last=last,
        email=f"lead.{number}@gmail.com" if is_private else f"lead{number}@{domain}",
        linkedin=f"https://www.linkedin.com/in/lead-{number:x}/" if chance.random() < 0.8 else "",
        title=chance.choice(TITLES),
        company=f"{word} {company} {LEGAL_FORMS[company % len(LEGAL_FORMS)]}".strip(),
        domain=domain,
        city=city,
        region=region,
        country=country,
        phone=phone.format(number % 10_000),
        size=chance.choice(SIZES),
        opted_out=chance.random() < 0.02,
        no_calls=chance.random() < 0.01,
    )
