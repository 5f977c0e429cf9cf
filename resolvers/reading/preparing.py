"""What is kept with an operation: its root fields, each with what the schema says of it and the plans it was given.

It depends on the document and on the values of ``@include`` and ``@skip``, and on nothing else of a request.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.values import VariableValues

from domain.workspaces.rules import Permission
from resolvers.reading.describe import Description, Entity
from resolvers.reading.plan import Below, Branches, Complete, Constant, ObjectPlan, PagePlan, Unplannable
from resolvers.reading.planner import Planner, Selecting, Vocabulary

STATEMENTS_MAX = 64
"""Statements one operation may keep: a filter with many forms has many; beyond, they are written anew."""

DescribeRoot = Callable[[VariableValues, Any], Description | None]
"""Variables and info -> what a root field reads; None reads as null."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RootReading:
    """A root field that describes what it reads.

    Attributes:
        type_name: the type of the object or the connection that it shows.
        permission: what the caller needs.
        describe: a field node -> the description for given variables.
    """

    type_name: str
    permission: Permission
    describe: Callable[[FieldNode], DescribeRoot]


@dataclass(frozen=True, slots=True)
class RootResolving:
    """A root field whose value its resolver makes.

    Attributes:
        permissions: what the caller needs.
        complete: binds field nodes to their ``Complete``; raises Unplannable.
    """

    permissions: tuple[Permission, ...]
    complete: Callable[[Sequence[FieldNode], Selecting], Complete]


class RootVocabulary(Vocabulary, Protocol):
    """What the engine must know of the schema."""

    def root_of(self, field_name: str) -> RootReading | RootResolving | None:
        """Return how a field of Query is answered; None when only ordinary execution knows."""

    def variables_of(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
    ) -> VariableValues | None:
        """Return the coerced variables; None when they are wrong."""


class Operation(Protocol):
    """A document that was validated, and the operation that was chosen in it."""

    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    plans: dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the lists in it, in the order of their slots."""

    plan: ObjectPlan | PagePlan
    branches: tuple[Branches, ...]


@dataclass(slots=True)
class Described:
    """A root field of one operation that is read; ``plans`` has one for each entity that it was found to show."""

    key: str
    nodes: Sequence[FieldNode]
    reading: RootReading
    describe: DescribeRoot
    plans: dict[str, Planned | str] = field(default_factory=dict)

    def plan(self, entity: Entity, selecting: Selecting, *, is_list: bool) -> Planned:
        """Return the plan of an entity's object, or page; raises Unplannable."""
        return kept(self.plans, entity.prefix, lambda: self._plan(entity, selecting, is_list=is_list))

    def _plan(self, entity: Entity, selecting: Selecting, *, is_list: bool) -> Planned:
        planner = Planner(selecting)
        plan: ObjectPlan | PagePlan
        if is_list:
            plan = planner.page(entity, self.reading.type_name, self.nodes)
        else:
            plan = planner.object(entity, selecting.vocabulary.type_name_of(entity), self.nodes)
        return Planned(plan, tuple(sorted(_branches(plan), key=lambda item: item.slot)))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A root field of one operation whose value its resolver makes."""

    key: str
    permissions: tuple[Permission, ...]
    complete: Complete


@dataclass(slots=True)
class Prepared:
    """The root fields of one operation, in the order of the answer, and the statements that were written for them."""

    roots: Sequence[Described | Resolved | Constant]
    selecting: Selecting
    statements: dict[Any, str] = field(default_factory=dict)

    def statement(self, shape: Any, write: Callable[[], str]) -> str:
        """Return the statement of a shape."""
        found = self.statements.get(shape)
        if found is None:
            if len(self.statements) >= STATEMENTS_MAX:
                self.statements.clear()
            found = self.statements[shape] = write()
        return found


def prepared_query(operation: Operation, variables: VariableValues, vocabulary: RootVocabulary) -> Prepared:
    """Return what is kept with a query; raises Unplannable."""
    key = _conditions(operation, variables)
    return kept(operation.plans, key, lambda: _prepare(operation, variables, vocabulary))


def prepared_object(
    operation: Operation,
    nodes: Sequence[FieldNode],
    entity: Entity,
    variables: VariableValues,
    vocabulary: RootVocabulary,
) -> tuple[Prepared, Described]:
    """Return what is kept about an object that ``nodes`` of an operation select and that is known already."""

    def make() -> tuple[Prepared, Described]:
        selecting = Selecting(operation.fragments, variables.coerced, vocabulary)
        reading = RootReading(vocabulary.type_name_of(entity), Permission.READ, lambda _node: _is_known)
        described = Described("object", nodes, reading, _is_known)
        return Prepared([described], selecting), described

    return kept(operation.plans, (entity.prefix, *_conditions(operation, variables)), make)


def kept(where: dict[Any, Any], key: Any, make: Callable[[], T]) -> T:
    """Return what was made before, or make it; that it can't be made is kept, too, as the reason."""
    found = where.get(key)
    if found is None:
        try:
            found = where[key] = make()
        except Unplannable as reason:
            found = where[key] = str(reason)
    if isinstance(found, str):
        raise Unplannable(found)
    return cast(T, found)


def _is_known(_variables: VariableValues, _info: Any) -> Description | None:
    """Nothing is left to describe: a mutation has changed the object."""
    return None


def _prepare(operation: Operation, variables: VariableValues, vocabulary: RootVocabulary) -> Prepared:
    selecting = Selecting(operation.fragments, variables.coerced, vocabulary)
    found: dict[str, list[FieldNode]] = {}
    selecting.collect("Query", operation.definition.selection_set, found)
    return Prepared([_root(key, nodes, selecting, vocabulary) for key, nodes in found.items()], selecting)


def _root(
    key: str, nodes: Sequence[FieldNode], selecting: Selecting, vocabulary: RootVocabulary
) -> Described | Resolved | Constant:
    name = nodes[0].name.value
    if name == "__typename":
        return Constant(key, "Query")
    match vocabulary.root_of(name):
        case RootReading() as reading:
            return Described(key, nodes, reading, reading.describe(nodes[0]))
        case RootResolving(permissions, complete):
            return Resolved(key, permissions, complete(nodes, selecting))
    raise Unplannable(f"Query.{name}")


_CONDITIONS = "conditions"


def _conditions(operation: Operation, variables: VariableValues) -> tuple[Any, ...]:
    """Return the values that ``@include`` and ``@skip`` look at."""
    names = operation.plans.get(_CONDITIONS)
    if names is None:
        names = operation.plans[_CONDITIONS] = _condition_variables(operation)
    return tuple(variables.coerced.get(name) for name in names)


def _condition_variables(operation: Operation) -> tuple[str, ...]:
    names: set[str] = set()
    waiting: list[Any] = [operation.definition.selection_set, *operation.fragments.values()]
    while waiting:
        node = waiting.pop()
        for directive in getattr(node, "directives", None) or ():
            for argument in directive.arguments or ():
                if hasattr(argument.value, "name"):
                    names.add(argument.value.name.value)
        selections = getattr(node, "selection_set", None)
        waiting.extend(getattr(node, "selections", ()) or (selections.selections if selections else ()))
    return tuple(sorted(names))


def _branches(plan: ObjectPlan | PagePlan) -> list[Branches]:
    found: list[Branches] = []
    for of in plan.objects if isinstance(plan, PagePlan) else (plan,):
        for item in of.items:
            if isinstance(item, Branches):
                found.append(item)
            if isinstance(item, Below):
                found.extend(_branches(item.plan))
    return found
