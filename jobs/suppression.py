"""Reads uploaded suppression lists."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from domain.errors import DomainError
from domain.leads.tables.delimited import iter_delimited, sniff_delimiter
from domain.leads.tables.encodings import detect_encoding
from domain.leads.tables.errors import HeaderMissing
from domain.leads.tables.reading import open_table
from domain.leads.vocabulary import LeadField, recognise_header
from domain.suppression import lists
from domain.suppression.tasks import ImportSuppressions
from domain.work import Work
from jobs.registry import JobContext, job

BATCH = 1_000

_MEANS: Mapping[LeadField, str] = {
    LeadField.EMAIL: "email",
    LeadField.COMPANY_DOMAIN: "domain",
    LeadField.LINKEDIN_URL: "linkedin",
    LeadField.PHONE: "phone",
}


async def tell_list_failed(work: Work, task: ImportSuppressions, _reason: str) -> None:
    """Say so where the list is shown."""
    await lists.give_up_import(work, import_id=task.import_id)


@job(ImportSuppressions, max_tries=5, timeout_s=3_600, when_parked=tell_list_failed)
async def import_suppressions(context: JobContext, task: ImportSuppressions) -> None:
    """Take in a list from where the last try stopped, then delete its file."""
    begun = await lists.begin_import(actor=context.actor, import_id=task.import_id, now=context.now())
    if begun is None:
        return
    path, done = Path(begun[0]), begun[1]
    failure = None
    try:
        rows = islice(read_list(path), done, None)
        while batch := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):
            await lists.import_rows(
                actor=context.actor,
                import_id=task.import_id,
                rows=batch,
                after=done,
                identity_key=context.ports.identity_key,
                now=context.now(),
            )
            done += len(batch)
    except DomainError as error:
        failure = error.message
    await lists.finish_import(
        actor=context.actor, import_id=task.import_id, failure=failure, now=context.now()
    )
    await asyncio.to_thread(path.unlink, missing_ok=True)


def read_list(path: Path) -> Iterator[lists.NumberedRow]:
    """Yield the rows of a list; a file without column names holds one identifier per line."""
    try:
        table = open_table(path)
    except HeaderMissing:
        yield from _plain_lines(path)
        return
    names = _columns(table.headers)
    for number, cells, _ in table.records():
        yield number, dict(zip(names, cells, strict=False)) if cells is not None else {}


def _columns(headers: tuple[str, ...]) -> list[str]:
    """Return our name of each column: our own names as they are, else the one identifier we recognise best."""
    plain = [re.sub(r"[^a-z]+", "_", header.lower()).strip("_") for header in headers]
    if {"value", *_MEANS.values()} & set(plain):
        return plain
    for meaning, name in _MEANS.items():
        for place, header in enumerate(headers):
            found = recognise_header(header)
            if found is not None and found[0] is meaning:
                return [name if at == place else other for at, other in enumerate(plain)]
    return ["value", *plain[1:]] if len(plain) == 1 else plain


def _plain_lines(path: Path) -> Iterator[lists.NumberedRow]:
    encoding = detect_encoding(path)
    with path.open(encoding=encoding.name, errors=encoding.errors, newline="") as text:
        delimiter = sniff_delimiter(text.read(65_536))
        text.seek(0)
        for number, cells in iter_delimited(text, delimiter=delimiter):
            if cells:
                yield number, {"value": cells[0]}
