"""What is staged of a row: ids in the order of rows, and the same keyed hashes that suppression uses."""

import csv
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.leads.importing.preparing import STAGED, Recipe, prepare
from domain.leads.importing.reading import SMALL_BYTES, FileUnreadable, read_chunks
from domain.leads.importing.sieving import make_sieve
from domain.suppression.keys import Recipient, keys_of
from simulators.lead_files import Style, make_lead_file

KEY = b"k" * 32
KINDS = ("DOMAIN", "EMAIL", "LINKEDIN", "PHONE")


def recipe(path: Path, *, kinds: tuple[str, ...] = KINDS, sieve: bytes | None = None) -> Recipe:
    return Recipe(
        path=str(path),
        mapping=tuple(enumerate(("email", "linkedin_url", "phone", "company_website"))),
        default_country=None,
        suppressed_kinds=kinds,
        sieve=sieve,
        identity_key=KEY,
        started_ms=1_772_445_600_000,
    )


def staged(path: Path, **options: Any) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for chunk in prepare(recipe(path, **options)):
        rows += [
            dict(zip(STAGED, row, strict=True))
            for row in csv.reader(io.StringIO(chunk.leads.decode(), newline=""))
        ]
    return rows


def test_a_row_carries_the_keys_by_which_its_person_could_be_suppressed(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(
        "Email,LinkedIn URL,Phone,Website\n"
        "Ada.Love+x@GMAIL.com,https://de.linkedin.com/in/Ada-L/,+49 30 9010123,https://shop.acme.co.uk/about\n"
        "bo@mail.globex.com,,,\n"
    )

    found = [set(row["keys"].strip("{}").split(",")) for row in staged(path)]

    people = (
        Recipient(
            emails=("adalove@gmail.com",),
            domains=("acme.co.uk",),
            phones=("+49309010123",),
            linkedin_urls=("https://linkedin.com/in/ada-l",),
        ),
        Recipient(emails=("bo@mail.globex.com",)),
    )
    assert found == [
        {f"\\\\x{key.key_hash.hex()}" for key in keys_of(recipient=person, key=KEY)} for person in people
    ]


def test_nothing_is_hashed_of_kinds_nobody_is_suppressed_by(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email,LinkedIn URL,Phone,Website\nada@acme.com,,+49309010123,\n")

    assert [row["keys"] for row in staged(path, kinds=())] == [""]
    assert [row["keys"].count("x") for row in staged(path, kinds=("EMAIL",))] == [1]


def test_only_keys_that_may_be_suppressed_are_staged(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email,LinkedIn URL,Phone,Website\nada@acme.com,,+49309010123,\nbo@globex.com,,,\n")
    ada = Recipient(emails=("ada@acme.com",))
    acme, address = keys_of(recipient=ada, key=KEY)

    for key in (acme, address):
        sieve = make_sieve(key.key_hash[:4])
        assert [row["keys"] for row in staged(path, sieve=sieve)] == [f"{{\\\\x{key.key_hash.hex()}}}", ""]
    assert [row["keys"] for row in staged(path, sieve=make_sieve(b""))] == ["", ""]


def test_ids_sort_as_their_rows_do(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(
        "Email,LinkedIn URL,Phone,Website\n" + "".join(f"p{n}@acme.com,,,\n" for n in range(1_200))
    )

    ids = [UUID(row["id"]) for row in staged(path)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 1_200
    assert {each.version for each in ids} == {7}
    assert {each.variant for each in ids} == {"specified in RFC 4122"}


async def test_reader_processes_bring_the_same_as_one_thread(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(make_lead_file(style=Style.APOLLO, rows=11_000, seed=1).content)
    order = Recipe(
        path=str(path),
        mapping=((4, "email"), (0, "first_name"), (1, "last_name")),
        default_country=None,
        suppressed_kinds=("EMAIL",),
        sieve=make_sieve(b"\0\1\2\3" * 2_000),
        identity_key=KEY,
        started_ms=1_772_445_600_000,
    )

    async def read(byte_size: int) -> tuple[int, int, set[str]]:
        records = dropped = 0
        rows: set[str] = set()
        async for chunk in read_chunks(order, byte_size=byte_size):
            records, dropped = records + chunk.records, dropped + chunk.dropped
            for row in csv.reader(io.StringIO(chunk.leads.decode(), newline="")):
                rows.add("|".join((row[0], *row[2:])))  # ids are random in part
        return records, dropped, rows

    assert path.stat().st_size > SMALL_BYTES
    assert await read(byte_size=path.stat().st_size) == await read(byte_size=0)


async def test_a_reader_process_says_why_a_file_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"Email,LinkedIn URL,Phone,Website\n" + b'a@acme.com,"' + b"x" * 5_000_000)

    with pytest.raises(FileUnreadable, match="a quote left open"):
        async for _ in read_chunks(recipe(path), byte_size=path.stat().st_size):
            pass
