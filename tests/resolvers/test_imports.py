"""Imports through the API: from a messy file to leads."""

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from domain.actor import Actor
from domain.leads.importing.service import forget_uploads
from domain.workspaces.rules import Role
from simulators.lead_files import Style, make_lead_file
from tests.steps.leads import (
    ATTESTED,
    START,
    UPLOAD,
    SentFile,
    counts,
    import_content,
    import_file,
    show,
    start,
    upload,
)
from tests.world import World, new_world


def csv_of(*rows: str) -> bytes:
    return "\n".join(rows).encode()


PEOPLE = csv_of(
    "Email,First Name,Last Name,Company,Title",
    "ada@acme.com,Ada,Lovelace,Acme Inc.,CTO",
    "grace@globex.com,Grace,Hopper,Globex,Admiral",
)


@pytest.mark.parametrize("style", Style)
async def test_a_messy_file_comes_to_the_counts_that_are_in_it(world: World, style: Style) -> None:
    file = make_lead_file(style=style, rows=400, seed=4)

    job = await import_file(world, file)

    expected = file.expected
    assert job["status"] == "DONE", job["error"]
    assert counts(job) == {
        "row": expected.records,
        "created": expected.leads - expected.duplicates,
        "updated": 0,
        "duplicate": expected.duplicates,
        "suppressed": 0,
        "error": sum(expected.dropped.values()),
    }
    [stored] = await world.fetch("SELECT count(*)::int AS leads FROM lead")
    assert stored["leads"] == expected.leads - expected.duplicates
    codes = [error["code"] for error in job["rowErrors"]["nodes"]]
    assert {code: codes.count(code) for code in set(codes)} == {**expected.dropped, **expected.warned}


async def test_importing_the_same_file_twice_changes_nothing(world: World) -> None:
    file = make_lead_file(style=Style.HUBSPOT, rows=300, seed=2)
    await import_file(world, file)
    before = await world.fetch("SELECT * FROM lead ORDER BY id")
    companies = await world.fetch("SELECT * FROM company ORDER BY id")
    suppressed = await world.fetch("SELECT id FROM suppression ORDER BY id")

    job = await import_file(world, file, key="second")

    assert job["status"] == "DONE"
    assert (job["createdCount"], job["updatedCount"]) == (0, 0)
    assert job["suppressedCount"] > 0
    assert sum(counts(job).values()) == 2 * job["rowCount"]
    assert await world.fetch("SELECT * FROM lead ORDER BY id") == before
    assert await world.fetch("SELECT * FROM company ORDER BY id") == companies
    assert await world.fetch("SELECT id FROM suppression ORDER BY id") == suppressed


async def test_whoever_opted_out_is_suppressed(world: World) -> None:
    job = await import_content(
        world,
        csv_of(
            "Email,Email Opt Out,Phone,Do Not Call", "Ada+news@acme.com,yes,,", "bo@acme.com,,+49309010123,1"
        ),
    )

    assert job["createdCount"] == 2
    rows = await world.fetch("SELECT kind, reason, channels, lead_ids FROM suppression ORDER BY kind")
    leads = {row["email"]: row["id"] for row in await world.fetch("SELECT id, email FROM lead")}
    assert rows == [
        {"kind": "EMAIL", "reason": "UNSUBSCRIBE", "channels": [], "lead_ids": [leads["ada+news@acme.com"]]},
        {
            "kind": "PHONE",
            "reason": "UNSUBSCRIBE",
            "channels": ["CALL", "SMS"],
            "lead_ids": [leads["bo@acme.com"]],
        },
    ]
    data = await world.execute("{ leads { nodes { email isSuppressed } } }")
    assert data["leads"]["nodes"] == [
        {"email": "ada+news@acme.com", "isSuppressed": True},
        {"email": "bo@acme.com", "isSuppressed": False},
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("EMAIL", "ADA+x@acme.com"),
        ("DOMAIN", "acme.com"),
        ("PHONE", "+49 30 9010123"),
        ("LINKEDIN", "linkedin.com/in/Ada"),
    ],
)
async def test_a_suppressed_person_is_not_taken_in_again(world: World, kind: str, value: str) -> None:
    added = await world.execute(
        "mutation ($input: SuppressionAddInput!) { suppressionAdd(input: $input) { errors { code } } }",
        {"input": {"kind": kind, "value": value, "reason": "OBJECTION"}},
    )
    assert added["suppressionAdd"]["errors"] == []

    job = await import_content(
        world,
        csv_of(
            "Email,Phone,LinkedIn URL",
            "ada@acme.com,+49309010123,https://www.linkedin.com/in/ada",
            "bo@globex.com,+49309010124,https://www.linkedin.com/in/bo",
        ),
    )

    assert counts(job) == {"row": 2, "created": 1, "updated": 0, "duplicate": 0, "suppressed": 1, "error": 0}
    assert await world.fetch("SELECT email FROM lead") == [{"email": "bo@globex.com"}]


async def test_all_or_nothing_imports_nothing_when_one_row_is_bad(world: World) -> None:
    job = await import_content(
        world, csv_of("Email,Opt out", "ada@acme.com,yes", "not an address,"), onRowError="REJECT_ALL"
    )

    assert (job["status"], job["errorCount"]) == ("FAILED", 1)
    assert job["error"].startswith("ROWS_REJECTED: 1 of 2 rows")
    assert job["rowErrors"]["nodes"] == [
        {"index": 3, "code": "EMAIL_INVALID", "field": "email", "dropped": True}
    ]
    for table in ("lead", "company", "suppression"):
        assert await world.fetch(f"SELECT id FROM {table}") == []


async def test_a_newer_file_updates_what_no_person_has_pinned(world: World) -> None:
    await import_content(world, PEOPLE)
    [lead] = (await world.execute('{ leads(search: "lovelace") { nodes { id version } } }'))["leads"]["nodes"]
    await world.execute(
        "mutation ($input: LeadUpdateInput!) { leadUpdate(input: $input) { errors { code } } }",
        {"input": {"id": lead["id"], "expectedVersion": lead["version"], "title": "Countess"}},
    )
    newer = csv_of("Email,Title,City", "ada@acme.com,CEO,London", "grace@globex.com,Rear Admiral,")

    job = await import_content(world, newer, key="newer")

    assert counts(job) == {"row": 2, "created": 0, "updated": 2, "duplicate": 0, "suppressed": 0, "error": 0}
    rows = await world.fetch("SELECT email, first_name, title, city FROM lead ORDER BY email")
    assert rows == [
        {"email": "ada@acme.com", "first_name": "Ada", "title": "Countess", "city": "London"},
        {"email": "grace@globex.com", "first_name": "Grace", "title": "Rear Admiral", "city": None},
    ]


async def test_duplicates_can_be_left_alone(world: World) -> None:
    await import_content(world, PEOPLE)
    job = await import_content(
        world, csv_of("Email,Title", "ADA@acme.com,CEO", "new@acme.com,CFO"), onDuplicate="SKIP", key="skip"
    )

    assert (job["createdCount"], job["updatedCount"], job["duplicateCount"]) == (1, 0, 1)
    assert await world.fetch("SELECT title FROM lead WHERE email = 'ada@acme.com'") == [{"title": "CTO"}]


async def test_a_row_that_names_two_leads_changes_the_one_with_its_address(world: World) -> None:
    await import_content(
        world, csv_of("Email,LinkedIn URL,Title", "ada@acme.com,,CTO", "bo@acme.com,linkedin.com/in/bo,CFO")
    )
    job = await import_content(
        world, csv_of("Email,LinkedIn URL,Title", "ada@acme.com,linkedin.com/in/bo,CEO"), key="x"
    )

    assert job["updatedCount"] == 1
    rows = await world.fetch("SELECT email, linkedin_key, title FROM lead ORDER BY email")
    assert rows == [
        {"email": "ada@acme.com", "linkedin_key": None, "title": "CEO"},
        {"email": "bo@acme.com", "linkedin_key": "in/bo", "title": "CFO"},
    ]


async def test_restricted_leads_are_not_touched(world: World) -> None:
    await import_content(world, PEOPLE)
    await world.fetch("UPDATE lead SET restricted_at = now() WHERE email = 'ada@acme.com' RETURNING id")

    job = await import_content(world, csv_of("Email,Title", "ada@acme.com,CEO"), key="again")

    assert (job["updatedCount"], job["duplicateCount"]) == (0, 1)
    assert await world.fetch("SELECT title FROM lead WHERE email = 'ada@acme.com'") == [{"title": "CTO"}]


async def test_people_of_one_company_share_it(world: World) -> None:
    await import_content(
        world,
        csv_of(
            "Email,Company,Website,Industry",
            "a@acme.com,Acme Inc.,,",
            "b@acme.com,ACME,www.acme.com,Steel",
            "c@gmail.com,Acme Inc,,",
        ),
    )

    rows = await world.fetch(
        "SELECT name, name_key, domain, industry FROM company ORDER BY domain NULLS LAST"
    )
    assert rows == [
        {"name": "Acme Inc.", "name_key": "acme", "domain": "acme.com", "industry": None},
        {"name": "Acme Inc", "name_key": "acme", "domain": None, "industry": None},
    ]


async def test_a_chosen_mapping_counts_and_what_it_leaves_out_is_not_kept(world: World) -> None:
    uploaded = await upload(world, csv_of("Mail,Secret,Hobby", "ada@acme.com,hush,chess"))
    job = uploaded["importJob"]
    assert [(each["header"], each["field"]) for each in job["suggestions"]] == [
        ("Mail", "EMAIL"),
        ("Secret", None),
        ("Hobby", None),
    ]

    await start(world, job["id"], mapping=[{"index": 0, "field": "EMAIL"}, {"index": 2}])
    await world.run_tasks()

    assert await world.fetch("SELECT email, custom_fields FROM lead") == [
        {"email": "ada@acme.com", "custom_fields": {"Hobby": "chess"}}
    ]


async def test_a_workbook_is_read_like_a_text_file(world: World) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("E-Mail-Adresse", "Vorname", "Nachname"), ("ada@acme.com", "Ada", "Lovelace")):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)

    job = await import_content(world, content.getvalue())

    assert (job["format"], job["encoding"], job["createdCount"]) == ("XLSX", None, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "BAD_USER_INPUT"),
        (b"\n\n", "FILE_EMPTY"),
        (b"%PDF-1.7", "FILE_UNSUPPORTED"),
        (b"ada@acme.com,Ada\nbo@acme.com,Bo\n", "HEADER_MISSING"),
    ],
)
async def test_a_file_that_is_no_table_is_refused_and_not_kept(
    world: World, content: bytes, code: str
) -> None:
    payload = await upload(world, content)

    assert payload["importJob"] is None
    assert [error["code"] for error in payload["errors"]] == [code]
    assert await world.fetch("SELECT id FROM import_job") == []
    assert list((world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir()) == []


async def test_a_file_that_is_too_large_is_refused_and_not_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.imports.FILE_BYTES_MAX", 1000)
    payload = await upload(world, b"Email\n" + b"a@acme.com\n" * 100)

    assert [error["code"] for error in payload["errors"]] == ["UPLOAD_TOO_LARGE"]
    assert list((world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir()) == []


async def test_an_import_needs_its_attestation_a_mapping_and_a_key(world: World) -> None:
    job = (await upload(world, PEOPLE))["importJob"]

    async def refusal(**options: Any) -> str:
        [error] = (await start(world, job["id"], **options))["errors"]
        return str(error["code"])

    assert await refusal(attestation={"legalBasis": "CONSENT", "confirm": False}) == "ATTESTATION_REQUIRED"
    assert await refusal(mapping=[{"index": 4, "field": "TITLE"}], key="b") == "COLUMN_MAPPING_INVALID"
    given = {"importId": job["id"], "attestation": ATTESTED}
    data = await world.execute(START, {"input": given})
    assert [error["code"] for error in data["leadImport"]["errors"]] == ["IDEMPOTENCY_KEY_REQUIRED"]
    assert await world.run_tasks() == 0
    assert (await show(world, job["id"]))["status"] == "UPLOADED"


async def test_an_empty_id_is_none_of_an_import(world: World) -> None:
    [error] = (await start(world, ""))["errors"]
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "importId"])


async def test_an_import_starts_once_whatever_is_repeated(world: World) -> None:
    job = (await upload(world, PEOPLE))["importJob"]
    first = await start(world, job["id"], key="k")
    again = await start(world, job["id"], key="k")
    other = await start(world, job["id"], key="other")

    assert first["importJob"]["status"] == "MAPPED"
    assert again == first
    assert [error["code"] for error in other["errors"]] == ["IMPORT_NOT_READY"]
    await world.run_tasks()
    [stored] = await world.fetch("SELECT count(*)::int AS leads FROM lead")
    assert stored["leads"] == 2


async def test_a_file_can_come_with_the_import_itself(world: World) -> None:
    async def send() -> dict[str, Any]:
        given = {"file": SentFile(PEOPLE), "attestation": ATTESTED, "idempotencyKey": "one-step"}
        data = await world.execute(START, {"input": given})
        payload: dict[str, Any] = data["leadImport"]
        return payload

    first = await send()
    again = await send()
    await world.run_tasks()

    assert first["errors"] == []
    assert again["importJob"]["id"] == first["importJob"]["id"]
    assert (await show(world, first["importJob"]["id"]))["createdCount"] == 2
    rows = await world.fetch("SELECT status FROM import_job ORDER BY status")
    assert [row["status"] for row in rows] == ["CANCELLED", "DONE"]
    assert list((world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir()) == []


async def test_a_cancelled_import_brings_nothing(world: World) -> None:
    job = (await upload(world, PEOPLE))["importJob"]
    await start(world, job["id"])
    cancel = "mutation ($id: ID!) { leadImportCancel(id: $id) { importJob { status } errors { code } } }"
    data = await world.execute(cancel, {"id": job["id"]})
    await world.run_tasks()

    assert data["leadImportCancel"] == {"importJob": {"status": "CANCELLED"}, "errors": []}
    assert await world.fetch("SELECT id FROM lead") == []
    done = await import_content(world, PEOPLE, key="b")
    data = await world.execute(cancel, {"id": done["id"]})
    assert [error["code"] for error in data["leadImportCancel"]["errors"]] == ["ILLEGAL_TRANSITION"]


@pytest.mark.parametrize(
    "role", [Role.READ_ONLY, Role.ANALYST, Role.REVIEWER, Role.BILLING, Role.PRIVACY_OFFICER]
)
async def test_who_may_not_import_uploads_nothing(world: World, role: Role) -> None:
    assert await world.refused(UPLOAD, {"file": SentFile(PEOPLE)}, role=role) == ["FORBIDDEN"]
    assert await world.refused("{ importJobs { totalCount } }", role=role) == ["FORBIDDEN"]
    assert await world.fetch("SELECT id FROM import_job") == []
    assert not (world.services.ports.data_dir / "uploads" / str(world.workspace_id)).exists()


async def test_another_workspace_neither_sees_nor_starts_nor_meets_an_import(world: World) -> None:
    other = await new_world(world.app)
    await import_content(other, PEOPLE)
    theirs = (await upload(other, PEOPLE))["importJob"]

    assert (await world.execute("query ($id: ID!) { importJob(id: $id) { id } }", {"id": theirs["id"]}))[
        "importJob"
    ] is None
    assert [error["code"] for error in (await start(world, theirs["id"]))["errors"]] == ["NOT_FOUND"]
    mine = await import_content(world, PEOPLE)
    assert mine["createdCount"] == 2


async def test_the_log_tells_how_an_import_went(world: World) -> None:
    await import_content(world, PEOPLE)

    rows = await world.fetch("SELECT type, payload FROM event WHERE type LIKE 'Import%' ORDER BY seq")
    assert [row["type"] for row in rows] == [
        "ImportUploaded",
        "ImportStarted",
        "ImportProgressed",
        "ImportCompleted",
    ]
    assert rows[-1]["payload"] == {
        "rows": 2,
        "created": 2,
        "updated": 0,
        "duplicates": 0,
        "suppressed": 0,
        "errors": 0,
    }
    [audit] = await world.fetch("SELECT purpose FROM audit_event WHERE action = 'lead_import.attest'")
    assert audit["purpose"] == "LEGITIMATE_INTERESTS"


async def test_an_upload_that_nobody_starts_is_forgotten_after_a_week(world: World) -> None:
    job = (await upload(world, PEOPLE))["importJob"]
    folder = world.services.ports.data_dir / "uploads" / str(world.workspace_id)

    await forget_uploads(actor=Actor.job(world.workspace_id), now=world.now() + timedelta(days=6))
    assert (await show(world, job["id"]))["status"] == "UPLOADED"
    await forget_uploads(actor=Actor.job(world.workspace_id), now=world.now() + timedelta(days=8))

    assert (await show(world, job["id"]))["status"] == "CANCELLED"
    assert list(folder.iterdir()) == []
