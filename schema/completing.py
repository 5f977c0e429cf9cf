"""Computes the value of a field whose resolver makes it from a row: a small executor for what lies below it.

It resolves, completes and serialises as graphql-core would, without its bookkeeping. It knows no error handling: when a
resolver raises, the whole operation is left to ordinary execution.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.values import get_argument_values
from strawberry.schema.schema_converter import get_arguments

from resolvers.reading.plan import Complete, Unplannable
from resolvers.reading.planner import Selecting

Finish = Callable[[Any, Any], Any]
"""A resolved value and info -> the value in the answer; may be awaitable."""


def completer(
    schema: strawberry.Schema, type_name: str, nodes: Sequence[FieldNode], selecting: Selecting
) -> Complete:
    """Return the function from a row to a field's value; raises Unplannable."""
    type_: Any = schema._schema.get_type(type_name)
    core = type_.fields[nodes[0].name.value]
    resolve = _resolver(schema, core, nodes[0])
    finish = _finisher(schema, core.type, nodes, selecting)

    def complete(source: Any, info: Any) -> Any:
        value = resolve(source, info)
        return _later(value, finish, info) if inspect.isawaitable(value) else finish(value, info)

    return complete


async def _later(value: Awaitable[Any], finish: Finish, info: Any) -> Any:
    finished = finish(await value, info)
    return await finished if inspect.isawaitable(finished) else finished


def _resolver(schema: strawberry.Schema, core: Any, node: FieldNode) -> Callable[[Any, Any], Any]:
    field = core.extensions.get("strawberry-definition")
    if field is None:
        raise Unplannable(node.name.value)
    converter = schema.schema_converter
    if field.base_resolver is None:
        return lambda source, _info: field.get_result(source, info=None, args=[], kwargs={})

    def resolve(source: Any, info: Any) -> Any:
        given = get_argument_values(core, node, info.variables) if core.args else {}
        args, kwargs = get_arguments(
            field=field,
            source=source,
            info=info,
            kwargs=given,
            config=converter.config,
            scalar_registry=converter.scalar_registry,
        )
        return field.get_result(source, info=info, args=args, kwargs=kwargs)

    return resolve


def _finisher(
    schema: strawberry.Schema, type_: Any, nodes: Sequence[FieldNode], selecting: Selecting
) -> Finish:
    match type_:
        case GraphQLNonNull():
            return _required(_finisher(schema, type_.of_type, nodes, selecting), nodes[0].name.value)
        case GraphQLList():
            return _listed(_finisher(schema, type_.of_type, nodes, selecting))
        case GraphQLObjectType():
            return _nullable(_object(schema, type_, nodes, selecting))
        case GraphQLInterfaceType():
            return _nullable(_any_of(schema, type_, nodes, selecting))
        case _ if is_leaf_type(type_):
            return _nullable(lambda value, _info: type_.serialize(value))
    raise Unplannable(get_named_type(type_).name)


def _object(
    schema: strawberry.Schema, type_: GraphQLObjectType, nodes: Sequence[FieldNode], selecting: Selecting
) -> Finish:
    fields: dict[str, Complete | str] = {
        key: type_.name
        if found[0].name.value == "__typename"
        else completer(schema, type_.name, found, selecting)
        for key, found in selecting.fields(type_.name, nodes).items()
    }

    def finish(value: Any, info: Any) -> Any:
        answer = {
            key: complete if isinstance(complete, str) else complete(value, info)
            for key, complete in fields.items()
        }
        waiting = {key: found for key, found in answer.items() if inspect.isawaitable(found)}
        return _awaited(answer, waiting) if waiting else answer

    return finish


def _any_of(
    schema: strawberry.Schema,
    interface: GraphQLInterfaceType,
    nodes: Sequence[FieldNode],
    selecting: Selecting,
) -> Finish:
    """Finish objects of our own types; rows have no type to tell them by."""
    types = schema._schema.get_possible_types(interface)
    finishers = {type_.name: _object(schema, type_, nodes, selecting) for type_ in types}
    return lambda value, info: finishers[value.__strawberry_definition__.name](value, info)


async def _awaited(answer: dict[str, Any], waiting: dict[str, Awaitable[Any]]) -> dict[str, Any]:
    found = await asyncio.gather(*waiting.values())
    return answer | dict(zip(waiting, found, strict=True))


def _listed(finish: Finish) -> Finish:
    def finish_all(values: Any, info: Any) -> Any:
        if values is None:
            return None
        answers = [finish(value, info) for value in values]
        return _gathered(answers) if any(map(inspect.isawaitable, answers)) else answers

    return finish_all


async def _gathered(answers: list[Any]) -> list[Any]:
    return [await answer if inspect.isawaitable(answer) else answer for answer in answers]


def _nullable(finish: Finish) -> Finish:
    return lambda value, info: None if value is None else finish(value, info)


def _required(finish: Finish, name: str) -> Finish:
    def finish_required(value: Any, info: Any) -> Any:
        if value is None:
            raise ValueError(f"{name} is null")
        return finish(value, info)

    return finish_required
