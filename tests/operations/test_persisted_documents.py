"""Persisted documents from the command line."""

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner

from domain.api_clients.first_party import find_first_party_text, publish_first_party
from domain.api_clients.queries import add_uses
from domain.api_clients.rules import ClientPolicy
from domain.errors import Conflict, Invalid, NotFound
from operations import document_commands
from operations.document_checks import check_manifest, check_published
from operations.persisted_documents import list_documents, publish, revoke, tell_usage
from tests.steps.api_clients import document_row, examined, id_of, insert_published, new_client, new_query
from tests.steps.api_clients import publish as publish_through_domain
from tests.world import SCHEMA, World

SDL = SCHEMA.as_str()
MINE = "query Mine { leads(first: 5) { nodes { id } } }"
BROKEN = "query Broken { nothing }"
WITHOUT_LEADS = "type Query { eventTypes: [String!]!  workspace: Workspace } type Workspace { name: String }"


def manifest_of(*texts: str) -> bytes:
    return orjson.dumps({id_of(text): text for text in texts})


async def slug_of(world: World) -> str:
    [row] = await world.fetch("SELECT slug FROM workspace")
    slug: str = row["slug"]
    return slug


async def refusal(work: object) -> str:
    """Return the words of a refusal: the command fails with them."""
    with pytest.raises((Conflict, Invalid, NotFound)) as refused:
        await work  # type: ignore[misc]
    return refused.value.message


async def test_a_manifest_is_published_for_a_client_and_told_line_by_line(world: World) -> None:
    await new_client(world, ClientPolicy.ID_ONLY)
    place = {"slug": await slug_of(world), "client": "app"}
    dry = await publish(content=manifest_of(MINE), dry_run=True, **place)
    line = f"CREATED   Mine {id_of(MINE)}: query, up to 6 points, READ"
    assert dry == f"{line}\n1 created; a dry run: nothing was published"
    assert await document_row(world, id_of(MINE)) is None

    assert await publish(content=manifest_of(MINE), dry_run=False, **place) == f"{line}\n1 created; published"
    again = await publish(content=manifest_of(MINE), dry_run=False, **place)
    assert again.endswith("\n1 unchanged; published")
    audits = await world.fetch(
        "SELECT actor_kind FROM audit_event WHERE action = 'persisted_document.publish'"
    )
    assert audits == [{"actor_kind": "JOB"}]


async def test_a_rejected_document_is_named_and_nothing_is_published(world: World) -> None:
    await new_client(world, ClientPolicy.ID_ONLY)
    content = manifest_of(MINE, BROKEN)
    said = await refusal(publish(content=content, slug=await slug_of(world), client="app", dry_run=False))
    assert said.splitlines()[1:] == [
        f"REJECTED  (no name) {id_of(BROKEN)}",
        "          Cannot query field 'nothing' on type 'Query'.",
        "1 created, 1 rejected; nothing is published",
    ]
    assert await document_row(world, id_of(MINE)) is None


async def test_where_it_is_published_has_to_be_clear(world: World) -> None:
    slug, given = await slug_of(world), {"content": manifest_of(MINE), "dry_run": False}
    for place in ({"slug": slug, "client": None}, {"slug": None, "client": "app"}):
        said = await refusal(publish(**given, **place))  # type: ignore[arg-type]
        assert said.startswith("name both --workspace and --client")
    for where, words in (
        ({"slug": "nowhere", "client": "app"}, "no workspace has the slug nowhere"),
        ({"slug": slug, "client": "app"}, f"{slug} has no API clients that are called app"),
    ):
        assert await refusal(publish(**given, **where)) == words  # type: ignore[arg-type]
    for _ in range(2):
        await new_client(world, ClientPolicy.OPEN)
    said = await refusal(publish(**given, slug=slug, client="app"))  # type: ignore[arg-type]
    assert said == f"{slug} has 2 API clients that are called app"


@pytest.mark.usefixtures("app")
async def test_without_a_client_a_manifest_is_the_installation_s_own() -> None:
    text = new_query()
    assert (await publish(content=manifest_of(text), slug=None, client=None, dry_run=False)).endswith(
        "\n1 created; published"
    )
    assert await find_first_party_text(document_id=id_of(text)) == text
    listed = await list_documents(slug=None)
    assert f"ACTIVE    query             1 points  {text.split()[1]} {id_of(text)}" in listed.splitlines()

    said = await revoke(document_id=id_of(text), slug=None, client=None)
    assert said.startswith(f"{id_of(text)} isn't answered any more")
    assert await find_first_party_text(document_id=id_of(text)) is None


async def test_documents_and_their_uses_are_listed_by_client(world: World) -> None:
    slug, client_id = await slug_of(world), await new_client(world, ClientPolicy.OPEN)
    assert await list_documents(slug=slug) == "no documents"
    await publish(content=manifest_of(MINE, "{ eventTypes }"), slug=slug, client="app", dry_run=False)
    await revoke(document_id=id_of("{ eventTypes }"), slug=slug, client="app")
    assert await list_documents(slug=slug) == (
        "app:\n"
        f"ACTIVE    query             6 points  Mine {id_of(MINE)}\n"
        f"DISABLED  query             0 points  (no name) {id_of('{ eventTypes }')}"
    )
    at = world.now()
    await add_uses(workspace_id=world.workspace_id, uses={(client_id, id_of(MINE)): 1_234}, at=at)
    assert await tell_usage(slug=slug) == (
        "app:\n"
        f"       1,234 {at:%Y-%m-%d %H:%M}  Mine {id_of(MINE)}\n"
        f"           0 never used        (no name) {id_of('{ eventTypes }')}"
    )


async def test_what_is_not_there_is_not_switched_off(world: World) -> None:
    slug = await slug_of(world)
    await new_client(world, ClientPolicy.OPEN)
    assert await refusal(revoke(document_id="Mine", slug=slug, client="app")) == (
        "not a document's id; those are sha256: and 64 hexadecimal digits"
    )
    assert await refusal(revoke(document_id=id_of(MINE), slug=slug, client="app")) == (
        "app has no such document"
    )
    assert await refusal(revoke(document_id=id_of(new_query()), slug=None, client=None)) == (
        "no document of ours has this id"
    )


def test_a_manifest_is_checked_without_a_database() -> None:
    assert check_manifest(content=manifest_of(MINE), sdl=None) == (
        f"CREATED   Mine {id_of(MINE)}: query, up to 6 points, READ\n1 created; all of them can be published"
    )
    assert check_manifest(content=b"{}", sdl=None) == "no documents; all of them can be published"
    with pytest.raises(Conflict, match="1 rejected; nothing is published"):
        check_manifest(content=manifest_of(BROKEN), sdl=None)


def test_a_manifest_is_checked_against_another_schema() -> None:
    assert check_manifest(content=manifest_of(MINE), sdl=SDL).startswith("CREATED   (no name) sha256:")
    with pytest.raises(Conflict, match="Cannot query field 'leads' on type 'Query'"):
        check_manifest(content=manifest_of(MINE), sdl=WITHOUT_LEADS)
    for sdl in ("type", "type Query { a: Nothing }"):
        with pytest.raises(Invalid, match="the schema can't be read: "):
            check_manifest(content=manifest_of(MINE), sdl=sdl)


async def test_whom_another_schema_breaks_is_said(new_database: Callable[[], str]) -> None:
    url = new_database()
    await insert_published(url, text=MINE)
    await insert_published(url, text=BROKEN, status="DISABLED")
    assert await check_published(sdl=SDL, owner_url=url) == "none of 1 documents breaks"
    assert await check_published(sdl=None, owner_url=url) == "none of 1 documents breaks"
    assert await refusal(check_published(sdl=WITHOUT_LEADS, owner_url=url)) == (
        f"acme-active, Web app: Mine {id_of(MINE)}: Cannot query field 'leads' on type 'Query'.\n"
        "1 of 1 documents break"
    )


async def test_what_this_version_breaks_is_said_too(new_database: Callable[[], str]) -> None:
    url = new_database()
    await insert_published(url, text=BROKEN)
    assert (await refusal(check_published(sdl=None, owner_url=url))).startswith("acme-active, Web app: Mine ")


async def test_published_documents_of_everybody_are_looked_at(world: World) -> None:
    """In the shared database, whatever else is there: ours is among them, with the workspace and the client it is of."""
    text = new_query()
    await publish_first_party(examined=[examined(text)], dry_run=False)
    client_id = await new_client(world, ClientPolicy.OPEN)
    await publish_through_domain(world, client_id, examined(text))
    said = await refusal(
        check_published(sdl="type Query { nothing: Int }", owner_url=world.app.settings.database_url or "")
    )
    broken = [line for line in said.splitlines() if id_of(text) in line]
    assert [line.split(": (no name) ")[0] for line in broken] == [
        "first party",
        f"{await slug_of(world)}, app",
    ]


@pytest.fixture
def run() -> Callable[..., tuple[int, str]]:
    """Run a command that needs no database."""
    cli = typer.Typer()
    cli.callback()(lambda: None)
    document_commands.register(cli, operate=lambda _work: None, owner_url=lambda: "")
    return lambda *arguments: _ended(CliRunner().invoke(cli, ["documents", *map(str, arguments)]))


def _ended(result: object) -> tuple[int, str]:
    return result.exit_code, result.output  # type: ignore[attr-defined]


def test_a_check_that_fails_ends_with_1(tmp_path: Path, run: Callable[..., tuple[int, str]]) -> None:
    good, bad, sdl = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "next.graphql"
    good.write_bytes(manifest_of(MINE))
    bad.write_bytes(manifest_of(BROKEN))
    sdl.write_text(WITHOUT_LEADS)
    assert run("check", good)[0] == 0
    assert run("check", bad)[0] == 1
    assert run("check", good, "--schema", sdl)[0] == 1
    assert run("check", tmp_path / "nothing.json")[0] == 2, "typer's own refusal"


def test_every_command_is_there_and_described(run: Callable[..., tuple[int, str]]) -> None:
    code, told = run("--help")
    assert code == 0
    for command in ("publish", "check", "list", "revoke", "usage"):
        assert f" {command} " in told
