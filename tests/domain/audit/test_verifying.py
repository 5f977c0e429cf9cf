"""A chain holds, or the first entry that doesn't is named; changed, removed and cut-off entries are all found."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from domain.audit.chain import FIRST_HASH, chain_hash
from domain.audit.queries import ChainHead
from domain.audit.service import verify_workspace
from domain.audit.verifying import ChainReport, verify_chain
from domain.errors import NotFound
from domain.work import unit_of_work
from domain.workspaces.events import WorkspaceUpdated
from operations.record_keeping import ChainBroken, verify_audit
from tests.world import World

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def _row(
    workspace: int, seq: int, *entry: Any, request_id: str | None, at: datetime, prev_hash: bytes
) -> tuple[Any, ...]:
    """Return the row of an entry, chained to the one before."""
    *plain, detail = entry
    text = orjson.dumps(detail).decode()
    fields = (UUID(int=workspace), seq, *plain, text, request_id, at, prev_hash)
    return (*fields, chain_hash(fields))


def _chain(length: int) -> list[tuple[Any, ...]]:
    rows, prev_hash = [], FIRST_HASH
    for seq in range(1, length + 1):
        entry = ("SYSTEM", None, "test.do", "lead", UUID(int=seq), None, {"n": seq, "a": "ä"})
        rows.append(_row(1, seq, *entry, request_id=None, at=AT, prev_hash=prev_hash))
        prev_hash = rows[-1][-1]
    return rows


async def _stream(rows: list[tuple[Any, ...]]) -> AsyncIterator[tuple[Any, ...]]:
    for row in rows:
        yield row


async def _verify(rows: list[tuple[Any, ...]], *, head: tuple[Any, ...]) -> ChainReport:
    return await verify_chain(_stream(rows), head=ChainHead(seq=head[1], hash=head[-1]))


async def test_an_untouched_chain_holds() -> None:
    rows = _chain(5)
    report = await _verify(rows, head=rows[-1])

    assert (report.ok, report.count, report.broken_at) == (True, 5, None)


def test_a_hash_is_what_it_has_always_been() -> None:
    detail = {"b": [1, 0.5], "a": "ä\n"}
    entry = ("USER", UUID(int=2), "lead.restrict", "lead", UUID(int=3), None, detail)
    row = _row(1, 7, *entry, request_id="r", at=AT, prev_hash=FIRST_HASH)

    assert row[-1].hex() == "e24fad3b009ad9f264e11598b4398d3f3ad37055b6409efbedf919c2c8948418"


async def test_an_empty_chain_holds() -> None:
    assert (await verify_chain(_stream([]), head=ChainHead(seq=0, hash=FIRST_HASH))).ok


@pytest.mark.parametrize("place", range(12))
async def test_a_change_of_any_field_is_found(place: int) -> None:
    rows, other = _chain(4), _row(
        2, 9, "SYSTEM", UUID(int=3), "x", "y", UUID(int=9), "z", {"n": 0},
        request_id="r", at=datetime(2027, 1, 1, tzinfo=UTC), prev_hash=b"\x09",
    )  # fmt: skip
    changed = list(rows[2])
    changed[place] = other[place]
    if changed[place] == rows[2][place]:  # the kind of actor is the same in both
        changed[place] = "USER"
    rows[2] = tuple(changed)

    report = await _verify(rows, head=rows[-1])
    assert (report.ok, report.count, report.broken_at) == (False, 2, 3)


async def test_an_entry_taken_out_a_cut_end_and_a_forged_tail_are_found() -> None:
    rows = _chain(5)

    assert (await _verify([*rows[:2], *rows[3:]], head=rows[-1])).broken_at == 3
    assert (await _verify(rows[:3], head=rows[-1])).broken_at == 4
    assert (await _verify(rows, head=rows[3])).broken_at == 5
    assert (await _verify(rows[1:], head=rows[-1])).broken_at == 1


async def test_chains_of_units_with_many_entries_or_none_or_at_the_same_time_hold(world: World) -> None:
    """PostgreSQL links, Python verifies: they must agree about every kind of value."""

    async def commit(count: int) -> None:
        async with unit_of_work(world.actor, now=world.now()) as work:
            work.emit(WorkspaceUpdated(subject_id=world.workspace_id))
            for number in range(count):
                detail = {
                    "n": number,
                    "share": 0.1,
                    "text": 'ä"\\%s\n',
                    "ids": [work.workspace_id],
                    "none": None,
                }
                work.audit(
                    "test.do", target_kind="workspace", target_id=None, purpose="why? 'so' ✓", **detail
                )

    await asyncio.gather(*(commit(n % 4) for n in range(24)))

    assert await verify_workspace(world.workspace_id) == ChainReport(
        count=2 + 6 * (1 + 2 + 3), broken_at=None
    )


async def test_a_row_changed_behind_the_applications_back_is_named(world: World, database_url: str) -> None:
    for number in range(4):
        async with unit_of_work(world.actor, now=world.now()) as work:
            work.audit("test.do", target_kind="workspace", target_id=world.workspace_id, number=number)
    assert await verify_workspace(world.workspace_id) == ChainReport(count=6, broken_at=None)
    [slug] = await world.fetch("SELECT slug FROM workspace")
    assert (await verify_audit(slug=slug["slug"])).startswith("6 entries hold")

    intruder = await asyncpg.connect(database_url)
    await intruder.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
    await intruder.execute(
        "UPDATE audit_event SET detail = '{\"number\": 7}' WHERE workspace_id = $1 AND seq = 4",
        world.workspace_id,
    )
    await intruder.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
    await intruder.close()

    assert await verify_workspace(world.workspace_id) == ChainReport(count=3, broken_at=4)
    with pytest.raises(ChainBroken, match="entry 4"):
        await verify_audit(slug=slug["slug"])


async def test_an_unknown_workspace_is_said_to_be_unknown(world: World) -> None:
    with pytest.raises(NotFound):
        await verify_audit(slug="no-such-workspace")
