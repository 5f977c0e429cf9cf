"""What is read, as values: which column of which table goes under which key. No SQL is composed here, no I/O done.

A plan depends on the document, the type that is read and the values of ``@include`` and ``@skip``; never on other
variables. What depends on them (filters, pages) are *slots*: places in the plan that a request fills with listings.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql.execution.values import VariableValues

from resolvers.reading.describe import Entity, Latest, Listing, Many, One


class Unplannable(Exception):
    """The operation holds something that only ordinary execution can answer; the text says what."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the row: SQL over ``t``, as it goes into the answer."""

    key: str
    sql: str


@dataclass(frozen=True, slots=True)
class Constant:
    """What doesn't depend on the row: ``__typename``."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Branch:
    """Another object, or null."""

    key: str
    reading: One | Latest
    plan: "ObjectPlan"


@dataclass(frozen=True, slots=True)
class Inline:
    """An object, or with ``sql`` a list of objects, that is part of the row."""

    key: str
    plan: "ObjectPlan"
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class Branches:
    """A page of other objects; ``slot`` is where a request puts their listing."""

    key: str
    reading: Many
    plan: "PagePlan"
    slot: int
    describe: "Describe"


@dataclass(frozen=True, slots=True)
class Completion:
    """A value that Python makes from ``needs``, columns that travel beside the answer."""

    key: str
    needs: tuple[str, ...]
    complete: "Complete"


Below = Branch | Inline | Branches
Item = Leaf | Constant | Branch | Inline | Branches | Completion


@dataclass(frozen=True, slots=True)
class ObjectPlan:
    """What is read of one object."""

    entity: Entity
    items: tuple["Item", ...]

    @property
    def is_finished_by_python(self) -> bool:
        """Whether something in it, or below it, is a completion."""
        return any(
            isinstance(item, Completion) or (isinstance(item, Below) and item.plan.is_finished_by_python)
            for item in self.items
        )


@dataclass(frozen=True, slots=True)
class Nodes:
    """The page's objects."""

    key: str
    plan: ObjectPlan


@dataclass(frozen=True, slots=True)
class Cursor:
    """An object's place in the list."""

    key: str


@dataclass(frozen=True, slots=True)
class Edges:
    """The page's objects with their cursors."""

    key: str
    items: tuple[Constant | Cursor | Nodes, ...]

    @property
    def nodes(self) -> Iterator[Nodes]:
        """What is read of each object; usually once."""
        return (item for item in self.items if isinstance(item, Nodes))


@dataclass(frozen=True, slots=True)
class Info:
    """Where the page stands: key -> field of ``PageInfo``, or ``__typename``."""

    key: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Total:
    """How many the whole list has."""

    key: str


PageItem = Constant | Nodes | Edges | Info | Total


@dataclass(frozen=True, slots=True)
class PagePlan:
    """What is read of one page of a list."""

    entity: Entity
    items: tuple[PageItem, ...]

    @property
    def objects(self) -> Iterator[ObjectPlan]:
        """Every plan of the page's objects; usually one."""
        for item in self.items:
            if isinstance(item, Nodes):
                yield item.plan
            elif isinstance(item, Edges):
                yield from (nodes.plan for nodes in item.nodes)

    @property
    def is_finished_by_python(self) -> bool:
        """Whether something in it is a completion."""
        return any(plan.is_finished_by_python for plan in self.objects)

    @property
    def shows_cursors(self) -> bool:
        """Whether a cursor is asked for."""
        return any(
            (isinstance(item, Edges) and any(isinstance(shown, Cursor) for shown in item.items))
            or (isinstance(item, Info) and {"startCursor", "endCursor"} & set(item.fields.values()))
            for item in self.items
        )

    @property
    def looks_ahead(self) -> bool:
        """Whether it must be known if further rows follow."""
        return any(
            isinstance(item, Info) and {"hasNextPage", "hasPreviousPage"} & set(item.fields.values())
            for item in self.items
        )


Describe = Callable[[VariableValues, Any], Listing]
"""Variables and info -> the listing that a field's arguments ask for."""

Complete = Callable[[Any, Any], Any]
"""A row of ``needs`` and info -> the value under the key; may be awaitable."""
