"""Answers a query by one planned statement, or declines, and then ordinary execution answers it.

Root fields that describe what they read go into the statement; those whose resolver makes their value are resolved
beside it. Declining is always right: whatever can't be planned, and whatever goes wrong here, ends there, so that
errors are the specification's. ``Tally`` counts how often and why.
"""

import asyncio
import inspect
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import structlog
from asyncpg import PostgresError
from graphql import FieldNode, OperationType
from graphql.execution.values import VariableValues

from domain.actor import require
from domain.errors import DomainError
from resolvers.reading import sql
from resolvers.reading.describe import EVERYTHING, Description, Entity, Group, Listing, Several, Single
from resolvers.reading.finish import finish
from resolvers.reading.plan import Branches, Constant, PagePlan, Unplannable
from resolvers.reading.preparing import (
    Described,
    Operation,
    Prepared,
    Resolved,
    RootVocabulary,
    prepared_object,
    prepared_query,
)
from resolvers.reading.statement import Bound, Root, statement_of, values_of

if TYPE_CHECKING:
    from resolvers.context import Context

log = structlog.get_logger(__name__)

NO_ID = UUID(int=0)


@dataclass(slots=True)
class Tally:
    """How many operations were answered by the engine, and why the others weren't."""

    planned: int = 0
    declined: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a field's resolver gets as ``info``: enough for descriptions and completions."""

    context: "Context"
    variables: VariableValues


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks of one root field: a root of the statement, or one for each kind of several objects."""

    key: str
    description: Description
    roots: tuple[Root, ...]

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the statement's text depends on."""
        return (self.key, *(slot.shape for root in self.roots for slot in root.slots))

    def answer(self, parts: Sequence[bytes]) -> bytes:
        """Return the field's JSON, made of its roots'."""
        if not isinstance(self.description, Several):
            return parts[0]
        singles = self.description.singles
        if len(parts) == 1 and None not in singles:
            return parts[0]
        found = {
            root.plan.entity.prefix: iter(orjson.loads(part))
            for root, part in zip(self.roots, parts, strict=True)
        }
        return orjson.dumps([single and next(found[single.entity.prefix]) for single in singles])


class ReadEngine:
    """Reads for the whole process."""

    def __init__(self, vocabulary: RootVocabulary) -> None:
        self._vocabulary = vocabulary
        self.tally = Tally()

    async def answer(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> bytes | None:
        """Return the operation's ``data`` as JSON, or None when ordinary execution must answer."""
        try:
            data = await self._answer(operation, variables, context)
        except Unplannable as reason:
            self._decline(str(reason), context)
            return None
        except (DomainError, PostgresError) as error:
            self._decline(type(error).__name__, context)
            return None
        except Exception as error:  # a fault of ours must not cost the caller the answer
            self._decline(type(error).__name__, context)
            log.warning("plan_failed", exc_info=True)
            return None
        self.tally.planned += 1
        return data

    async def read_object(
        self, operation: Operation, nodes: Sequence[FieldNode], single: Single, info: Reading
    ) -> bytes:
        """Return one object, selected by ``nodes`` of an operation that isn't a query; ``null`` when it is absent.

        Raises:
            Unplannable: something of it only ordinary execution can answer; ``can_read`` tells before.
        """
        prepared, asked = self._object(operation, nodes, single, info)
        answers = await _read(prepared, [asked], info)
        return answers[asked.key]

    def can_read(
        self, operation: Operation, nodes: Sequence[FieldNode], entity: Entity, info: Reading
    ) -> bool:
        """Tell whether ``read_object`` can answer."""
        try:
            self._object(operation, nodes, Single(entity, NO_ID), info)
        except (Unplannable, DomainError) as reason:
            self.tally.declined[str(reason)] += 1
            return False
        return True

    def explain(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> tuple[str, list[Any]]:
        """Return the statement and its values; raises Unplannable, and DomainError for wrong arguments."""
        prepared, asked, _ = self._ask(operation, variables, context)
        if not asked:
            raise Unplannable("none of its root fields describes what it reads")
        return _statement(prepared, asked, context.reader.workspace_id)

    def _decline(self, reason: str, context: "Context") -> None:
        self.tally.declined[reason] += 1
        context.declined = reason

    async def _answer(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> bytes:
        if operation.definition.operation is not OperationType.QUERY:
            raise Unplannable(operation.definition.operation.value)
        prepared, asked, info = self._ask(operation, variables, context)
        answers = await _read(prepared, asked, info) if asked else {}
        resolved = [root for root in prepared.roots if isinstance(root, Resolved)]
        if resolved:
            answers |= await _resolve(resolved, info)
        return _spliced(prepared, answers)

    def _ask(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> tuple[Prepared, list[Asked], Reading]:
        coerced = self._vocabulary.variables_of(operation.definition, variables)
        if coerced is None:
            raise Unplannable("variables")
        info = Reading(context, coerced)
        prepared = prepared_query(operation, coerced, self._vocabulary)
        asked = []
        for root in prepared.roots:
            if isinstance(root, Described):
                require(context.actor, root.reading.permission)
                description = root.describe(coerced, info)
                if description is not None:
                    asked.append(_ask(prepared, root, description, info))
        return prepared, asked, info

    def _object(
        self, operation: Operation, nodes: Sequence[FieldNode], single: Single, info: Reading
    ) -> tuple[Prepared, Asked]:
        prepared, root = prepared_object(operation, nodes, single.entity, info.variables, self._vocabulary)
        return prepared, _ask(prepared, root, single, info)


def _ask(prepared: Prepared, root: Described, description: Description, info: Reading) -> Asked:
    """Fill the slots of a root field's plans."""
    kinds = description.by_kind if isinstance(description, Several) else (description,)
    return Asked(root.key, description, tuple(_bound(prepared, root, kind, info) for kind in kinds))


def _bound(prepared: Prepared, root: Described, description: Listing | Single | Group, info: Reading) -> Root:
    is_list = isinstance(description, Listing)
    planned = root.plan(description.entity, prepared.selecting, is_list=is_list)
    if isinstance(planned.plan, PagePlan) and isinstance(description, Listing):
        first = _bind(description, planned.plan, info.context)
    else:
        first = Bound(description)
    of = description.id if isinstance(description, Single) else None
    own = planned.plan.items
    below = (_bind_below(item, info, parent_id=of if item in own else None) for item in planned.branches)
    return Root(planned.plan, [first, *below])


def _bind_below(branches: Branches, info: Reading, *, parent_id: UUID | None) -> Bound:
    """Fill the slot of a list below an object; ``parent_id`` is None when only the statement knows it."""
    listing = branches.describe(info.variables, info)
    if listing.page.cursor is not None and parent_id is None:  # it belongs to one parent
        raise Unplannable("a cursor below objects of a list")
    return _bind(listing, branches.plan, info.context, children_of=branches.reading.key, parent_id=parent_id)


def _bind(
    listing: Listing,
    plan: PagePlan,
    context: "Context",
    *,
    children_of: str | None = None,
    parent_id: UUID | None = None,
) -> Bound:
    if not plan.shows_cursors and listing.page.cursor is None:
        return Bound(listing)
    tag = context.services.cursor_key.tag(
        listing, workspace_id=context.reader.workspace_id, children_of=children_of
    )
    further = EVERYTHING
    if listing.page.cursor is not None:
        further = sql.after_cursor(listing, tag=tag, parent_id=parent_id)
    return Bound(listing, further, tag if plan.shows_cursors else None)


def _statement(prepared: Prepared, asked: Sequence[Asked], workspace_id: UUID) -> tuple[str, list[Any]]:
    roots = [root for each in asked for root in each.roots]
    statement = prepared.statement(tuple(each.shape for each in asked), lambda: statement_of(roots))
    return statement, values_of(workspace_id, roots)


async def _read(prepared: Prepared, asked: Sequence[Asked], info: Reading) -> dict[str, bytes]:
    """Return response key -> JSON of what was asked, by one statement."""
    row: Iterable[Any] = ()
    if any(each.roots for each in asked):
        statement, values = _statement(prepared, asked, info.context.reader.workspace_id)
        row = await info.context.services.reads.fetchrow(statement, values)
    columns, answers = iter(row), {}
    for each in asked:
        parts = [await _finished(root, next(columns), info) for root in each.roots]
        answers[each.key] = each.answer(parts)
    return answers


async def _finished(root: Root, answer: bytes | None, info: Reading) -> bytes:
    """Return what PostgreSQL wrote for a root, with what Python adds; ``null`` when there is nothing."""
    if answer is None:
        return b"null"
    return await finish(root.plan, answer, info) if root.plan.is_finished_by_python else answer


async def _resolve(roots: Sequence[Resolved], info: Reading) -> dict[str, bytes]:
    """Return response key -> JSON of what the fields' resolvers make."""
    for permission in {permission for root in roots for permission in root.permissions}:
        require(info.context.actor, permission)
    found = await asyncio.gather(*(_value(root, info) for root in roots))
    return {root.key: orjson.dumps(value) for root, value in zip(roots, found, strict=True)}


async def _value(root: Resolved, info: Reading) -> Any:
    value = root.complete(None, info)
    return await value if inspect.isawaitable(value) else value


def _spliced(prepared: Prepared, answers: Mapping[str, bytes]) -> bytes:
    parts = []
    for root in prepared.roots:
        if isinstance(root, Constant):
            parts.append(b'"%b":"%b"' % (root.key.encode(), root.value.encode()))
        else:
            parts.append(b'"%b":%b' % (root.key.encode(), answers.get(root.key, b"null")))
    return b"{" + b",".join(parts) + b"}"
