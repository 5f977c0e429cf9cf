"""How an operation runs: prepared once, paid for, answered by the read engine where it can, else field by field."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, Final, cast

import strawberry
from graphql import ExperimentalIncrementalExecutionResults, GraphQLError
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.context import Context
from resolvers.outcome import Outcome, PlannedPart, Refused
from resolvers.reading.engine import ReadEngine
from schema.access import is_stranger, refuse_strangers
from schema.document_size import TooComplex
from schema.documents import BadDocument, Documents, PreparedOperation
from schema.errors import ERRORS_MAX, shown
from schema.outcomes import PlainExecutor, outcome_of, refusal
from schema.payloads import Payloads
from schema.planning import SchemaVocabulary
from schema.spending import actual_cost, settle, spend
from schema.subscribing import answers
from schema.variables import unfit_variable

Planned = Callable[[PreparedOperation, Mapping[str, Any] | None, Context], Awaitable[bytes | None]]
"""The seam to the read engine: ``data`` as JSON, or None when the operation has to run field by field."""


async def unplanned(
    operation: PreparedOperation, variables: Mapping[str, Any] | None, context: Context
) -> bytes | None:
    """Plan nothing."""
    context.declined = "no engine"
    return None


CHARACTERS_PER_POINT: Final = 100
"""Of a document that has to be parsed, validated and measured first: about 60 µs, and nothing comes back."""


class SchemaExecution:
    """Runs the operations of one schema.

    Args:
        planned: the read engine unless another one is given.
    """

    def __init__(self, schema: strawberry.Schema, *, planned: Planned | None = None) -> None:
        self._schema = schema._schema
        vocabulary = SchemaVocabulary(schema)
        engine = ReadEngine(vocabulary)
        self._planned = planned or engine.answer
        self._payloads = Payloads(schema, vocabulary=vocabulary, engine=engine) if planned is None else None
        # apart, so that nobody pushes the documents of signed-in callers out from outside
        self._documents = Documents(self._schema, suggestions=True)
        self._strangers_documents = Documents(
            self._schema, suggestions=False, kept_max=100, bytes_max=400_000
        )
        # neither do texts that anybody makes up push out what was published
        self._registered_documents = Documents(
            self._schema, suggestions=False, kept_max=5_000, bytes_max=20_000_000
        )

    async def execute(
        self, *, query: str, operation_name: str | None, variables: dict[str, Any] | None, context: Context
    ) -> Outcome:
        """Answer a query or a mutation from its text."""
        try:
            operation = self.prepare(
                query=query, operation_name=operation_name, variables=variables, context=context
            )
            return await self.run(operation, variables=variables, context=context)
        except Refused as refused:
            return refused.outcome

    def prepare(
        self,
        *,
        query: str,
        operation_name: str | None,
        context: Context,
        variables: Mapping[str, Any] | None = None,
        is_registered: bool = False,
    ) -> PreparedOperation:
        """Return the operation a caller chose; raises Refused.

        Args:
            is_registered: whether somebody has published the document.
            variables: looked at here only to say what is wrong with them, too, when the document is refused.
        """
        documents = self._registered_documents if is_registered else self._documents_of(context)
        if query not in documents:
            _charge(context, points=1 + len(query) // CHARACTERS_PER_POINT)
        try:
            operation = documents.prepare(query).choose(operation_name)
            refuse_strangers(operation, context)
        except BadDocument as bad:
            unfit = unfit_variable(
                bad.operations, variables, schema=self._schema, hide_suggestions=is_stranger(context)
            )
            errors = [*bad.errors[: ERRORS_MAX - len(unfit)], *unfit]
            raise Refused(refusal(errors, context, code=bad.code)) from None
        return operation

    def _documents_of(self, context: Context) -> Documents:
        return self._strangers_documents if is_stranger(context) else self._documents

    async def run(
        self,
        operation: PreparedOperation,
        *,
        variables: Mapping[str, Any] | None,
        context: Context,
        incrementally: bool = False,
    ) -> Outcome:
        """Answer a prepared query or mutation; raises Refused when the caller has asked too much.

        Args:
            incrementally: whether the caller takes an answer bit by bit, if the document wants that.
        """
        self._pay(operation, variables, context)
        data = await self._planned(operation, variables, context)
        if data is not None:
            outcome = Outcome(data=data, planned=PlannedPart.ALL)
        else:
            outcome = await self._ordinary(operation, variables, context, incrementally=incrementally)
            if context.payload_is_planned:
                outcome.planned = PlannedPart.PAYLOAD
            else:
                outcome.planned, outcome.declined = PlannedPart.NONE, context.declined
        outcome.extensions.update(context.extensions)
        if outcome.frames is None:
            settle(context, actual=actual_cost(operation, outcome.data))
        outcome.spending = context.spending
        return outcome

    def _pay(
        self, operation: PreparedOperation, variables: Mapping[str, Any] | None, context: Context
    ) -> None:
        """Take what the operation may cost at most; raises Refused."""
        try:
            points = operation.cost(variables)
        except TooComplex as reason:
            raise Refused(refusal([GraphQLError(str(reason))], context, code="QUERY_TOO_COMPLEX")) from None
        _charge(context, points=points)

    async def _ordinary(
        self,
        operation: PreparedOperation,
        variables: Mapping[str, Any] | None,
        context: Context,
        *,
        incrementally: bool,
    ) -> Outcome:
        planned = self._payloads.of(operation, variables, context) if self._payloads else None
        context.payload_is_planned = planned is not None
        built = (StrawberryGraphQLCoreExecutionContext if incrementally else PlainExecutor).build(
            self._schema,
            planned[0].document if planned else operation.document,
            None,
            context,
            dict(variables or {}),
            operation.name,
            is_awaitable=cast(Any, optimized_is_awaitable),
            hide_suggestions=is_stranger(context),
        )
        if isinstance(built, list):
            return refusal(built, context, code="BAD_USER_INPUT")
        result: Any = built.execute_operation()
        if isawaitable(result):
            result = await result
        if isinstance(result, ExperimentalIncrementalExecutionResults):
            return Outcome(frames=_frames(result, context))
        if planned is not None and self._payloads is not None:
            payload, info = planned
            await self._payloads.fill(payload, result.data, operation, info)
        return outcome_of(result, context)

    def subscribe(
        self, operation: PreparedOperation, *, variables: Mapping[str, Any] | None, context: Context
    ) -> AsyncGenerator[Outcome, None]:
        """Return the answers to a subscription; raises Refused when the caller has asked too much.

        One that can't start gives its errors as the only answer, without data.
        """
        self._pay(operation, variables, context)
        return answers(self._schema, operation, variables=variables, context=context)


def _charge(context: Context, *, points: int) -> None:
    """Take points from the caller's bucket; raises Refused when there aren't enough."""
    spending = spend(context, points=points)
    if not spending.granted:
        message = f"it may cost {spending.requested:,} points, and {spending.left:,} are left"
        outcome = refusal([GraphQLError(message)], context, code="RATE_LIMITED")
        outcome.spending = spending
        raise Refused(outcome)


async def _frames(
    result: ExperimentalIncrementalExecutionResults, context: Context
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the parts of an answer, errors masked in each."""
    yield _frame(result.initial_result, context)
    async for part in result.subsequent_results:
        yield _frame(part, context)


def _frame(part: Any, context: Context) -> dict[str, Any]:
    for piece in (
        part,
        *(getattr(part, "incremental", None) or ()),
        *(getattr(part, "completed", None) or ()),
    ):
        if getattr(piece, "errors", None):
            piece.errors = shown(piece.errors, request_id=context.request_id)
    return cast("dict[str, Any]", part.formatted)
