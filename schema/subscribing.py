"""How a subscription runs: one answer for each event of its source, made once for all who asked alike.

Thousands may listen to one run with one document. An answer depends on the event, on what is selected and on what the
caller's role may see; so it is made for the first of them, and the others send the same bytes.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Hashable, Mapping
from contextlib import aclosing
from functools import partial
from inspect import isawaitable
from typing import Any, Final

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql.execution import Executor, create_source_event_stream, execute_subscription_event
from graphql.language import FieldNode, VariableNode, Visitor, visit

from resolvers.context import Context
from resolvers.outcome import Outcome
from schema.access import is_stranger
from schema.documents import PreparedOperation
from schema.outcomes import PlainExecutor, outcome_of, refusal

_BELOW: Final = "variables below the root field"

_Made = tuple[str, Outcome]
"""The id of the request an answer was made for, and the answer."""


async def answers(
    schema: GraphQLSchema,
    operation: PreparedOperation,
    *,
    variables: Mapping[str, Any] | None,
    context: Context,
) -> AsyncGenerator[Outcome, None]:
    """Yield the answers to a subscription; one that can't start yields its errors, without data."""
    executor = PlainExecutor.build(
        schema,
        operation.document,
        None,
        context,
        dict(variables or {}),
        operation.name,
        hide_suggestions=is_stranger(context),
    )
    if isinstance(executor, list):
        yield refusal(executor, context, code="BAD_USER_INPUT")
        return
    source: Any = create_source_event_stream(executor)
    if isawaitable(source):
        source = await source
    if isinstance(source, ExecutionResult):
        yield refusal(source.errors or (), context, code=None)
        return
    try:
        async with aclosing(source):
            actor, below = context.actor, _values_below(operation, variables)
            asked = (operation.sha256, operation.name, below, actor.role, actor.workspace_id)
            context.forget_reads()  # what was read is held in vain while nothing happens, and old when something does
            async for event in source:
                yield await _answer(executor, event, (*asked, event.seq), context)
                context.forget_reads()
    except Exception as error:
        yield refusal([GraphQLError(str(error), original_error=error)], context, code=None)


async def _answer(executor: Executor[Any], event: Any, asked: Hashable, context: Context) -> Outcome:
    shared, make = context.services.shared, partial(_execute, executor, event, context)
    made_for, outcome = await shared.get(asked, make)
    if outcome.errors and made_for != context.request_id:  # errors name the request they belong to
        _, outcome = await shared.get((asked, context.request_id), make)
    return outcome


def _execute(executor: Executor[Any], event: Any, context: Context) -> Awaitable[_Made]:
    result = execute_subscription_event(executor.build_per_event_executor(event))
    if isawaitable(result):
        return _executed(result, context)
    made: asyncio.Future[_Made] = (
        asyncio.get_running_loop().create_future()
    )  # no task, for which all would wait
    made.set_result((context.request_id, outcome_of(result, context)))
    return made


async def _executed(result: Awaitable[ExecutionResult], context: Context) -> _Made:
    return context.request_id, outcome_of(await result, context)


def _values_below(operation: PreparedOperation, variables: Mapping[str, Any] | None) -> str:
    """Return the variables that the answer to an event depends on: those of the root field choose the events."""
    names = operation.plans.get(_BELOW)
    if names is None:
        names = operation.plans[_BELOW] = _names_below(operation)
    values = {name: (variables or {}).get(name) for name in names}
    return orjson.dumps(
        values, option=orjson.OPT_SORT_KEYS
    ).decode()  # its bytes hold on to 4 KB, however few


def _names_below(operation: PreparedOperation) -> list[str]:
    names = _Names()
    definition: OperationDefinitionNode = operation.definition
    for selection in definition.selection_set.selections:
        below: Any = selection.selection_set if isinstance(selection, FieldNode) else selection
        visit(below, names)
    for fragment in operation.fragments.values():
        visit(fragment, names)
    return sorted(names.found)


class _Names(Visitor):
    """Collects the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        """Collect one."""
        self.found.add(node.name.value)
