"""A chain holds, or the first entry that doesn't is named; changed, removed and cut-off entries are all found."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.actor import Actor
from domain.audit.chain import FIRST_HASH, AuditEntry, link
from domain.audit.queries import ChainHead
from domain.audit.service import verify_workspace
from domain.audit.verifying import ChainReport, verify_chain
from domain.errors import NotFound
from domain.work import unit_of_work
from operations.record_keeping import ChainBroken, verify_audit
from tests.world import World

ACTOR = Actor.job(UUID(int=1))
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def _chain(length: int) -> list[tuple[Any, ...]]:
    rows, prev_hash = [], FIRST_HASH
    for seq in range(1, length + 1):
        entry = AuditEntry(
            action="test.do", target_kind="lead", target_id=UUID(int=seq), detail={"n": seq, "a": "ä"}
        )
        rows.append(link(entry, actor=ACTOR, seq=seq, at=AT, prev_hash=prev_hash))
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


async def test_an_empty_chain_holds() -> None:
    assert (await verify_chain(_stream([]), head=ChainHead(seq=0, hash=FIRST_HASH))).ok


@pytest.mark.parametrize("place", range(12))
async def test_a_change_of_any_field_is_found(place: int) -> None:
    rows, other = _chain(4), link(
        AuditEntry(action="x", target_kind="y", target_id=UUID(int=9), purpose="z", detail={"n": 0}),
        actor=Actor(kind=ACTOR.kind, workspace_id=UUID(int=2), id=UUID(int=3), request_id="r"),
        seq=9, at=datetime(2027, 1, 1, tzinfo=UTC), prev_hash=b"\x09",
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
