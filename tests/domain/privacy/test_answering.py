"""Access, objection, coming back: what a person gets, and that the erased stay erased."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from domain.actor import Actor
from domain.identity import email_identity
from domain.privacy.handing_out import download, expire_result
from domain.privacy.links import PrivacyLinkInvalid
from domain.privacy.recording import append_to_list, read_list
from domain.privacy.replaying import listed_by_workspace, replay_erasures
from domain.work import unit_of_work
from operations import record_keeping
from tests.domain.privacy.rows import Rows
from tests.steps.leads import import_content
from tests.steps.privacy import fulfil_request, open_request
from tests.world import World

EMAIL = "ada@canary.example"


async def _ada(world: World) -> Rows:
    rows = Rows(world)
    await rows.run_of_a_play()
    await rows.person(EMAIL, identity=email_identity(EMAIL))
    return rows


async def _document(world: World) -> dict[str, Any]:
    [row] = await world.fetch("SELECT result_path FROM privacy_request")
    document: dict[str, Any] = orjson.loads((world.services.ports.data_dir / row["result_path"]).read_bytes())
    return document


async def test_the_bundle_holds_everything_about_the_person_and_nothing_of_others(world: World) -> None:
    rows = await _ada(world)
    lead_id, thread_id = rows.ids["lead"], rows.ids["thread"]
    await rows.reply("colleague@canary.example", lead_id=lead_id, thread_id=thread_id)
    await rows.person("bob@other.example", identity="bob@other.example", name="Bob Other")

    await fulfil_request(world, "ACCESS", EMAIL)

    bundle = await _document(world)
    data = bundle["data"]
    assert [lead["email"] for lead in data["lead"]] == [EMAIL]
    assert [message["to_address"] for message in data["message"]] == [EMAIL]
    assert [reply["from_address"] for reply in data["reply"]] == [EMAIL]
    assert sorted(fact["value"] for fact in data["field_value"]) == ["CTO", "Countess"]
    assert bundle["withheld"] == {"reply": 1, "lead_search": 1}
    assert bundle["recipients"] == [
        {"role": "enrichment provider", "name": "website"},
        {"role": "language model", "name": "m"},
        {"role": "mail provider of the sender", "name": "ours.example"},
    ]
    assert {"source_kind": "PUBLIC", "source": "website", "source_url": None} in bundle["sources"]
    assert bundle["controller"]["name"] == "Acme Outreach"
    text = orjson.dumps(bundle).decode().lower()
    for foreign in ("bob", "colleague", "code_hash", "secret", "key_hash"):
        assert foreign not in text, foreign


async def test_an_access_request_changes_nothing_and_suppresses_nobody(world: World) -> None:
    await _ada(world)
    before = await world.fetch(
        "SELECT id, version FROM lead UNION ALL SELECT id, version FROM message ORDER BY 1"
    )
    await fulfil_request(world, "ACCESS", EMAIL)

    assert (
        await world.fetch("SELECT id, version FROM lead UNION ALL SELECT id, version FROM message ORDER BY 1")
        == before
    )
    assert await world.fetch("SELECT 1 FROM suppression") == []


async def test_a_person_nobody_knows_gets_an_empty_bundle(world: World) -> None:
    await _ada(world)
    await fulfil_request(world, "ACCESS", "nobody@elsewhere.example")

    assert {table: rows for table, rows in (await _document(world))["data"].items() if rows} == {}


async def test_an_objection_needs_no_proof_and_keeps_the_data(world: World) -> None:
    await _ada(world)
    payload = await open_request(world, "OBJECT", EMAIL)
    assert payload["privacyRequest"]["status"] == "VERIFIED"
    [entry] = await world.fetch("SELECT reason, display FROM suppression")
    assert entry == {"reason": "OBJECTION", "display": None}

    await world.run_tasks()

    [request] = await world.fetch("SELECT status, subject_email FROM privacy_request")
    assert request == {"status": "FULFILLED", "subject_email": None}
    assert await world.fetch("SELECT email FROM lead") == [{"email": EMAIL}]
    assert (await _document(world))["request"]["kind"] == "OBJECT"


async def test_an_answer_is_gone_after_a_week(world: World) -> None:
    ports, actor = world.services.ports, Actor.person(world.workspace_id)
    request_id = UUID((await fulfil_request(world, "ACCESS", EMAIL)).removeprefix("priv_"))
    [row] = await world.fetch("SELECT result_path FROM privacy_request")
    content = await download(ports=ports, actor=actor, request_id=request_id, now=world.now())
    assert orjson.loads(content)["schemaVersion"] == 1

    world.clock.offset_s = 7 * 86_400 + 1
    with pytest.raises(PrivacyLinkInvalid):
        await download(ports=ports, actor=actor, request_id=request_id, now=world.now())
    await expire_result(
        ports=ports, actor=Actor.job(world.workspace_id), request_id=request_id, now=world.now()
    )

    assert not (ports.data_dir / row["result_path"]).exists()
    assert await world.fetch("SELECT result_path FROM privacy_request") == [{"result_path": None}]


async def test_an_erasure_also_deletes_the_bundle_of_an_earlier_access(world: World) -> None:
    await _ada(world)
    await fulfil_request(world, "ACCESS", EMAIL)
    [row] = await world.fetch("SELECT result_path FROM privacy_request")
    bundle = world.services.ports.data_dir / row["result_path"]
    assert EMAIL in bundle.read_text()

    await fulfil_request(world, "DELETE", EMAIL)

    assert not bundle.exists()
    rows = await world.fetch(
        "SELECT kind, subject_email, result_path IS NULL AS gone FROM privacy_request ORDER BY id"
    )
    assert rows == [
        {"kind": "ACCESS", "subject_email": None, "gone": True},
        {"kind": "DELETE", "subject_email": None, "gone": False},
    ]


async def test_an_erased_person_is_not_imported_again_under_another_spelling(world: World) -> None:
    await _ada(world)
    await fulfil_request(world, "DELETE", EMAIL)

    job = await import_content(world, b"email,name\nADA+new@Canary.Example,Ada\nbob@other.example,Bob\n")

    assert (job["createdCount"], job["suppressedCount"]) == (1, 1)
    emails = await world.fetch("SELECT email FROM lead WHERE status <> 'ERASED'")
    assert emails == [{"email": "bob@other.example"}]


async def test_a_restored_backup_loses_the_erased_again(world: World) -> None:
    ports, actor = world.services.ports, Actor.job(world.workspace_id)
    await fulfil_request(world, "DELETE", EMAIL)
    rows = await _ada(world)  # as if a backup had brought them back
    await rows.person("bob@other.example", identity="bob@other.example", name="Bob Other")

    assert await replay_erasures(ports=ports, actor=actor, listed=(), now=world.now()) == 1

    leads = await world.fetch("SELECT email, status FROM lead ORDER BY id")
    assert leads == [{"email": None, "status": "ERASED"}, {"email": "bob@other.example", "status": "NEW"}]
    assert await replay_erasures(ports=ports, actor=actor, listed=(), now=world.now()) == 0


async def test_the_list_beside_the_database_knows_who_a_backup_forgot(world: World) -> None:
    ports, actor = world.services.ports, Actor.job(world.workspace_id)
    await fulfil_request(world, "DELETE", EMAIL)
    listed = listed_by_workspace(ports.data_dir / "privacy" / "erasures.jsonl")[world.workspace_id]
    await _ada(world)
    async with unit_of_work(actor, now=world.now()) as work:  # the backup is older than the request
        await work.connection.execute("DELETE FROM erasure")
        await work.connection.execute("DELETE FROM suppression")

    assert await replay_erasures(ports=ports, actor=actor, listed=listed, now=world.now()) == 1

    assert await world.fetch("SELECT email, status FROM lead") == [{"email": None, "status": "ERASED"}]
    entries = await world.fetch("SELECT kind, reason FROM suppression ORDER BY kind")
    assert {"kind": "EMAIL", "reason": "ERASURE"} in entries
    assert len(await world.fetch("SELECT 1 FROM erasure")) == 1


async def test_the_operator_replays_every_workspace_with_the_list_of_the_data_folder(world: World) -> None:
    await fulfil_request(world, "DELETE", EMAIL)
    await _ada(world)

    said = await record_keeping.replay_erasures(ports=world.services.ports, path=None)

    assert int(said.removeprefix("people erased again: ")) >= 1
    assert await world.fetch("SELECT email, status FROM lead") == [{"email": None, "status": "ERASED"}]
    assert (
        await record_keeping.replay_erasures(ports=world.services.ports, path=None)
        == "people erased again: 0"
    )


def test_a_line_cut_by_a_crash_is_passed_over(tmp_path: Any) -> None:
    workspace_id = UUID(int=7)
    append_to_list(data_dir=tmp_path, workspace_id=workspace_id, identity_hash=b"\x01" * 32)
    path = tmp_path / "privacy" / "erasures.jsonl"
    with path.open("ab") as file:
        file.write(b'{"workspace": "0000')

    assert list(read_list(path)) == [(workspace_id, b"\x01" * 32)]
    assert path.stat().st_mode & 0o777 == 0o600
