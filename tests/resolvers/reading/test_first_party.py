"""Our own documents: the explorer's, the demo's, the pages' and the clients' queries are answered by the engine."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLEnumType, OperationDefinitionNode, OperationType, parse, print_ast, type_from_ast

from operations.demo import documents as demo
from schema.nodes import ENTITIES
from tests.steps.planning import ENGINE, planned
from tests.world import SCHEMA, World

NOBODY = UUID(int=1)
HOME = Path(__file__).parents[3]


def texts() -> Iterator[tuple[str, str]]:
    """Yield where a document stands, and its text."""
    for page in sorted((HOME / "docs").rglob("*.md")):
        for number, example in enumerate(re.findall(r"```graphql\n(.*?)```", page.read_text(), re.DOTALL), 1):
            yield f"{page.stem} {number}", example
    for example in (HOME / "web/explorer/examples.graphql").read_text().split("# === ")[1:]:
        title, _, text = example.partition("\n")
        yield f"explorer: {title}", text
    yield "clients", (HOME / "tests/clients/journey.graphql").read_text()
    yield from ((f"demo: {name}", text) for name, text in vars(demo).items() if name.isupper())


def queries() -> Iterator[Any]:
    """Yield each query of our own by itself."""
    for place, text in texts():
        for node in parse(text).definitions:
            if isinstance(node, OperationDefinitionNode) and node.operation is OperationType.QUERY:
                name = f" {node.name.value}" if node.name else ""
                document = print_ast(node).replace("_…", f"_{NOBODY}")
                yield pytest.param(document, node.variable_definitions or (), id=place + name)


def an_id(document: str) -> str:
    """Return an id that fits: of the type that a fragment, or the root field, is about."""
    for prefix, type_ in ENTITIES.items():
        name: str = type_.__strawberry_definition__.name  # type: ignore[attr-defined]
        if f"on {name} " in document or f"{name[0].lower()}{name[1:]}(id: " in document:
            return f"{prefix}_{NOBODY}"
    raise AssertionError("of which type is the id?")


@pytest.mark.parametrize(("document", "definitions"), [*queries()])
async def test_a_query_of_our_own_is_planned(world: World, document: str, definitions: Any) -> None:
    variables = {}
    for definition in definitions:
        type_: Any = type_from_ast(SCHEMA._schema, definition.type)
        if str(type_) == "ID!":
            variables[definition.variable.name.value] = an_id(document)
        elif isinstance(getattr(type_, "of_type", None), GraphQLEnumType):
            variables[definition.variable.name.value] = next(iter(type_.of_type.values))

    assert await planned(world, document, variables) is not None, ENGINE.tally.declined
