"""Exports of leads: asked for through the API, written in the background, downloaded over HTTP."""

import csv
import io
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from auth.tokens import TokenKind, issue_token
from domain.accounts import service as accounts
from domain.actor import Actor
from domain.leads.exports import expire_exports
from domain.workspaces.rules import Role
from tests.steps.leads import import_content
from tests.waiting import HANGS_S
from tests.world import World, new_world

EXPORT = """
mutation ($input: LeadsExportInput!) {
  leadsExport(input: $input) { leadExport { id status url } errors { code field } }
}
"""
SHOW = "query ($id: ID!) { leadExport(id: $id) { status rowCount byteSize fileHash url } }"
FILE = (
    b"Email,First Name,Last Name,Title,Country\n"
    b'ada@acme.com,Ada,Lovelace,"=HYPERLINK(""http://x"")",DE\n'
    b"bo@acme.com,Bo,Diddley,+Sales,FR\n"
    b"cy@globex.com,Cy,Twombly,@Art,DE\n"
)


async def export(world: World, **options: Any) -> str:
    """Ask for a file, let it be written, and return its id."""
    payload = (await world.execute(EXPORT, {"input": options}))["leadsExport"]
    assert payload["errors"] == []
    assert payload["leadExport"]["url"] is None
    await world.run_tasks()
    shown: str = payload["leadExport"]["id"]
    return shown


async def show(world: World, export_id: str) -> dict[str, Any]:
    data: dict[str, Any] = (await world.execute(SHOW, {"id": export_id}))["leadExport"]
    return data


async def path_of(world: World) -> Path:
    [row] = await world.fetch("SELECT file_path FROM lead_export")
    return Path(row["file_path"])


def local(url: str) -> str:
    """The path of a link; the tests' server listens on a port of its own."""
    return "/" + url.split("/", 3)[3]


async def session_of(world: World, user_id: UUID) -> dict[str, str]:
    token = issue_token(TokenKind.SESSION, entropy=secrets.token_bytes)
    await accounts.open_session(
        user_id=user_id,
        token_hash=token.hash,
        ip=None,
        user_agent=None,
        expires_at=world.now() + timedelta(days=1),
        now=world.now(),
    )
    return {"Authorization": f"Bearer {token.text}", "Plera-Workspace": str(world.workspace_id)}


async def test_a_file_holds_the_filtered_leads_and_no_formula(world: World, server_url: str) -> None:
    await import_content(world, FILE)
    export_id = await export(
        world, where={"country": {"eq": "DE"}}, columns=["email", "title", "companyName"]
    )

    shown = await show(world, export_id)
    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        answer = await client.get(local(shown["url"]))

    assert (shown["status"], shown["rowCount"], shown["byteSize"]) == ("READY", 2, len(answer.content))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="leads-')
    assert answer.headers["cache-control"] == "private, no-store"
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [
        ["email", "title", "companyName"],
        ["ada@acme.com", '\'=HYPERLINK("http://x")', "acme.com"],
        ["cy@globex.com", "'@Art", "globex.com"],
    ]
    assert (await path_of(world)).stat().st_mode & 0o777 == 0o600
    audits = await world.fetch("SELECT actor_id, detail FROM audit_event WHERE action = 'leads.export'")
    assert [(row["actor_id"], row["detail"]["rows"]) for row in audits] == [(world.user_id, 2)]


async def test_an_exported_file_comes_back_in_as_it_was(world: World) -> None:
    await import_content(world, FILE)
    await export(world)
    other = await new_world(world.app)

    await import_content(other, (await path_of(world)).read_bytes())

    query = "SELECT email, full_name, title, country FROM lead ORDER BY email"
    assert await other.fetch(query) == await world.fetch(query)


async def test_a_credential_downloads_as_well_as_a_link(world: World, server_url: str) -> None:
    await import_content(world, FILE)
    export_id = (await export(world)).rpartition("_")[2]
    manager, reader = await world.member(Role.MANAGER), await world.member(Role.READ_ONLY)
    assert manager.user_id is not None
    assert reader.user_id is not None

    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        allowed = await client.get(f"/exports/{export_id}", headers=await session_of(world, manager.user_id))
        forbidden = await client.get(f"/exports/{export_id}", headers=await session_of(world, reader.user_id))
        nobody = await client.get(f"/exports/{export_id}")

    assert [answer.status_code for answer in (allowed, forbidden, nobody)] == [200, 403, 401]
    assert allowed.text.count("\r\n") == 4
    assert len(await world.fetch("SELECT seq FROM audit_event WHERE action = 'leads.export'")) == 1


async def test_a_link_is_good_for_one_file_and_five_minutes(
    world: World, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await import_content(world, FILE)
    first, second = await export(world), await export(world, columns=["email"])
    path, token = local((await show(world, first))["url"]).split("?token=")
    other = second.rpartition("_")[2]

    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        statuses = [
            (await client.get(f"/exports/{other}?token={token}")).status_code,
            (await client.get(f"{path}?token={token[:-1]}{'A' if token[-1] != 'A' else 'B'}A")).status_code,
            (await client.get(f"{path}?token=")).status_code,
        ]
        monkeypatch.setattr("auth.download_links.LIFETIME", timedelta(seconds=-1))
        old = (await show(world, first))["url"]
        statuses.append((await client.get(local(old))).status_code)

    assert statuses == [401, 401, 401, 401]
    assert await world.fetch("SELECT seq FROM audit_event WHERE action = 'leads.export'") == []


async def test_a_link_dies_with_its_owners_membership(world: World, server_url: str) -> None:
    await import_content(world, FILE)
    url = (await show(world, await export(world)))["url"]
    await world.fetch("UPDATE member SET status = 'REMOVED' RETURNING id")

    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        assert (await client.get(local(url))).status_code == 403


async def test_another_workspaces_file_is_missing(world: World, server_url: str) -> None:
    other = await new_world(world.app)
    await import_content(other, FILE)
    theirs = await export(other)

    assert (await world.execute(SHOW, {"id": theirs}))["leadExport"] is None
    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        headers = await session_of(world, world.user_id)
        answer = await client.get(f"/exports/{theirs.rpartition('_')[2]}", headers=headers)
    assert answer.status_code == 404


async def test_a_file_is_deleted_after_a_day(world: World, server_url: str) -> None:
    await import_content(world, FILE)
    export_id = await export(world)
    url, path = (await show(world, export_id))["url"], await path_of(world)

    await expire_exports(actor=Actor.job(world.workspace_id), now=world.now() + timedelta(hours=25))

    assert not path.exists()
    assert (await show(world, export_id))["status"] == "EXPIRED"
    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        assert (await client.get(local(url))).status_code == 404


async def test_an_unknown_column_is_refused_and_one_key_makes_one_file(world: World) -> None:
    payload = (await world.execute(EXPORT, {"input": {"columns": ["email", "password"]}}))["leadsExport"]
    assert [error["code"] for error in payload["errors"]] == ["EXPORT_COLUMN_UNKNOWN"]

    first = await export(world, idempotencyKey="k")
    again = (await world.execute(EXPORT, {"input": {"idempotencyKey": "k"}}))["leadsExport"]["leadExport"][
        "id"
    ]
    assert again == first
    assert len(await world.fetch("SELECT id FROM lead_export")) == 1


@pytest.mark.parametrize("role", [Role.REP, Role.REVIEWER, Role.BILLING, Role.READ_ONLY])
async def test_who_may_not_export_gets_no_file(world: World, role: Role) -> None:
    assert await world.refused(EXPORT, {"input": {}}, role=role) == ["FORBIDDEN"]
    assert await world.fetch("SELECT id FROM lead_export") == []
