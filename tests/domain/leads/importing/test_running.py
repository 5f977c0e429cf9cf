"""An import that is interrupted, cancelled or run again."""

import asyncio
import contextvars
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.actor import Actor
from domain.leads.importing import running, settling, staging
from domain.leads.importing.service import forget_uploads
from jobs.runner import Runner
from simulators.lead_files import Style, make_lead_file
from tests.steps.leads import counts, import_content, show, start, upload
from tests.world import World

FILE = make_lead_file(style=Style.HUBSPOT, rows=6_000, seed=3)
TABLES = ("lead", "company", "suppression", "import_row_error", "lead_search")


async def started(world: World) -> tuple[str, UUID]:
    job = (await upload(world, FILE.content))["importJob"]
    assert (await start(world, job["id"]))["errors"] == []
    return job["id"], UUID(job["id"].rpartition("_")[2])


def run(world: World, import_id: UUID) -> Any:
    return running.run_import(
        actor=Actor.job(world.workspace_id),
        import_id=import_id,
        identity_key=world.services.ports.identity_key,
        clock=world.clock,
    )


async def parked(world: World, *, attempts: int) -> None:
    """Let the worker run the import's task as the given try."""
    await world.fetch("UPDATE task SET attempts = $1 WHERE state = 'READY'", attempts - 1)
    [task] = await world.fetch("SELECT id FROM task WHERE kind = 'ImportLeads' AND state = 'READY'")
    runner = Runner(ports=world.services.ports, clock=world.clock, concurrency=1, sweep_interval_s=1)
    runner.ring(world.workspace_id, task["id"])
    await runner.drain(timeout_s=30)


async def suppress_email(world: World, address: str) -> None:
    add = "mutation ($input: SuppressionAddInput!) { suppressionAdd(input: $input) { errors { code } } }"
    given = {"kind": "EMAIL", "value": address, "reason": "OBJECTION"}
    assert (await world.execute(add, {"input": given}))["suppressionAdd"]["errors"] == []


async def rows_of(world: World) -> dict[str, int]:
    return {table: (await world.fetch(f"SELECT count(*)::int AS n FROM {table}"))[0]["n"] for table in TABLES}


async def test_a_try_that_is_killed_leaves_nothing_and_the_next_does_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_id, import_id = await started(world)
    keep = settling.keep_problems

    async def killed(work: Any, *, import_id: UUID) -> None:
        assert await work.connection.fetchval("SELECT count(*) FROM lead") > 5_000  # all is written by now
        # The server ends the backend as it does when the process behind it is gone.
        await work.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(settling, "keep_problems", killed)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await run(world, import_id)
    assert await rows_of(world) == dict.fromkeys(TABLES, 0)
    job = await show(world, shown_id)
    assert (job["status"], job["processedCount"]) == ("IMPORTING", 6_000)

    monkeypatch.setattr(settling, "keep_problems", keep)
    await run(world, import_id)
    await run(world, import_id)

    job = await show(world, shown_id)
    assert job["status"] == "DONE"
    expected = FILE.expected
    assert counts(job) == {
        "row": expected.records,
        "created": expected.leads - expected.duplicates,
        "updated": 0,
        "duplicate": expected.duplicates,
        "suppressed": 0,
        "error": sum(expected.dropped.values()),
    }
    assert (await rows_of(world))["lead"] == expected.leads - expected.duplicates
    completed = await world.fetch("SELECT seq FROM event WHERE type = 'ImportCompleted'")
    assert len(completed) == 1


async def test_a_cancellation_reaches_an_import_that_is_running(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_id, import_id = await started(world)
    staged, cancelled = asyncio.Event(), asyncio.Event()
    stage = staging.stage

    async def slow(connection: Any, chunk: Any) -> None:
        await stage(connection, chunk)
        staged.set()
        await cancelled.wait()

    monkeypatch.setattr(staging, "stage", slow)
    importing = asyncio.create_task(run(world, import_id))
    await staged.wait()
    cancel = "mutation ($id: ID!) { leadImportCancel(id: $id) { importJob { status } } }"
    await world.execute(cancel, {"id": shown_id})
    cancelled.set()
    await importing

    assert (await show(world, shown_id))["status"] == "CANCELLED"
    assert await rows_of(world) == dict.fromkeys(TABLES, 0)
    types = [row["type"] for row in await world.fetch("SELECT type FROM event ORDER BY seq")]
    assert "ImportCompleted" not in types


async def test_two_workers_with_the_same_import_take_it_in_once(world: World) -> None:
    shown_id, import_id = await started(world)

    await asyncio.gather(run(world, import_id), run(world, import_id))

    expected = FILE.expected
    assert (await rows_of(world))["lead"] == expected.leads - expected.duplicates
    assert (await show(world, shown_id))["createdCount"] == expected.leads - expected.duplicates


async def test_a_file_that_is_gone_fails_its_import(world: World) -> None:
    shown_id, import_id = await started(world)
    for path in (world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir():
        path.unlink()

    await run(world, import_id)

    job = await show(world, shown_id)
    assert (job["status"], job["error"][:16]) == ("FAILED", "FILE_UNREADABLE:")


@pytest.mark.parametrize("attempts", [5, 6])
async def test_an_import_whose_task_is_parked_says_so_and_can_be_started_again(
    world: World, monkeypatch: pytest.MonkeyPatch, attempts: int
) -> None:
    shown_id, _ = await started(world)

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(settling, "keep_problems", broken)
        await parked(world, attempts=attempts)  # 6: five workers were killed, and no try is left
    job = await show(world, shown_id)
    assert (job["status"], job["error"]) == (
        "FAILED",
        "IMPORT_GIVEN_UP: nothing was imported: it failed for a fault of ours; start it again, or cancel it",
    )
    assert await rows_of(world) == dict.fromkeys(TABLES, 0)
    failed = await world.fetch("SELECT payload->>'code' AS code FROM event WHERE type = 'ImportFailed'")
    assert failed == [{"code": "IMPORT_GIVEN_UP"}]

    again = await start(world, shown_id, key="again")
    assert (again["errors"], again["importJob"]["status"], again["importJob"]["error"]) == (
        [],
        "MAPPED",
        None,
    )
    await world.run_tasks()
    job = await show(world, shown_id)
    assert (job["status"], job["createdCount"]) == ("DONE", FILE.expected.leads - FILE.expected.duplicates)


async def test_an_import_that_was_given_up_keeps_its_mapping_until_it_is_cancelled(world: World) -> None:
    job = (await upload(world, FILE.content))["importJob"]
    mapping = [
        {"index": each["index"], "field": each["field"]}
        for each in job["suggestions"]
        if each["field"] == "EMAIL"
    ]
    assert (await start(world, job["id"], mapping=mapping))["errors"] == []
    await parked(world, attempts=6)
    assert (await start(world, job["id"], key="again"))["errors"] == []
    assert await world.fetch("SELECT mapping FROM import_job") == [
        {"mapping": [{"index": mapping[0]["index"], "field": "email"}]}
    ]
    await parked(world, attempts=6)
    cancel = "mutation ($id: ID!) { leadImportCancel(id: $id) { importJob { status } } }"
    await world.execute(cancel, {"id": job["id"]})

    assert (await show(world, job["id"]))["status"] == "CANCELLED"
    assert list((world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir()) == []
    refused = await start(world, job["id"], key="third")
    assert [error["code"] for error in refused["errors"]] == ["IMPORT_NOT_READY"]


async def test_an_import_that_was_given_up_is_forgotten_after_a_week(world: World) -> None:
    shown_id, _ = await started(world)
    await parked(world, attempts=6)
    for days, status in ((6, "FAILED"), (8, "CANCELLED")):
        await forget_uploads(actor=world.actor, now=world.now() + timedelta(days=days))
        assert (await show(world, shown_id))["status"] == status
    assert list((world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir()) == []


async def test_an_import_whose_file_was_broken_cannot_be_started_again(world: World) -> None:
    shown_id, import_id = await started(world)
    for path in (world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir():
        path.unlink()
    await run(world, import_id)

    refused = await start(world, shown_id, key="again")
    assert [(error["code"], error["message"]) for error in refused["errors"]] == [
        ("IMPORT_NOT_READY", "its file is no longer there; upload it again")
    ]
    assert (await show(world, shown_id))["status"] == "FAILED"


async def test_a_person_entered_while_a_file_is_settled_is_known_to_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = staging.decide_fates
    entered: list[str] = []

    async def decide_and_be_overtaken(connection: Any, **options: Any) -> None:
        await decide(connection, **options)
        if not entered:
            # Beside the import's transaction, which is this task's own.
            await asyncio.create_task(enter(), context=contextvars.Context())

    async def enter() -> None:
        entered.append("ada@acme.com")
        create = """mutation { leadCreate(input: {email: "ada@acme.com", firstName: "Ada"}) { errors { code } } }"""
        assert (await world.execute(create))["leadCreate"]["errors"] == []

    monkeypatch.setattr(staging, "decide_fates", decide_and_be_overtaken)
    job = await import_content(world, b"Email,Title\nada@acme.com,Countess\nbo@acme.com,CTO\n")

    assert counts(job) == {"row": 2, "created": 1, "updated": 1, "duplicate": 0, "suppressed": 0, "error": 0}
    assert await world.fetch("SELECT email, title FROM lead ORDER BY email") == [
        {"email": "ada@acme.com", "title": "Countess"},
        {"email": "bo@acme.com", "title": "CTO"},
    ]


@pytest.mark.parametrize("policy", ["UPDATE", "SKIP"])
async def test_an_import_knows_everybody_its_file_is_about(world: World, policy: str) -> None:
    await import_content(world, b"Email,Phone\nada@acme.com,+49309010123\nbo@acme.com,\nhid@acme.com,\n")
    await world.fetch("UPDATE lead SET restricted_at = now() WHERE email = 'hid@acme.com' RETURNING id")
    await suppress_email(world, "bo@acme.com")
    rows = b"Email,Title\nada@acme.com,CTO\nada@acme.com,CEO\nbo@acme.com,CFO\nhid@acme.com,COO\nnew@acme.com,CIO\n"
    job = await import_content(world, rows, key="second", onDuplicate=policy)

    assert (job["createdCount"], job["suppressedCount"]) == (1, 1)
    known = await world.fetch(
        """
        SELECT l.email FROM import_known_lead k JOIN lead l ON l.id = k.lead_id
        WHERE k.import_job_id = $1 ORDER BY l.email
        """,
        UUID(job["id"].rpartition("_")[2]),
    )
    assert [row["email"] for row in known] == ["ada@acme.com", "bo@acme.com", "hid@acme.com"]


@pytest.mark.parametrize("earlier", [None, "bo@acme.com"])
async def test_somebody_suppressed_while_their_file_is_read_is_not_taken_in(
    world: World, monkeypatch: pytest.MonkeyPatch, earlier: str | None
) -> None:
    if earlier:
        await suppress_email(world, earlier)
    stage = staging.stage
    sizes: list[int] = []

    async def stage_and_be_outrun(connection: Any, chunk: Any) -> None:
        await stage(connection, chunk)
        if not sizes:
            await asyncio.create_task(suppress_email(world, "ada@acme.com"), context=contextvars.Context())
        sizes.append(await connection.fetchval("SELECT count(*)::int FROM import_row"))

    monkeypatch.setattr(staging, "stage", stage_and_be_outrun)
    job = await import_content(world, b"Email\nada@acme.com\nbo@acme.com\ncy@acme.com\nnobody\n")

    assert sizes == [3, 3]  # read again from the beginning
    suppressed = 2 if earlier else 1
    assert counts(job) == {
        "row": 4,
        "created": 3 - suppressed,
        "updated": 0,
        "duplicate": 0,
        "suppressed": suppressed,
        "error": 1,
    }
    assert await world.fetch("SELECT email FROM lead WHERE email = 'ada@acme.com'") == []


async def test_a_file_is_read_once_when_nobody_in_it_is_suppressed_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await suppress_email(world, "bo@acme.com")
    stage = staging.stage
    keys: list[int] = []

    async def watched(connection: Any, chunk: Any) -> None:
        await stage(connection, chunk)
        keys.append(await connection.fetchval("SELECT count(keys)::int FROM import_row"))

    monkeypatch.setattr(staging, "stage", watched)
    job = await import_content(world, b"Email\nada@acme.com\nbo@acme.com\n")

    assert (job["createdCount"], job["suppressedCount"]) == (1, 1)
    assert keys == [1]
