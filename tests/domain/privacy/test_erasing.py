"""Erasing a person: canaries planted in every text column are nowhere afterwards."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from domain.actor import Actor
from domain.identity import email_identity
from domain.privacy.columns import REGISTRY
from domain.privacy.data_classes import DataClass
from domain.privacy.locating import ROWS
from domain.privacy.rules import ErasureAction
from domain.suppression.keys import Recipient
from domain.suppression.queries import match_each
from domain.tenancy import across_workspaces, reading
from jobs.platform_mail import send_platform_mail
from tests.domain.privacy.rows import Rows
from tests.steps.installation import own_installation
from tests.steps.privacy import fulfil_request, mailed_code, open_request
from tests.world import World

CANARY = "Quaxolotl"
EMAIL = f"Ada.{CANARY}@canary.example"


HOW_IT_IS_FOUND = {"email", "email_identity", "full_name", "to_address", "from_address", "recipient"}
"""Columns that hold the person's address or name already."""


async def _planted(world: World) -> tuple[Rows, UUID]:
    """A person with a canary in every column that an erasure empties."""
    rows = Rows(world)
    await rows.run_of_a_play()
    lead_id = await rows.person(EMAIL, identity=email_identity(EMAIL), name=f"Ada {CANARY}")
    for table in set(ROWS) & set(rows.ids) - {"field_value"}:
        for name, column in REGISTRY[table].items():
            if column.action is not ErasureAction.KEEP and name not in HOW_IT_IS_FOUND:
                await rows.set_text(table, name, f"{CANARY} {table}.{name}")
    return rows, lead_id


async def _mention(world: World, rows: Rows) -> None:
    """Put the address into every free text of somebody else's rows."""
    await rows.person("bob@other.example", identity="bob@other.example", name="Bob Other")
    for table, columns in REGISTRY.items():
        for name, column in columns.items():
            if table in rows.ids and column.data_class is DataClass.CONTENT:
                await rows.set_text(table, name, f"as <{EMAIL.lower()}> said")


async def _found(database_url: str, text: str) -> list[str]:
    """Return every column of the database that contains a text, whatever its type."""
    connection = await asyncpg.connect(database_url)
    columns = await connection.fetch(
        """
        SELECT c.table_name, c.column_name FROM information_schema.columns c
        JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
        """
    )
    found = []
    for table, column in columns:
        like = f"{column}::text ILIKE $1 OR encode(convert_to({column}::text, 'UTF8'), 'escape') ILIKE $1"
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table} WHERE {like})", f"%{text}%"):
            found.append(f"{table}.{column}")
    await connection.close()
    return found


def _files_with(folder: Path, text: str) -> list[str]:
    needle = text.lower().encode()
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and needle in path.read_bytes().lower()
    ]


async def _send_mail(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Send what waits for the operator's SMTP, and return who got a mail."""
    mails: list[str] = []

    async def send(*, to_address: str, subject: str, body: str) -> None:
        mails.append(to_address)

    monkeypatch.setattr(world.services.ports.operator_mail, "send", send)
    while await _waiting_mails():
        await send_platform_mail(world.services.ports, lambda: world.now() + timedelta(minutes=1))
    return mails


async def test_after_an_erasure_no_canary_is_left_anywhere(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, caplog: Any, capfd: Any
) -> None:
    async with own_installation(
        new_database(), monkeypatch=monkeypatch
    ) as installation:  # looked all through
        world, database_url = installation.world, installation.database_url
        rows, _ = await _planted(world)
        await _mention(world, rows)
        data_dir = world.services.ports.data_dir
        export = data_dir / "exports" / str(world.workspace_id) / "leads.csv"
        export.parent.mkdir(parents=True)
        export.write_text(f"email,name\n{EMAIL},Ada {CANARY}\n")
        innocent = export.with_name("others.csv")
        innocent.write_text("email\nbob@other.example\n")
        planted = await _found(database_url, CANARY)
        assert len(planted) > 50

        request_id = await fulfil_request(world, "DELETE", EMAIL)
        assert await _send_mail(world, monkeypatch) == [EMAIL.lower()] * 2  # the code, and the receipt

        assert ", ".join(await _found(database_url, CANARY)) == ""
        assert _files_with(data_dir, CANARY) == []
        assert innocent.exists()
        assert CANARY.lower() not in caplog.text.lower()
        assert CANARY.lower() not in "".join(capfd.readouterr()).lower()
        data = await world.execute(
            "query($id: ID!) { privacyRequest(id: $id) { status email tasks(first: 100) { nodes { store foundCount changedCount } } } }",
            {"id": request_id},
        )
    counts = {task["store"]: task for task in data["privacyRequest"]["tasks"]["nodes"]}
    assert data["privacyRequest"]["status"] == "FULFILLED"
    assert data["privacyRequest"]["email"] is None
    assert set(counts) == {*ROWS, "files", "platform_mail", "mentions"}
    for table in ("lead", "message", "delivery", "delivery_attempt", "reply", "bounce", "approval", "thread"):
        assert (counts[table]["foundCount"], counts[table]["changedCount"]) == (1, 1), table
    assert counts["field_value"]["changedCount"] == 3  # the third is of another firm and mentions the address
    assert counts["files"]["changedCount"] == 1
    assert counts["mentions"]["changedCount"] > 20


async def test_what_is_left_is_a_tombstone_and_the_statistics(world: World) -> None:
    rows, lead_id = await _planted(world)
    bob = await rows.person("bob@other.example", identity="bob@other.example", name="Bob Other")

    await fulfil_request(world, "DELETE", EMAIL)

    leads = await world.fetch(
        "SELECT id, status, email, full_name, company_id, erased_at FROM lead ORDER BY id"
    )
    assert leads[0] == {
        "id": lead_id, "status": "ERASED", "email": None, "full_name": None, "company_id": None,
        "erased_at": leads[0]["erased_at"],
    }  # fmt: skip
    assert leads[0]["erased_at"] is not None
    assert (leads[1]["id"], leads[1]["email"], leads[1]["status"]) == (bob, "bob@other.example", "NEW")
    deliveries = await world.fetch("SELECT lead_id, state, to_address, sent_at FROM delivery ORDER BY id")
    assert [row["state"] for row in deliveries] == ["SENT", "SENT"]
    assert [row["to_address"] for row in deliveries] == ["", "bob@other.example"]
    assert all(row["sent_at"] for row in deliveries)
    enrollments = await world.fetch("SELECT status FROM enrollment ORDER BY id")
    assert [row["status"] for row in enrollments] == ["SUPPRESSED", "ACTIVE"]
    replies = await world.fetch("SELECT from_address, text_body, label FROM reply ORDER BY id")
    assert replies[0] == {"from_address": "", "text_body": "", "label": "HUMAN"}
    assert replies[1] == {"from_address": "bob@other.example", "text_body": "t", "label": "HUMAN"}
    [fingerprint] = await world.fetch(
        "SELECT request_fingerprint AS it FROM provider_call WHERE lead_id = $1", lead_id
    )
    assert len(fingerprint["it"]) == 64
    assert [row["about"] for row in await world.fetch("SELECT about FROM field_value ORDER BY id")] == [
        "",
        "Bob Other",
    ]


async def test_the_person_is_suppressed_from_the_moment_the_request_is_opened(world: World) -> None:
    await open_request(world, "DELETE", EMAIL)

    [entry] = await world.fetch("SELECT kind, reason, display, status FROM suppression")
    assert entry == {"kind": "EMAIL", "reason": "ERASURE", "display": None, "status": "ACTIVE"}


async def test_an_erased_person_stays_suppressed_in_every_spelling(world: World) -> None:
    rows = Rows(world)
    await rows.run_of_a_play()
    await rows.person("a.da@gmail.com", identity="ada@gmail.com")
    await fulfil_request(world, "DELETE", "A.Da+news@googlemail.com")

    async with reading(world.workspace_id) as connection:
        found = await match_each(
            connection,
            recipients=[
                Recipient(emails=(spelling,))
                for spelling in ("ada@gmail.com", "ADA+x@googlemail.com", "bob@gmail.com")
            ],
            identity_key=world.services.ports.identity_key,
            now=world.now(),
        )
    assert [[entry.reason for entry in entries] for entries in found] == [["ERASURE"], ["ERASURE"], []]


async def test_another_workspace_keeps_what_it_has(world: World) -> None:
    from tests.world import new_world

    other = await new_world(world.app)
    theirs = Rows(other)
    await theirs.run_of_a_play()
    await theirs.person(EMAIL, identity=email_identity(EMAIL))
    await _planted(world)

    await fulfil_request(world, "DELETE", EMAIL)

    [lead] = await other.fetch("SELECT email, status FROM lead")
    assert lead == {"email": EMAIL.lower(), "status": "NEW"}
    assert await other.fetch("SELECT 1 FROM suppression") == []
    assert await other.fetch("SELECT 1 FROM reply WHERE from_address = ''") == []


async def test_running_the_erasure_again_changes_nothing(world: World) -> None:
    from domain.privacy.fulfilling import fulfil

    await _planted(world)
    request_id = UUID((await fulfil_request(world, "DELETE", EMAIL)).removeprefix("priv_"))
    before = await world.fetch(
        "SELECT store, found_count, changed_count, version FROM privacy_task ORDER BY store"
    )
    mails = await _mail_count()

    await fulfil(
        ports=world.services.ports,
        actor=Actor.job(world.workspace_id),
        request_id=request_id,
        clock=world.clock,
    )

    assert (
        await world.fetch(
            "SELECT store, found_count, changed_count, version FROM privacy_task ORDER BY store"
        )
        == before
    )
    assert await _mail_count() == mails
    assert len(await world.fetch("SELECT 1 FROM erasure")) == 1


async def test_what_was_written_during_the_erasure_is_erased_an_hour_later(world: World) -> None:
    rows, lead_id = await _planted(world)
    await fulfil_request(world, "DELETE", EMAIL)
    late = await rows.add(
        "field_value", lead_id=lead_id, field="TITLE", value="Countess", source_kind="PUBLIC", source="w",
        confidence=0.5, retrieved_at=world.now(),
    )  # fmt: skip
    await rows.reply(EMAIL)

    from jobs.registry import JOBS, JobContext

    [task] = await world.fetch(
        "SELECT payload, due_at FROM task WHERE kind = 'CheckErasure' AND state = 'READY'"
    )
    assert task["due_at"] > world.now() + timedelta(minutes=59)
    job = JOBS["CheckErasure"]
    context = JobContext(ports=world.services.ports, workspace_id=world.workspace_id, clock=world.clock)
    await job.handler(context, job.task.from_payload(task["payload"]))

    assert await world.fetch("SELECT 1 FROM field_value WHERE id = $1", late) == []
    assert await world.fetch("SELECT 1 FROM reply WHERE from_address <> ''") == []


async def test_the_receipt_counts_and_gives_reasons_but_names_nobody(world: World) -> None:
    await _planted(world)
    await fulfil_request(world, "DELETE", EMAIL)

    [row] = await world.fetch("SELECT result_path, result_hash FROM privacy_request")
    path = world.services.ports.data_dir / row["result_path"]
    receipt = orjson.loads(path.read_bytes())
    stores = {store["store"]: store for store in receipt["stores"]}
    assert path.stat().st_mode & 0o777 == 0o600
    assert stores["lead"] == {
        "store": "lead",
        "action": "MASK",
        "found": 1,
        "changed": 1,
        "retained": ["NOT_PERSONAL"],
    }
    assert stores["suppression"]["retained"] == ["NOT_PERSONAL", "SUPPRESSION"]
    assert set(receipt["retained"]) == {"AUDIT", "NOT_PERSONAL", "SUPPRESSION"}
    assert CANARY.lower() not in path.read_text().lower()


async def _mail_count() -> int:
    async with across_workspaces() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM platform_mail"))


async def _waiting_mails() -> int:
    async with across_workspaces() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM platform_mail WHERE state = 'READY'"))


async def test_nothing_is_erased_before_the_person_is_proven(world: World) -> None:
    await _planted(world)
    await open_request(world, "DELETE", EMAIL)
    await mailed_code(world, EMAIL)
    await world.run_tasks()

    [lead] = await world.fetch("SELECT email, status FROM lead")
    assert lead == {"email": EMAIL.lower(), "status": "NEW"}
    assert await world.fetch("SELECT 1 FROM privacy_task") == []
