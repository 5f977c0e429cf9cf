"""Suppressions through the API."""

import io
from typing import Any
from uuid import UUID

import pytest
from starlette.datastructures import UploadFile

from domain.actor import Actor
from domain.ids import new_id
from domain.suppression import lists
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.workspaces.rules import Permission, Role, roles_with
from jobs import suppression as handlers
from resolvers import suppression as resolvers
from tests.steps import suppression as steps
from tests.steps.parking import park
from tests.world import World, ask, new_world

ADD = """mutation ($input: SuppressionAddInput!) { suppressionAdd(input: $input) {
    suppression { id kind reason scope display status } errors { code field } } }"""
LIFT = """mutation ($input: SuppressionLiftInput!) { suppressionLift(input: $input) {
    suppression { status liftBasis liftComment } errors { code field } } }"""
LIST = "{ suppressions { totalCount nodes { id display status } } }"
CHECK = "query ($email: EmailAddress!) { suppressionCheck(email: $email) { suppressed matches { scope kind reason } } }"
IMPORT = """mutation ($input: SuppressionImportInput!) { suppressionImport(input: $input) {
    suppressionImport { id status byteSize } errors { code field } } }"""
PROGRESS = """query ($id: ID!) { suppressionImport(id: $id) {
    status readCount addedCount knownCount errorCount failure rowErrors { row field message } } }"""

ADA: dict[str, Any] = {"kind": "EMAIL", "value": "Ada@Example.com", "reason": "CUSTOMER"}


async def add(world: World, **changes: Any) -> dict[str, Any]:
    data = await world.execute(ADD, {"input": {**ADA, **changes}})
    payload: dict[str, Any] = data["suppressionAdd"]
    return payload


async def lift(world: World, id_: str, basis: str, comment: str = "rang us", role: Role = Role.OWNER) -> Any:
    data = await world.execute(LIFT, {"input": {"id": id_, "basis": basis, "comment": comment}}, role=role)
    return data["suppressionLift"]


async def count(world: World) -> int:
    return len(await world.fetch("SELECT id FROM suppression"))


async def test_an_address_is_added_found_and_lifted(world: World) -> None:
    added = await add(world)
    assert added["errors"] == []
    assert {key: value for key, value in added["suppression"].items() if key != "id"} == {
        "kind": "EMAIL",
        "reason": "CUSTOMER",
        "scope": "WORKSPACE",
        "display": "a***@example.com",
        "status": "ACTIVE",
    }
    assert await world.execute(CHECK, {"email": "ada+x@example.com"}) == {
        "suppressionCheck": {
            "suppressed": True,
            "matches": [{"scope": "WORKSPACE", "kind": "EMAIL", "reason": "CUSTOMER"}],
        }
    }

    assert await lift(world, added["suppression"]["id"], "CORRECTION") == {
        "suppression": {"status": "LIFTED", "liftBasis": "CORRECTION", "liftComment": "rang us"},
        "errors": [],
    }
    assert (await world.execute(CHECK, {"email": "ada@example.com"}))["suppressionCheck"][
        "suppressed"
    ] is False
    actions = [row["action"] for row in await world.fetch("SELECT action FROM audit_event ORDER BY seq")]
    assert actions[-2:] == ["suppression.add", "suppression.lift"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "not an address"}, ["value"]),
        ({"reason": "ERASURE"}, ["reason"]),
        ({"scope": "PLATFORM"}, ["scope"]),
        ({"scope": "PLAY"}, ["scopeId"]),
        ({"scopeId": "play_x"}, ["input", "scopeId"]),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, ["expiresAt"]),
        ({"reason": "OBJECTION", "expiresAt": "2099-01-01T00:00:00Z"}, ["expiresAt"]),
        ({"kind": "DOMAIN", "value": "co.uk"}, ["value"]),
        ({"kind": "LEAD", "value": "ada"}, ["input", "value"]),
        ({"evidence": "x" * 2_001}, ["evidence"]),
    ],
)
async def test_what_makes_no_sense_is_refused(
    world: World, changes: dict[str, str], field: list[str]
) -> None:
    payload = await add(world, **changes)

    assert payload["suppression"] is None
    assert [(error["code"], error["field"]) for error in payload["errors"]] == [("BAD_USER_INPUT", field)]
    assert await count(world) == 0


async def test_objects_of_another_workspace_are_missing(world: World) -> None:
    stranger = await new_world(world.app)
    lead_id = await steps.lead(stranger, "ada@example.com")
    entry_id = await steps.suppress(stranger, "ada@example.com")

    payload = await add(world, kind="LEAD", value=f"lead_{lead_id}")
    assert payload["errors"] == [{"code": "NOT_FOUND", "field": ["value"]}]
    payload = await add(world, scope="SENDER", scopeId=f"sender_{new_id()}")
    assert payload["errors"] == [{"code": "NOT_FOUND", "field": ["scopeId"]}]
    payload = await lift(world, f"supp_{entry_id}", "CORRECTION")
    assert payload["errors"] == [{"code": "NOT_FOUND", "field": ["id"]}]

    assert await count(world) == 0
    assert await stranger.fetch("SELECT status FROM suppression") == [{"status": "ACTIVE"}]
    assert (await world.execute(LIST))["suppressions"] == {"totalCount": 0, "nodes": []}


async def test_a_lead_is_suppressed_by_its_id(world: World) -> None:
    lead_id = await steps.lead(world, "ada@example.com")
    payload = await add(world, kind="LEAD", value=f"lead_{lead_id}")

    assert payload["errors"] == []
    assert payload["suppression"]["display"] == str(lead_id)


@pytest.mark.parametrize(
    ("reason", "basis", "is_kept"),
    [
        ("OBJECTION", "PERSONS_REQUEST", True),
        ("ERASURE", "NEW_CONSENT", True),
        ("UNSUBSCRIBE", "CORRECTION", True),
        ("COMPLAINT", "CORRECTION", True),
        ("UNSUBSCRIBE", "NEW_CONSENT", False),
        ("BOUNCE", "CORRECTION", False),
    ],
)
async def test_only_the_person_undoes_what_the_person_asked_for(
    world: World, reason: str, basis: str, is_kept: bool
) -> None:
    entry_id = await steps.suppress(world, "ada@example.com", reason=SuppressionReason(reason))
    payload = await lift(world, f"supp_{entry_id}", basis)

    assert [error["code"] for error in payload["errors"]] == (["SUPPRESSION_KEPT"] if is_kept else [])
    assert bool(await steps.entries_for(world, "ada@example.com")) is is_kept


async def test_lifting_needs_a_comment_and_happens_once(world: World) -> None:
    entry_id = f"supp_{await steps.suppress(world, 'ada@example.com')}"
    assert (await lift(world, entry_id, "CORRECTION", " "))["errors"] == [
        {"code": "BAD_USER_INPUT", "field": ["comment"]}
    ]
    for _ in range(2):
        assert (await lift(world, entry_id, "CORRECTION"))["suppression"]["status"] == "LIFTED"
    assert len(await world.fetch("SELECT seq FROM event WHERE type = 'SuppressionLifted'")) == 1


async def test_an_entry_past_its_end_reads_as_expired(world: World) -> None:
    await steps.suppress(world, "ada@example.com")
    await world.fetch("UPDATE suppression SET expires_at = now() - interval '1 minute'")
    document = "{ suppressions(where: {status: {eq: %s}}) { nodes { status } } }"

    assert await world.execute(document % "EXPIRED") == {"suppressions": {"nodes": [{"status": "EXPIRED"}]}}
    assert await world.execute(document % "ACTIVE") == {"suppressions": {"nodes": []}}


@pytest.mark.parametrize("role", list(Role))
async def test_rights(world: World, role: Role) -> None:
    entry_id = f"supp_{await steps.suppress(world, 'bob@example.com')}"
    if role not in roles_with(Permission.ADD_SUPPRESSIONS):
        assert await world.refused(ADD, {"input": ADA}, role=role) == ["FORBIDDEN"]
        upload = {"file": UploadFile(io.BytesIO(b"x")), "idempotencyKey": "k"}
        assert await world.refused(IMPORT, {"input": upload}, role=role) == ["FORBIDDEN"]
    lifting = {"input": {"id": entry_id, "basis": "CORRECTION", "comment": "wrong"}}
    if role in roles_with(Permission.LIFT_SUPPRESSIONS):
        await world.execute(LIFT, lifting, role=role)
    else:
        assert await world.refused(LIFT, lifting, role=role) == ["FORBIDDEN"]
    if role in roles_with(Permission.READ):
        assert (await world.execute(LIST, role=role))["suppressions"]["totalCount"] == 1
    else:
        assert await world.refused(LIST, role=role) == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (LIST, {}),
        (CHECK, {"email": "ada@example.com"}),
        (ADD, {"input": ADA}),
        (LIFT, {"input": {"id": f"supp_{new_id()}", "basis": "CORRECTION", "comment": "wrong"}}),
    ],
    ids=["list", "check", "add", "lift"],
)
async def test_nobody_gets_in_without_signing_in(
    world: World, document: str, variables: dict[str, Any]
) -> None:
    assert await world.refused(document, variables, role=None) == ["UNAUTHENTICATED"]
    assert await count(world) == 0


async def upload(world: World, content: bytes, *, key: str = "k", name: str = "list.csv") -> dict[str, Any]:
    file = UploadFile(io.BytesIO(content), filename=name)
    data = await world.execute(IMPORT, {"input": {"file": file, "idempotencyKey": key}})
    payload: dict[str, Any] = data["suppressionImport"]
    return payload


async def imported(world: World, content: bytes) -> dict[str, Any]:
    payload = await upload(world, content)
    assert payload["errors"] == []
    await world.run_tasks()
    data = await world.execute(PROGRESS, {"id": payload["suppressionImport"]["id"]})
    progress: dict[str, Any] = data["suppressionImport"]
    return progress


def kept_files(world: World) -> list[str]:
    folder = world.services.ports.data_dir / "suppressions" / str(world.workspace_id)
    return [path.name for path in folder.glob("*")]


async def test_a_list_is_taken_in_row_by_row(world: World) -> None:
    lead_id = await steps.lead(world, "ada@example.com")
    await steps.suppress(world, "eve@example.com", reason=SuppressionReason.CUSTOMER)
    progress = await imported(
        world,
        b"E-Mail,Reason,Expires on,Name\n"
        b"ADA@example.com,customer,2099-12-31,Ada\n"
        b"ada+again@example.com,customer,,Ada\n"
        b"eve@example.com,customer,,Eve\n"
        b"nonsense,,,\n"
        b"bob@example.com,ERASURE,,Bob\n"
        b"carl@example.com,OBJECTION,2099-12-31,Carl\n",
    )

    assert progress == {
        "status": "DONE",
        "readCount": 6,
        "addedCount": 2,
        "knownCount": 1,
        "errorCount": 3,
        "failure": None,
        "rowErrors": [
            {"row": 5, "field": "email", "message": "not an e-mail address"},
            {"row": 6, "field": "reason", "message": "a list can't suppress for ERASURE"},
            {"row": 7, "field": "expiresAt", "message": "OBJECTION holds until the person undoes it"},
        ],
    }
    assert await count(world) == 2
    rows = await world.fetch("SELECT lead_ids, expires_at FROM suppression WHERE cardinality(lead_ids) > 0")
    assert rows == [{"lead_ids": [lead_id], "expires_at": None}]
    assert kept_files(world) == []
    summary = await world.fetch("SELECT payload FROM event WHERE type = 'SuppressionsImported'")
    assert summary == [{"payload": {"added": 2, "known": 1, "errors": 3}}]


async def test_a_list_without_column_names_is_one_identifier_per_line(world: World) -> None:
    progress = await imported(world, b"ada@example.com\nexample.org\n+49 30 1234567\n")

    assert (progress["status"], progress["addedCount"], progress["errorCount"]) == ("DONE", 3, 0)
    kinds = {row["kind"] for row in await world.fetch("SELECT kind FROM suppression")}
    assert kinds == {"EMAIL", "DOMAIN", "PHONE"}


async def test_an_interrupted_list_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "BATCH", 10)
    content = b"email\n" + b"".join(b"p%d@example.com\n" % number for number in range(35))
    payload = await upload(world, content)
    real, calls = lists.import_rows, 0

    async def breaking(**arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError("the machine is gone")
        await real(**arguments)

    monkeypatch.setattr(lists, "import_rows", breaking)
    with pytest.raises(OSError, match="gone"):
        await world.run_tasks()
    assert await count(world) == 20
    await world.fetch("UPDATE task SET lease_until = now() - interval '1 minute', state = 'READY'")
    await world.run_tasks()

    data = await world.execute(PROGRESS, {"id": payload["suppressionImport"]["id"]})
    assert data["suppressionImport"]["status"] == "DONE"
    assert (data["suppressionImport"]["readCount"], data["suppressionImport"]["addedCount"]) == (35, 35)
    assert calls == 5


async def test_no_more_than_250_row_errors_are_kept(world: World) -> None:
    progress = await imported(world, b"email\n" + b"nonsense\n" * 300)
    assert (progress["errorCount"], len(progress["rowErrors"])) == (300, 250)


async def test_an_unreadable_list_fails_and_is_deleted(world: World) -> None:
    progress = await imported(world, b"\x89PNG\r\n\x1a\n" + b"\0" * 100)

    assert (progress["status"], progress["readCount"]) == ("FAILED", 0)
    assert progress["failure"] == "this is an image; upload a CSV or XLSX file"
    assert kept_files(world) == []


async def test_the_same_list_with_the_same_key_is_taken_once(world: World) -> None:
    first = await upload(world, b"email\nada@example.com\n")
    again = await upload(world, b"email\nada@example.com\n")
    other = await upload(world, b"email\nbob@example.com\n")

    assert again == first
    assert other["errors"] == [{"code": "IDEMPOTENCY_MISMATCH", "field": ["idempotencyKey"]}]
    assert len(kept_files(world)) == 1
    await world.run_tasks()
    assert await count(world) == 1


async def test_too_much_and_nothing_are_refused_and_leave_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers, "LIST_BYTES_MAX", 1 << 20)
    large = await upload(world, b"x" * ((1 << 20) + 1))
    empty = await upload(world, b"")
    no_key = await ask(
        IMPORT,
        {"input": {"file": UploadFile(io.BytesIO(b"a@example.com"))}},
        context=world.context(),
    )

    assert large["errors"] == [{"code": "UPLOAD_TOO_LARGE", "field": ["file"]}]
    assert empty["errors"] == [{"code": "BAD_USER_INPUT", "field": ["file"]}]
    assert no_key.data is not None
    assert no_key.data["suppressionImport"]["errors"][0]["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    assert kept_files(world) == []
    assert await world.fetch("SELECT id FROM task") == []


async def test_platform_kinds_are_checked(world: World) -> None:
    from domain.errors import Invalid
    from operations.operating import suppress_everywhere

    with pytest.raises(Invalid):
        await suppress_everywhere(
            kind=SuppressionKind.LEAD,
            value=str(new_id()),
            reason=SuppressionReason.LEGAL,
            identity_key=world.services.ports.identity_key,
        )


async def test_a_list_whose_task_is_parked_says_so_and_keeps_what_was_read(world: World) -> None:
    payload = await upload(world, b"email\nada@example.com\n")
    shown = payload["suppressionImport"]["id"]
    await lists.import_rows(
        actor=Actor.job(world.workspace_id),
        import_id=UUID(shown.rpartition("_")[2]),
        rows=[(1, {"email": "ada@example.com"})],
        after=0,
        identity_key=world.services.ports.identity_key,
        now=world.now(),
    )
    await park(world, "ImportSuppressions")

    progress = (await world.execute(PROGRESS, {"id": shown}))["suppressionImport"]
    assert (progress["status"], progress["addedCount"], progress["failure"]) == (
        "FAILED",
        1,
        "reading it failed again and again, for a fault of ours; what was read holds, upload the list again",
    )
    told = await world.fetch("SELECT payload FROM event WHERE type = 'SuppressionsImported'")
    assert told == [{"payload": {"added": 1, "known": 0, "errors": 0}}]
    assert len(await steps.entries_for(world, "ada@example.com")) == 1
