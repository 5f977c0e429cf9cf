"""The read engine and ordinary execution, side by side."""

from collections.abc import Mapping
from typing import Any

import orjson

from domain.workspaces.rules import Role
from resolvers.reading.engine import ReadEngine
from schema.execution import SchemaExecution, unplanned
from schema.planning import SchemaVocabulary
from tests.world import SCHEMA, Answer, World

ENGINE = ReadEngine(SchemaVocabulary(SCHEMA))
ORDINARY = SchemaExecution(SCHEMA, planned=unplanned)


async def planned(
    world: World,
    document: str,
    variables: Mapping[str, Any] | None = None,
    *,
    role: Role | None = Role.OWNER,
) -> Any:
    """Return what the engine answers; None when it declines."""
    context = world.context(role=role)
    operation = ORDINARY.prepare(query=document, operation_name=None, context=context)
    data = await ENGINE.answer(operation, variables, context)
    return None if data is None else orjson.loads(data)


async def ordinary(
    world: World,
    document: str,
    variables: Mapping[str, Any] | None = None,
    *,
    role: Role | None = Role.OWNER,
) -> Answer:
    """Return what ordinary execution answers."""
    outcome = await ORDINARY.execute(
        query=document,
        operation_name=None,
        variables=dict(variables or {}),
        context=world.context(role=role),
    )
    return Answer.of(outcome)


def in_order(data: Any) -> Any:
    """Return an answer such that two are equal only if their keys come in the same order, too."""
    match data:
        case dict():
            return [(key, in_order(value)) for key, value in data.items()]
        case list():
            return [in_order(value) for value in data]
    return data


def explained(
    world: World, document: str, variables: Mapping[str, Any] | None = None
) -> tuple[str, list[Any]]:
    """Return the statement a document is planned as, and its values."""
    context = world.context()
    operation = ORDINARY.prepare(query=document, operation_name=None, context=context)
    return ENGINE.explain(operation, variables, context)
