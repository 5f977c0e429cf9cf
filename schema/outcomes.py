"""From what graphql-core found to an answer as the caller may see it."""

from collections.abc import Sequence
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError
from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.context import Context
from resolvers.outcome import Outcome
from schema.errors import shown


class PlainExecutor(Executor[Any]):
    """Answers in one piece: what was to be deferred or streamed is answered at once."""

    build_resolve_info = StrawberryGraphQLCoreExecutionContext.build_resolve_info
    operation_extensions = None


def refusal(errors: Sequence[GraphQLError], context: Context, *, code: str | None) -> Outcome:
    """An answer without data."""
    return Outcome(
        errors=[dict(error.formatted) for error in shown(errors, request_id=context.request_id, code=code)]
    )


def outcome_of(result: ExecutionResult, context: Context) -> Outcome:
    """An answer as it was executed."""
    outcome = Outcome(data=orjson.dumps(result.data))
    if result.errors:
        outcome.errors = [
            dict(error.formatted) for error in shown(result.errors, request_id=context.request_id)
        ]
    return outcome
