"""Long work shows how far it is in the same words, whatever kind it is."""

from typing import Any

import pytest

from domain.leads.rules import ExportStatus
from domain.workspaces.rules import Role
from resolvers.following import cursor_of
from schema.jobs import JobStatus, job_status
from tests.steps.happening import happen
from tests.steps.leads import import_content, start, upload
from tests.world import SCHEMA, World, listen, new_world

JOB = """
query ($id: ID!) { node(id: $id) { ... on Job { __typename jobStatus progress startedAt finishedAt error } } }
"""
EXPORT = """
mutation { leadsExport(input: {}) { leadExport { id jobStatus progress } errors { code } } }
"""
STREAM = "subscription ($id: ID!, $after: Cursor) { jobEvents(id: $id, after: $after) { type } }"
FILE = b"email,first name\nada@acme.com,Ada\n"


async def _job(world: World, id_: str) -> dict[str, Any]:
    job: dict[str, Any] = (await world.execute(JOB, {"id": id_}))["node"]
    return job


async def _events(world: World, id_: str, *, after: str | None, role: Role = Role.OWNER) -> list[Any]:
    """Listen until the stream ends by itself; returns types, or codes of errors."""
    stream = listen(STREAM, {"id": id_, "after": after}, context=world.context(role=role))
    return [
        answer.codes[0] if answer.errors else (answer.data or {})["jobEvents"]["type"]
        async for answer in stream
    ]


async def test_an_import_shows_how_far_it_is(world: World) -> None:
    waiting = (await upload(world, FILE))["importJob"]["id"]
    job = await _job(world, waiting)
    assert (job["__typename"], job["jobStatus"], job["startedAt"], job["finishedAt"]) == (
        *("ImportJob", "QUEUED", None, None),
    )
    assert job["progress"] == 0

    await start(world, waiting)
    await world.run_tasks()
    job = await _job(world, waiting)
    assert (job["jobStatus"], job["progress"], job["error"]) == ("DONE", 1, None)
    assert job["startedAt"] <= job["finishedAt"]


async def test_its_stream_ends_with_it(world: World) -> None:
    done = (await import_content(world, FILE))["id"]
    events = await _events(world, done, after=cursor_of(world.context(), 0))
    assert (events[0], events[-1]) == ("ImportUploaded", "ImportCompleted")


async def test_the_stream_of_work_that_is_over_shows_its_last_event_once(world: World) -> None:
    done = (await import_content(world, FILE))["id"]
    assert await _events(world, done, after=None) == ["ImportCompleted"]
    [last] = await world.fetch("SELECT seq FROM event WHERE type = 'ImportCompleted'")
    await happen(world, 2)
    for seq in (last["seq"], last["seq"] + 1):
        assert await _events(world, done, after=cursor_of(world.context(), seq)) == [], seq
    assert await _events(world, done, after=None) == ["ImportCompleted"]


async def test_an_export_is_long_work_too(world: World) -> None:
    export = (await world.execute(EXPORT))["leadsExport"]["leadExport"]
    assert (export["jobStatus"], export["progress"]) == ("QUEUED", 0)
    await world.run_tasks()
    job = await _job(world, export["id"])
    assert (job["__typename"], job["jobStatus"], job["progress"]) == ("LeadExport", "DONE", 1)


async def test_a_stream_is_for_those_who_may_see_the_work(world: World) -> None:
    done = (await import_content(world, FILE))["id"]
    assert await _events(world, done, after=None, role=Role.READ_ONLY) == ["FORBIDDEN"]
    other = await new_world(world.app)
    assert await _events(other, done, after=None) == ["NOT_FOUND"]
    missing = "lead_01930000-0000-7000-8000-000000000001"
    assert await _events(world, missing, after=None) == ["BAD_USER_INPUT"]
    assert await _events(world, "nonsense", after=None) == ["BAD_USER_INPUT"]


def test_all_long_work_is_a_job() -> None:
    root: Any = SCHEMA._schema
    assert {type_.name for type_ in root.get_possible_types(root.type_map["Job"])} == {
        *("ImportJob", "LeadExport", "SuppressionImport", "EnrichmentRequest", "Run", "PrivacyRequest"),
    }
    assert set(root.type_map["JobStatus"].values) == set(JobStatus.__members__)


def test_no_status_is_forgotten() -> None:
    with pytest.raises(ValueError, match="EXPIRED"):
        job_status(ExportStatus, queued="QUEUED", running="RUNNING", done="READY", failed="FAILED")
