"""Who is written to: a messy export of 200 leads of 80 made-up companies, and how each will react."""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from simulators.company_sites.companies import Company
from simulators.mail.people import Person, Reaction

HEADERS = (
    "First Name",
    "Last Name",
    "Email",
    "Job Title",
    "Company Name",
    "Website URL",
    "Country",
    "Email Opt Out",
)


class Kind(StrEnum):
    """What a row of the file is."""

    GOOD = "GOOD"
    DUPLICATE = "DUPLICATE"
    BROKEN = "BROKEN"  # neither an address nor a name: nobody can be found behind it
    OPTED_OUT = "OPTED_OUT"


@dataclass(frozen=True, slots=True)
class Audience:
    """The file and what must come of it.

    Attributes:
        content: the file's bytes: semicolons, Windows-1252, a report's title and footer.
        people: how the recipients react, for the mail provider.
        reactions: address -> reaction, of the good rows.
    """

    content: bytes
    rows: int
    good: int
    duplicates: int
    broken: int
    opted_out: int
    people: list[Person]
    reactions: dict[str, Reaction]


def invent_audience(companies: Sequence[Company], *, rows: int = 200, seed: int = 11) -> Audience:
    """Return a file of ``rows`` records; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable story, not a secret
    kinds = [Kind.DUPLICATE] * 8 + [Kind.BROKEN] * 6 + [Kind.OPTED_OUT] * 5
    kinds = [Kind.GOOD] * (rows - len(kinds)) + kinds
    good_addresses: list[tuple[str, ...]] = []
    lines: list[tuple[str, ...]] = []
    for number, kind in enumerate(kinds):
        line = _row(companies[number % len(companies)], number, kind, good_addresses, chance)
        lines.append(line)
        if kind is Kind.GOOD:
            good_addresses.append(line)
    chance.shuffle(lines[: len(good_addresses)])
    reactions = _reactions([line[2].lower() for line in good_addresses], chance)
    people = [Person(address, reaction, delay_s=0.5) for address, reaction in reactions.items()]
    return Audience(
        content=_file(lines),
        rows=rows,
        good=kinds.count(Kind.GOOD),
        duplicates=kinds.count(Kind.DUPLICATE),
        broken=kinds.count(Kind.BROKEN),
        opted_out=kinds.count(Kind.OPTED_OUT),
        people=people,
        reactions=reactions,
    )


FIRST = (
    "Anna",
    "Björn",
    "Chloé",
    "David",
    "Élise",
    "Farid",
    "Greta",
    "Hugo",
    "Inês",
    "Jörg",
    "Karin",
    "Luís",
)
LAST = (
    "Müller",
    "Nowak",
    "Dubois",
    "Rossi",
    "Silva",
    "Jensen",
    "Novák",
    "García",
    "Kowalski",
    "Bauer",
    "Smith",
)
TITLES = ("Head of Operations", "CEO", "VP Sales", "Plant Manager", "Einkaufsleiter", "Directrice marketing")


def _row(
    company: Company, number: int, kind: Kind, good: list[tuple[str, ...]], chance: random.Random
) -> tuple[str, ...]:
    if kind is Kind.DUPLICATE:
        first, last, email, *rest = chance.choice(good)
        return (first, last, f" {email.upper()} ", *rest)
    if kind is Kind.BROKEN:
        return ("", "", "not-an-address", "", company.name, "", "", "")
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    email = company.email(f"lead{number}")
    opt_out = "Yes" if kind is Kind.OPTED_OUT else ""
    website = f"http://{company.host}/"
    return (first, last, email, chance.choice(TITLES), company.name, website, company.country, opt_out)


def _reactions(addresses: list[str], chance: random.Random) -> dict[str, Reaction]:
    """A tenth answers, some are away, some bounce, a few want no more mail."""
    drawn = chance.sample(addresses, len(addresses))
    share = {Reaction.REPLY: 18, Reaction.OUT_OF_OFFICE: 12, Reaction.BOUNCE: 7, Reaction.UNSUBSCRIBE: 5}
    reactions: dict[str, Reaction] = {}
    for reaction, count in share.items():
        for _ in range(count):
            reactions[drawn.pop()] = reaction
    return reactions


def _file(lines: Sequence[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([["Trade fair contacts"], []])
    writer.writerow(HEADERS)
    writer.writerows(lines)
    writer.writerows(
        [[], ["Grand Totals", str(len(lines))], ["Confidential Information - Do Not Distribute"]]
    )
    return text.getvalue().encode("cp1252")
