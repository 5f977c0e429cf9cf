"""Every door of the API, tried with the other workspace's ids: each answers as if nothing were there."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from contextvars import Context, ContextVar, copy_context
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
import pytest_asyncio

from domain.accounts.service import open_session
from domain.api_clients.rules import ClientPolicy
from resolvers.following import cursor_of
from resolvers.tails import Tail
from schema.nodes import ENTITIES
from simulators.mail.people import Reaction
from tests.steps import journeys, privacy
from tests.steps.api_clients import examined, new_client, new_query, publish
from tests.steps.exploring import Path, Question, one_of_each, questions
from tests.steps.journeys import Stage, address, row, staged
from tests.steps.leads import SentFile
from tests.waiting import in_time
from tests.world import SCHEMA, World, ask, listen, new_world
from wiring import Application

ROOT: Any = SCHEMA._schema
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENTS = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

FURTHER = ("apiTokenCreate", "memberInvite", "leadsExport", "enrichmentRequest", "suppressionImport")
"""What the journey doesn't leave behind."""

NO_OBJECTS = {
    "suppressionCheck",
    "creditAccount",
    "viewer",
    "auditVerify",
    "eventTypes",
    "messagePreview",
    "rateLimit",
}
"""What shows its owner nothing that has an id; each has tests of its own."""

BESIDE: dict[str, dict[str, Any]] = {
    "messagePreview": {"wording": {"subject": "Hello", "body": "Hello"}},
    "suppressionAdd": {"scope": "SENDER", "value": "somebody@example.com"},
    "documentsPublish": {"manifest": SentFile(b"{}")},
    "threadSnooze": {"until": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
}
"""What a mutation wants beside its required arguments before it looks at the id."""

NAMES = {
    "sessionRevoke": "sess",
    "importId": "import",
    "leadImportCancel": "import",
    "jobEvents": "import",
    "scopeId": "sender",
    "lineageId": "sequ",
    "targetId": "lead",
    "aiCallId": "call",
}
"""Ids that aren't named after their kind."""


AT_THE_END: ContextVar[asyncio.Event] = ContextVar("at_the_end")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two workspaces.

    Attributes:
        ids: prefix -> global id of one of its objects, one of every kind.
        rows: ids of all its rows.
    """

    world: World
    ids: dict[str, str]
    rows: frozenset[str] = frozenset()


@pytest_asyncio.fixture(scope="module")
async def sides(app: Application) -> AsyncIterator[tuple[Side, Side]]:
    """Us and them, each with a full life behind it."""
    async with AsyncExitStack() as stack:
        stages = [await stack.enter_async_context(staged(await new_world(app))) for _ in range(2)]
        ours, theirs = [await _live(stage) for stage in stages]
        yield ours, theirs


@pytest_asyncio.fixture
async def us(sides: tuple[Side, Side]) -> AsyncIterator[Side]:
    """Us; afterwards nothing of theirs has changed."""
    ours, theirs = sides
    before = await _fingerprint(theirs.world)
    yield ours
    assert await _fingerprint(theirs.world) == before


@pytest.fixture
def them(sides: tuple[Side, Side]) -> Side:
    """The others."""
    return sides[1]


@pytest.fixture
def ends_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each of our streams say when it stands at the end of its log."""
    grown = Tail.grown

    async def tell(self: Tail) -> None:
        if (event := AT_THE_END.get(None)) is not None:
            event.set()
        await grown(self)

    monkeypatch.setattr(Tail, "grown", tell)


async def test_no_list_shows_anything_of_theirs(us: Side, them: Side) -> None:
    silent = set()
    for question in {asked.name: replace(asked, place=()) for asked in _asked("query")}.values():
        if question.root.args.keys() & {"id", "ids"}:
            continue
        assert not _mentions(await _ask(us, question), them), question.name
        if not _mentions(await _ask(them, question), them):
            silent.add(question.name)
    assert silent <= NO_OBJECTS, "a list that is empty for its owner proves nothing"


async def test_no_look_up_and_no_filter_by_their_ids_finds_anything(us: Side, them: Side) -> None:
    for question in _asked("query"):
        if question.place and question.name not in {"node", "nodes"}:
            await _answers_as_if_missing(question, us=us, them=them)


async def test_no_object_of_theirs_is_a_node_for_us(us: Side, them: Side) -> None:
    document = "query ($id: ID!) { node(id: $id) { __typename id } nodes(ids: [$id, $id]) { id } }"
    for prefix in ENTITIES.keys() - {"user"}:  # people belong to no workspace; members show them
        variables = {"id": them.ids[prefix]}
        assert (await us.world.execute(document, variables)) == {"node": None, "nodes": [None, None]}, prefix
        theirs = await them.world.execute(document, variables)
        assert theirs["node"]["id"] == them.ids[prefix]
        assert [node["id"] for node in theirs["nodes"]] == [them.ids[prefix]] * 2


async def test_no_mutation_reaches_theirs(us: Side, them: Side) -> None:
    for question in _asked("mutation"):
        if question.place:
            await _answers_as_if_missing(question, us=us, them=them)
    await us.world.run_tasks()
    exported = await us.world.fetch(
        "SELECT status, row_count FROM lead_export WHERE id::text <> ALL ($1)", list(us.rows)
    )
    assert {(found["status"], found["row_count"]) for found in exported} == {("READY", 0)}


@pytest.mark.usefixtures("ends_are_told")
async def test_no_stream_tells_of_them(us: Side, them: Side) -> None:
    await asyncio.gather(*(_streams_tell_only_of(us, question, them) for question in _asked("subscription")))


async def _streams_tell_only_of(us: Side, question: Question, them: Side) -> None:
    whole = replace(question, place=())
    heard, refused = await asyncio.gather(
        _hear(us, whole), _hear(us, whole, after=cursor_of(them.world.context(), 0))
    )
    assert heard, f"{question.name} tells of us from the beginning"
    assert not _mentions(heard, them), question.name
    assert [answer["errors"][0]["message"] for answer in refused] == [
        "this cursor doesn't belong to this stream"
    ]
    if question.place:
        kind = _kind(question)
        wanted = (f"{kind}_{uuid4()}", them.ids[kind])
        missing, theirs = await asyncio.gather(
            *(_hear(us, question, {question.place: id_}) for id_ in wanted)
        )
        assert _scrubbed(theirs) == _scrubbed(missing), question
        assert all(answer["errors"] for answer in theirs), question


async def _answers_as_if_missing(question: Question, *, us: Side, them: Side) -> None:
    """Ask with one id of theirs, and with one that never existed: both answers must be the same."""
    prefix = _kind(question)
    missing = await _ask(us, question, {question.place: f"{prefix}_{uuid4()}"})
    assert "those start with" not in orjson.dumps(missing).decode(), f"{question.place}: {missing}"
    ids = {question.place: them.ids[prefix]}
    theirs = await _ask(us, question, ids)

    assert _scrubbed(theirs) == _scrubbed(missing), question
    assert not _mentions(theirs, them, but=ids), question
    if question.operation == "mutation" and question.name != "leadsExport":
        [error] = theirs["data"][question.name]["errors"]
        is_missing = error["code"] in {"NOT_FOUND", "COUNT_MISMATCH"} or error["message"].startswith(
            "no such"
        )
        assert is_missing, f"{question.name} {question.place} never came to the id: {error}"


def _asked(operation: str) -> list[Question]:
    return list(questions(operation, getattr(ROOT, f"{operation}_type")))


def _kind(question: Question) -> str:
    """Return the prefix of the ids that belong there, read from the names."""
    *_, name = ("", *(step for step in question.place if step not in {"eq", "in", "input", "where"}))
    for special in (name, question.name):
        if special in NAMES:
            return NAMES[special]
    kinds = {type_.__name__.lower(): prefix for prefix, type_ in ENTITIES.items()}
    stem = re.sub(r"(Ids?|s)$", "", name).lower()
    if name in {"id", "versionsOf"}:
        stem = question.name.lower()
        fitting = [kind for kind in kinds if stem.startswith(kind)] or [stem]
        return kinds[max(fitting, key=len)]
    return kinds[min((kind for kind in kinds if kind.endswith(stem)), key=len)]


async def _ask(side: Side, question: Question, ids: dict[Path, str] | None = None) -> dict[str, Any]:
    def id_at(path: Path) -> str:
        return (ids or {}).get(path) or side.ids[_kind(replace(question, place=path))]

    variables = question.variables(id_at, key=str(uuid4()))
    if question.name in BESIDE:
        variables["input"] |= deepcopy(BESIDE[question.name])
    answer = await ask(question.document(), variables, context=side.world.context())
    return {"data": answer.data, "errors": [_told(error) for error in answer.errors]}


async def _hear(
    side: Side, question: Question, ids: dict[Path, str] | None = None, *, after: str | None = None
) -> list[Any]:
    """Listen from the beginning of the log to its end."""

    def id_at(path: Path) -> str:
        return (ids or {}).get(path) or side.ids[_kind(replace(question, place=path))]

    question = replace(question, given={"after": after or cursor_of(side.world.context(), 0)})
    variables = question.variables(id_at, key="")
    heard: list[Any] = []

    async def hear() -> None:
        async with aclosing(listen(question.document(), variables, context=side.world.context())) as stream:
            async for answer in stream:
                said = {"data": answer.data, "errors": [_told(error) for error in answer.errors]}
                heard.append(said)  # at the end, what has been heard so far counts

    at_the_end = asyncio.Event()
    hearing = asyncio.create_task(hear(), context=_told_at_the_end(at_the_end))
    waiting = asyncio.create_task(at_the_end.wait())
    async with in_time():
        await asyncio.wait({hearing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (hearing, waiting):
        task.cancel()
    [ended, _] = await asyncio.gather(hearing, waiting, return_exceptions=True)
    assert ended is None or isinstance(ended, asyncio.CancelledError), ended
    return heard


def _told_at_the_end(event: asyncio.Event) -> Context:
    """Return a context whose streams tell when they have shown the whole log."""
    context = copy_context()
    context.run(AT_THE_END.set, event)
    return context


def _told(error: Any) -> dict[str, Any]:
    return {"message": error["message"], "code": error["extensions"]["code"]}


def _scrubbed(answer: Any) -> str:
    """Return the answer without what differs between any two: ids and moments."""
    return MOMENTS.sub("…", UUIDS.sub("…", orjson.dumps(answer).decode()))


def _mentions(answer: Any, side: Side, *, but: dict[Path, str] | None = None) -> set[str]:
    """Return the ids of the side's rows that an answer tells, except those that were asked for."""
    asked = {id_.rpartition("_")[2] for id_ in (but or {}).values()}
    return (set(UUIDS.findall(orjson.dumps(answer).decode())) & side.rows) - asked


async def _live(stage: Stage) -> Side:
    """Do the main job, and whatever else leaves an object of a kind behind."""
    for number, reaction in enumerate((Reaction.REPLY, Reaction.BOUNCE)):
        stage.react(address(number), reaction)
    await journeys.sent_run(stage, [row(0), row(1), row(2), row(5, first="", last="", email="nobody")])
    await journeys.read_mail(stage)
    waiting = await journeys.import_rows(stage, [row(3)])
    await journeys.launch(stage, await journeys.play_over(stage, importJob=waiting["id"]), key="later")
    await stage.world.run_tasks()
    world = stage.world
    side = Side(world, await one_of_each(world))
    for name in FURTHER:
        answer = await _ask(side, Question("mutation", name, ROOT.mutation_type.fields[name]))
        assert not answer["data"][name]["errors"], answer
    await publish(world, await new_client(world, ClientPolicy.OPEN), examined(new_query()))
    await privacy.fulfil_request(world, "ACCESS", address(2))
    await open_session(
        user_id=world.user_id,
        token_hash=uuid4().bytes,
        ip=None,
        user_agent=None,
        expires_at=world.now() + timedelta(days=1),
        now=world.now(),
    )
    await world.run_tasks()
    ids = await one_of_each(world)
    missing = set(ENTITIES) - set(ids)
    assert not missing, f"the journey must leave one of every kind behind: {missing}"
    return Side(world, ids, await _rows(world))


_TABLES = """
SELECT table_name, count(*) FILTER (WHERE column_name = 'id') > 0 AS has_id FROM information_schema.columns
WHERE table_schema = 'public' AND table_name IN (
    SELECT table_name FROM information_schema.columns WHERE column_name = 'workspace_id' INTERSECT
    SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')
GROUP BY table_name
"""


async def _rows(world: World) -> frozenset[str]:
    connection = await asyncpg.connect(world.app.settings.database_url)
    ids: set[str] = {str(world.workspace_id)}
    for table, has_id in await connection.fetch(_TABLES):
        if has_id:
            rows = await connection.fetch(
                f"SELECT id FROM {table} WHERE workspace_id = $1", world.workspace_id
            )
            ids |= {str(found["id"]) for found in rows}
    await connection.close()
    return frozenset(ids)


async def _fingerprint(world: World) -> dict[str, str]:
    """Return a hash over all rows of each table of a workspace, of its person and of their sessions."""
    connection = await asyncpg.connect(world.app.settings.database_url)
    owned = {table: ("workspace_id", world.workspace_id) for table, _ in await connection.fetch(_TABLES)}
    owned |= {
        "workspace": ("id", world.workspace_id),
        "app_user": ("id", world.user_id),
        "session": ("user_id", world.user_id),
    }
    hashes = {
        table: await connection.fetchval(
            f"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t WHERE {key} = $1",
            value,
        )
        for table, (key, value) in owned.items()
    }
    await connection.close()
    return hashes
