"""What `main.py explain` tells."""

import pytest

from domain.errors import NotFound
from operations.explaining import explain
from tests.world import World


async def _explained(world: World, document: str, slug: str | None = None) -> str:
    [row] = await world.fetch("SELECT slug FROM workspace")
    return await explain(document=document, variables={}, slug=slug or row["slug"], services=world.services)


async def test_a_planned_query_shows_its_statement_and_plan(world: World) -> None:
    text = await _explained(world, "{ leads { nodes { email } } }")
    assert text.startswith("SELECT CASE WHEN set_config(")
    assert "lead_by_created" in text or "Seq Scan on public.lead" in text


async def test_what_is_not_planned_says_why(world: World) -> None:
    assert (
        await _explained(world, "{ __schema { queryType { name } } }")
        == "answered field by field: Query.__schema"
    )
    assert (await _explained(world, "{ eventTypes }")).startswith(
        "answered field by field: none of its root fields"
    )


async def test_a_wrong_document_says_what_is_wrong(world: World) -> None:
    assert (await _explained(world, "{ nonsense }")).startswith("not a valid document: Cannot query field")


async def test_an_unknown_workspace_is_said(world: World) -> None:
    with pytest.raises(NotFound):
        await _explained(world, "{ eventTypes }", slug="nowhere")
