"""From a file to text that COPY takes: the part of an import that is only computing.

Rows go in chunks, and chunks can be dealt out: of ``parts`` readers of the same file each prepares its share.
"""

import csv
import io
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from domain.leads.columns import ColumnChoice, validate_mapping
from domain.leads.importing.sieving import through
from domain.leads.outcomes import LeadRow, RowError
from domain.leads.rows import RowReader
from domain.leads.tables import Record, open_table
from domain.leads.vocabulary import LeadField
from domain.secrets.hashing import identity_hasher
from domain.suppression.keys import Recipient, keys_of

CHUNK_ROWS: Final = 5_000

STAGED: Final = (
    *("row_index", "id", "email", "email_identity", "linkedin_key", "linkedin_url", "name_company_key"),
    *("first_name", "last_name", "full_name", "title", "seniority", "department", "phone"),
    *("company_name", "company_key", "company_domain", "company_website", "company_linkedin_url"),
    *("company_industry", "company_employee_count", "city", "region", "country", "time_zone", "locale"),
    *("opt_out", "opt_out_phone", "custom", "keys"),
)
"""Columns of a staged row, in their order."""

PROBLEM: Final = ("id", "row_index", "code", "field", "message", "dropped")
"""Columns of a staged row error, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to read a file; small, so that it can be handed to another process.

    Attributes:
        mapping: (column, field or None for a custom field) of the columns that are kept.
        suppressed_kinds: kinds of which the workspace has suppressions; others needn't be hashed.
        sieve: which hashes may be suppressed (``sieving``), so that others needn't be staged; None stages all.
        started_ms: begin of all ids, so that leads sort as their rows do.
    """

    path: str
    mapping: tuple[tuple[int, str | None], ...]
    default_country: str | None
    suppressed_kinds: tuple[str, ...]
    sieve: bytes | None
    identity_key: bytes
    started_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Prepared rows.

    Attributes:
        records: rows read, good and bad.
        dropped: rows left out.
        leads, problems: CSV for COPY into ``STAGED`` and ``PROBLEM``.
    """

    records: int
    dropped: int
    leads: bytes
    problems: bytes


def prepare(recipe: Recipe, *, part: int = 0, parts: int = 1) -> Iterator[Chunk]:
    """Yield the rows of one of ``parts`` readers that share the file.

    Raises:
        DomainError: the file can't be read to its end; see ``tables.open_table``.
    """
    table = open_table(Path(recipe.path))
    choices = [ColumnChoice(index, LeadField(field) if field else None) for index, field in recipe.mapping]
    reader = RowReader(validate_mapping(table.headers, choices), default_country=recipe.default_country)
    ids, key_texts = _RowIds(recipe.started_ms), _KeyTexts(recipe)
    records = table.records(part=part, parts=parts)
    while chunk := list(islice(records, CHUNK_ROWS)):
        yield _prepare_chunk(chunk, reader, ids, key_texts)


def _prepare_chunk(
    records: Sequence[Record], reader: RowReader, ids: "_RowIds", key_texts: "_KeyTexts"
) -> Chunk:
    leads: list[tuple[Any, ...]] = []
    problems: list[RowError] = []
    dropped = 0
    for row in map(reader.read, records):
        if isinstance(row, LeadRow):
            leads.append(_staged(row, ids, key_texts))
            problems.extend(row.warnings)
        else:
            dropped += 1
            problems.append(row)
    return Chunk(
        records=len(records),
        dropped=dropped,
        leads=_csv(leads),
        problems=_csv([(ids.of(each.row_index), *each) for each in problems]),
    )


def _staged(row: LeadRow, ids: "_RowIds", key_texts: "_KeyTexts") -> tuple[Any, ...]:
    custom, phone = row.custom, row.phone or row.mobile_phone
    if row.mobile_phone and row.phone:
        custom = {**custom, "Mobile phone": row.mobile_phone}
    if row.notes:
        custom = {**custom, "Notes": row.notes}
    # fmt: off
    return (
        row.row_index, ids.of(row.row_index), row.email, row.email_identity, row.linkedin_key,
        row.linkedin_url, row.name_company_key, row.first_name, row.last_name, row.full_name, row.title,
        row.seniority, row.department, phone, row.company_name, row.company_key, row.company_domain,
        row.company_website, row.company_linkedin_url, row.company_industry, row.company_employee_count, row.city,
        row.region, row.country, row.time_zone, row.locale, row.opt_out, row.opt_out_phone,
        orjson.dumps(custom).decode() if custom else "{}", key_texts.of(row, phone),
    )
    # fmt: on


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return CSV in which None is an empty cell; no value here is an empty text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


class _RowIds:
    """Ids of rows: UUIDv7 whose counter (RFC 9562, 6.2) is the row, 20 bits of it, then 54 random bits."""

    def __init__(self, started_ms: int) -> None:
        self._base = started_ms << 80 | 0x7 << 76 | 0b10 << 62
        self._noise = self._more_noise()

    def of(self, row_index: int) -> str:
        """Return a new id, in hex."""
        counted = (row_index >> 8 & 0xFFF) << 64 | (row_index & 0xFF) << 54
        return format(self._base | counted | next(self._noise), "032x")

    @staticmethod
    def _more_noise() -> Iterator[int]:
        while True:  # asking the system for each id would cost as much as the id
            for (noise,) in struct.iter_unpack("Q", os.urandom(8 * CHUNK_ROWS)):
                yield noise >> 10


class _KeyTexts:
    """Under which keyed hashes a person may be suppressed, as the text of a ``bytea[]``; None is nearly everybody.

    The values are folded already, so they are hashed directly; a test holds this to ``keys_of``.
    """

    def __init__(self, recipe: Recipe) -> None:
        kinds = frozenset(recipe.suppressed_kinds)
        self._is_suspect = through(recipe.sieve) if recipe.sieve is not None else bool
        self._hashers = {
            kind: identity_hasher(kind=kind.lower(), key=recipe.identity_key)
            for kind in ("EMAIL", "LINKEDIN", "PHONE")
            if kind in kinds
        }
        self._hash_domain = (
            identity_hasher(kind="domain", key=recipe.identity_key) if "DOMAIN" in kinds else None
        )
        self._of_domain = lru_cache(maxsize=65_536)(
            partial(self._domain_keys, identity_key=recipe.identity_key)
        )

    def of(self, row: LeadRow, phone: str | None) -> str | None:
        values = {"EMAIL": row.email_identity, "LINKEDIN": row.linkedin_key, "PHONE": phone}
        keys = [
            key
            for kind, hash_value in self._hashers.items()
            if (value := values[kind]) and self._is_suspect(key := hash_value(value))
        ]
        if self._hash_domain:
            host = row.email.rpartition("@")[2] if row.email else None
            for domain in {host, row.company_domain}:
                if domain:
                    keys.extend(self._of_domain(domain))
        return "{" + ",".join([f"\\\\x{key.hex()}" for key in keys]) + "}" if keys else None

    def _domain_keys(self, domain: str, *, identity_key: bytes) -> list[bytes]:
        """Return the keys of a domain and its parents; one of two labels has none that could be suppressed."""
        if self._hash_domain and domain.count(".") == 1:
            keys = [self._hash_domain(domain)]
        else:
            found = keys_of(recipient=Recipient(domains=(domain,)), key=identity_key)
            keys = [each.key_hash for each in found]
        return [key for key in keys if self._is_suspect(key)]
