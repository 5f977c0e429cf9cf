"""The unit of work keeps its promises."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from asyncpg import ReadOnlySQLTransactionError, RestrictViolationError

from domain.actor import Actor
from domain.audit.chain import chain_hash
from domain.errors import Conflict, ProviderUnavailable
from domain.events import DomainEvent, EventFilter, find_last_seq, list_events
from domain.idempotency import (
    Idempotency,
    IdempotencyInProgress,
    IdempotencyMismatch,
    Replayed,
    claim,
    remember,
)
from domain.tasks import Task
from domain.tenancy import across_workspaces, reading, writing
from domain.work import REACTIONS, Work, reacts_to, reacts_to_all, unit_of_work
from domain.workspaces.events import WorkspaceUpdated
from tests.world import World, new_world


@dataclass(frozen=True, slots=True, kw_only=True)
class SheepCame(DomainEvent):
    """One sheep, of these tests."""

    subject_kind: ClassVar[str] = "workspace"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WolfCame(SheepCame):
    """Not a sheep, though it is dressed as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSheep(Task):
    """A task of these tests."""

    sheep: tuple[UUID, ...]

    @property
    def unique_key(self) -> str:
        return "sheep"


def _key(text: str, *, argument: str = "a") -> Idempotency:
    return Idempotency.of(caller_id=None, mutation="test", key=text, arguments={"x": argument})


def _touch(work: Work) -> None:
    work.emit(WorkspaceUpdated(subject_id=work.workspace_id))


async def test_concurrent_commits_get_gapless_numbers_in_order(world: World) -> None:
    async def commit(events: int) -> None:
        async with unit_of_work(world.actor, now=world.now()) as work:
            for _ in range(events):
                _touch(work)
            await asyncio.sleep(0)

    start = await find_last_seq(workspace_id=world.workspace_id)
    await asyncio.gather(*(commit(1 + n % 3) for n in range(30)))
    events = await list_events(workspace_id=world.workspace_id, after=0, where=EventFilter())
    assert [event.seq for event in events] == list(range(1, start + 60 + 1))


async def test_a_failed_unit_leaves_neither_event_nor_audit_nor_task(world: World) -> None:
    seq = await find_last_seq(workspace_id=world.workspace_id)
    audits = await world.fetch("SELECT seq FROM audit_event")
    with pytest.raises(Conflict):
        async with unit_of_work(world.actor, now=world.now()) as work:
            _touch(work)
            work.audit("test", target_kind="workspace", target_id=None)
            await work.enqueue(CountSheep(sheep=()))
            raise Conflict("no")
    assert await world.fetch("SELECT 1 FROM task") == []
    assert await find_last_seq(workspace_id=world.workspace_id) == seq
    assert await world.fetch("SELECT seq FROM audit_event") == audits


async def test_an_open_task_is_not_doubled(world: World) -> None:
    sheep = (uuid4(), uuid4())
    for _ in range(2):
        async with unit_of_work(world.actor, now=world.now()) as work:
            await work.enqueue(CountSheep(sheep=sheep))
    rows = await world.fetch("SELECT kind, payload FROM task")
    assert rows == [{"kind": "CountSheep", "payload": {"sheep": [str(one) for one in sheep]}}]
    assert CountSheep.from_payload(rows[0]["payload"]) == CountSheep(sheep=sheep)


async def test_the_same_key_answers_with_the_first_result_and_runs_nothing(world: World) -> None:
    result = uuid4()
    async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")) as work:
        work.answer(result)
    with pytest.raises(Replayed) as replayed:
        async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")):
            pytest.fail("it ran twice")
    assert (replayed.value.result_id, replayed.value.errors) == (result, [])


async def test_the_same_key_with_other_arguments_is_refused(world: World) -> None:
    async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")):
        pass
    with pytest.raises(IdempotencyMismatch):
        async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k", argument="b")):
            pytest.fail("it ran")


async def test_a_refusal_is_remembered_under_its_key(world: World) -> None:
    with pytest.raises(Conflict):
        async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")):
            raise Conflict("not now", field=("x",))
    with pytest.raises(Replayed) as replayed:
        async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")):
            pytest.fail("it ran")
    assert replayed.value.errors == [{"code": "CONFLICT", "message": "not now", "field": ["x"]}]


async def test_trouble_that_passes_leaves_the_key_free(world: World) -> None:
    with pytest.raises(ProviderUnavailable):
        async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")):
            raise ProviderUnavailable("down")
    async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")) as work:
        work.answer(world.workspace_id)


async def test_a_key_in_use_says_so_and_a_crash_frees_it(world: World) -> None:
    with pytest.raises(ZeroDivisionError):
        async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")):
            with pytest.raises(IdempotencyInProgress):
                await asyncio.create_task(_use_key(world), context=Context())
            raise ZeroDivisionError
    await _use_key(world)


async def test_a_key_that_was_used_is_replayed_while_another_replay_looks(world: World) -> None:
    await _use_key(world)
    async with unit_of_work(world.actor, now=world.now()) as work:
        for _ in range(2):
            with pytest.raises(Replayed):
                await claim(work.connection, workspace_id=world.workspace_id, idempotency=_key("k"))
        with pytest.raises(Replayed):
            await asyncio.create_task(_use_key(world), context=Context())


@pytest.mark.parametrize("refused", [False, True])
async def test_an_answer_that_another_transaction_gave_meanwhile_stays_the_only_one(
    world: World, refused: bool
) -> None:
    """The other one's record isn't seen by a statement that began before it was committed."""
    first = uuid4()
    with pytest.raises(Conflict, match="no" if refused else "still running"):
        async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")) as work:
            async with writing(world.workspace_id) as other:
                await remember(
                    other,
                    workspace_id=world.workspace_id,
                    idempotency=_key("k"),
                    result_id=first,
                    errors=[],
                )
            await work.enqueue(CountSheep(sheep=()))
            if refused:
                raise Conflict("no")
    assert await world.fetch("SELECT 1 FROM task") == []
    with pytest.raises(Replayed) as replayed:
        await _use_key(world)
    assert replayed.value.result_id == first


async def _use_key(world: World) -> None:
    async with unit_of_work(world.actor, now=world.now(), idempotency=_key("k")):
        pass


async def test_a_unit_inside_a_unit_is_a_programming_error(world: World) -> None:
    other = await new_world(world.app)
    async with unit_of_work(world.actor, now=world.now()):
        with pytest.raises(RuntimeError, match="already open"):
            async with unit_of_work(other.actor, now=world.now()):
                pytest.fail("opened")


async def test_without_a_workspace_no_row_is_visible(world: World) -> None:
    other = await new_world(world.app)
    async with unit_of_work(world.actor, now=world.now()) as work:
        seen = await work.connection.fetch("SELECT id FROM workspace")
        await work.connection.execute("SELECT set_config('app.workspace_id', '', true)")
        assert await work.connection.fetch("SELECT id FROM workspace") == []
        await work.connection.execute(
            "SELECT set_config('app.workspace_id', $1, true)", str(world.workspace_id)
        )
        changed = await work.connection.execute(
            "UPDATE workspace SET name = 'x' WHERE id = $1", other.workspace_id
        )
    assert [row["id"] for row in seen] == [world.workspace_id]
    assert changed == "UPDATE 0"


async def test_reading_leaves_no_scope_behind_on_the_connection(world: World) -> None:
    async with reading(world.workspace_id) as connection:
        assert await connection.fetchval("SELECT count(*) FROM workspace") == 1
    async with reading(uuid4()) as connection:
        assert await connection.fetchval("SELECT count(*) FROM workspace") == 0


async def test_who_reads_can_not_write(world: World) -> None:
    with pytest.raises(ReadOnlySQLTransactionError):
        async with reading(world.workspace_id) as connection:
            await connection.execute("UPDATE workspace SET name = 'x' WHERE id = $1", world.workspace_id)


async def test_what_is_begun_inside_a_unit_is_taken_back_alone(world: World) -> None:
    async with unit_of_work(world.actor, now=world.now()) as work:
        with pytest.raises(ZeroDivisionError):
            async with work.connection.transaction():
                await work.connection.execute(
                    "UPDATE workspace SET name = 'x' WHERE id = $1", world.workspace_id
                )
                raise ZeroDivisionError
        _touch(work)
    assert await world.fetch("SELECT name FROM workspace") == [{"name": "Acme Outreach"}]


async def test_the_system_role_reads_only_what_it_was_granted(world: World) -> None:
    from asyncpg import InsufficientPrivilegeError

    async with across_workspaces() as connection:
        assert await connection.fetchval("SELECT name FROM workspace WHERE id = $1", world.workspace_id)
    with pytest.raises(InsufficientPrivilegeError):
        async with across_workspaces() as connection:
            await connection.fetch("SELECT postal_address FROM workspace")
    with pytest.raises(InsufficientPrivilegeError):
        async with across_workspaces() as connection:
            await connection.execute("UPDATE workspace SET name = 'x'")


@pytest.mark.parametrize("table", ["event", "audit_event"])
async def test_the_log_and_the_audit_chain_cannot_be_rewritten(world: World, table: str) -> None:
    with pytest.raises(Exception, match=r"append-only|permission denied") as refused:
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            await work.connection.execute(f"DELETE FROM {table}")
    assert refused.type.__name__ in {"InsufficientPrivilegeError", RestrictViolationError.__name__}


async def test_each_audit_hash_covers_the_entry_and_the_one_before(world: World) -> None:
    for number in range(3):
        async with unit_of_work(world.actor, now=world.now()) as work:
            work.audit("test", target_kind="workspace", target_id=world.workspace_id, number=number)
    rows = await world.fetch(
        """
        SELECT workspace_id, seq, actor_kind, actor_id, action, target_kind, target_id, purpose, detail::text,
               request_id, occurred_at, prev_hash, hash FROM audit_event ORDER BY seq
        """
    )
    previous = b"\x00"
    for row in rows:
        *fields, stored = row.values()
        assert (row["prev_hash"], chain_hash(tuple(fields))) == (previous, stored)
        previous = stored
    assert len(rows) >= 4


Calls = list[tuple[str, tuple[int, ...]]]


@pytest.fixture
def calls() -> Iterator[Calls]:
    """What reactions to sheep and wolves were called with; they are forgotten at the end."""
    made: Calls = []

    @reacts_to_all(SheepCame)
    async def flock(work: Work, events: Sequence[SheepCame]) -> None:
        made.append(("flock", tuple(event.number for event in events)))

    @reacts_to(SheepCame)
    async def dog(work: Work, event: SheepCame) -> None:
        made.append(("dog", (event.number,)))
        if event.number == 2:
            work.emit(SheepCame(subject_id=work.workspace_id, number=20))
            work.emit(SheepCame(subject_id=work.workspace_id, number=21))

    @reacts_to_all(WolfCame)
    async def wolves(work: Work, events: Sequence[WolfCame]) -> None:
        made.append(("wolves", tuple(event.number for event in events)))

    yield made
    for event in (SheepCame, WolfCame):
        del REACTIONS[event]


async def test_reactions_get_all_events_of_a_streak_or_one_at_a_time_and_none_out_of_turn(
    world: World, calls: Calls
) -> None:
    came = (SheepCame, 1), (SheepCame, 2), (WolfCame, 3), (SheepCame, 4)
    async with unit_of_work(world.actor, now=world.now()) as work:
        for event, number in came:
            work.emit(event(subject_id=world.workspace_id, number=number))
        assert calls == []
    assert calls == [
        ("flock", (1, 2)),
        ("dog", (1,)),
        ("dog", (2,)),
        ("wolves", (3,)),
        ("flock", (4, 20, 21)),
        ("dog", (4,)),
        ("dog", (20,)),
        ("dog", (21,)),
    ]


async def test_what_a_streak_is_reacted_to_with_is_one_with_the_rest(world: World, calls: Calls) -> None:
    seq = await find_last_seq(workspace_id=world.workspace_id)

    @reacts_to_all(WolfCame)
    async def flee(work: Work, events: Sequence[WolfCame]) -> None:
        raise Conflict("no")

    with pytest.raises(Conflict):
        async with unit_of_work(world.actor, now=world.now()) as work:
            work.emit(SheepCame(subject_id=world.workspace_id, number=1))
            work.emit(WolfCame(subject_id=world.workspace_id, number=2))
    assert calls == [("flock", (1,)), ("dog", (1,)), ("wolves", (2,))]
    assert await find_last_seq(workspace_id=world.workspace_id) == seq


async def test_being_cancelled_at_any_moment_leaves_connections_and_context_clean(world: World) -> None:
    async def work_and_write() -> None:
        async with unit_of_work(world.actor, now=world.now()) as work:
            _touch(work)

    for delay_ms in range(40):  # more often than the pool has connections, at every step of a unit
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_ms / 4_000):
                await work_and_write()
        await work_and_write()  # in the same context, as a worker that goes on after a task's time was up
    events = await list_events(workspace_id=world.workspace_id, after=0, where=EventFilter())
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_a_read_inside_a_unit_of_work_has_a_connection_of_its_own(world: World) -> None:
    async with unit_of_work(world.actor, now=world.now()) as work:
        await work.connection.execute(
            "UPDATE workspace SET name = 'Changed' WHERE id = $1", world.workspace_id
        )
        async with reading(world.workspace_id) as connection:
            assert await connection.fetchval("SELECT name FROM workspace") == "Acme Outreach"
