"""What a type and a root field read, as values.

SQL fragments here are written by us and name columns of the alias ``t``; what a caller sends travels only in
``values``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Column:
    """A field that reads a column, or a cheap SQL expression over the entity's row."""

    sql: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that shows the global id of the object whose id stands in ``sql``."""

    sql: str
    prefix: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Computed:
    """A field that Python makes from columns of the row; ``needs`` names them as the row holds them."""

    needs: tuple[str, ...] = ("id",)


@dataclass(frozen=True, slots=True)
class One:
    """A field that reads the object whose id stands in ``key``, a column of this entity."""

    key: str
    target: Callable[[], "Entity"]


@dataclass(frozen=True, slots=True)
class Latest:
    """A field that reads the first, in ``order``, of the objects whose column ``key`` holds this entity's id."""

    key: str
    target: Callable[[], "Entity"]
    order: tuple["Order", ...]
    where: "Predicate"

    @property
    def listing(self) -> "Listing":
        """The list whose first object it is."""
        return Listing(self.target(), self.where, self.order, Page(1))


@dataclass(frozen=True, slots=True)
class Many:
    """A field that lists the objects whose column ``key`` holds this entity's id."""

    key: str
    target: Callable[[], "Entity"]


@dataclass(frozen=True, slots=True)
class Part:
    """A field that shows the same row as an object of its own, when all that is asked of it is SQL."""

    target: Callable[[], "Entity"]


@dataclass(frozen=True, slots=True)
class Rows:
    """A field that lists the rows of a SELECT, which may name the entity's row ``t``; they have no ids."""

    sql: str
    target: Callable[[], "Entity"]


Reading = Column | Reference | Computed | One | Latest | Many | Part | Rows


@dataclass(frozen=True, slots=True)
class Entity:
    """A table as the API shows it.

    Attributes:
        table: its name; the tenant column of all but ``workspace`` is ``workspace_id``.
        prefix: what global ids start with: ``lead`` in ``lead_0193…``.
        readings: field name -> what it reads.
        search: SQL that is true when the row matches the text ``{}``; None when it can't be searched.
        tenant: the column that holds the workspace.
        required: fields whose column is NOT NULL.
        counted: whether the database keeps the number of a workspace's rows (docs/decisions/0015).
    """

    table: str
    prefix: str
    readings: Mapping[str, Reading] = field(default_factory=dict, hash=False)
    search: str | None = None
    tenant: str = "workspace_id"
    required: frozenset[str] = frozenset()
    counted: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """Field name -> SQL, with the keys that relations need."""
        columns = {
            name: reading.sql
            for name, reading in self.readings.items()
            if isinstance(reading, Column | Reference)
        }
        for reading in self.readings.values():
            if isinstance(reading, One):
                columns.setdefault(reading.key, f"t.{reading.key}")
            elif isinstance(reading, Computed):
                columns.update(
                    {name: columns.get(name, f"t.{name}") for name in reading.needs if name != "id"}
                )
        return columns


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition over ``t``: SQL with ``{}`` where a value goes, and the values in that order."""

    sql: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: "Predicate") -> "Predicate":
        if EVERYTHING in (self, other):
            return other if self == EVERYTHING else self
        return Predicate(f"({self.sql}) AND ({other.sql})", self.values + other.values)

    def __or__(self, other: "Predicate") -> "Predicate":
        return Predicate(f"({self.sql}) OR ({other.sql})", self.values + other.values)

    def __invert__(self) -> "Predicate":
        return Predicate(f"NOT coalesce({self.sql}, false)", self.values)


EVERYTHING = Predicate("true")


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key: a field that reads a column; nulls come last unless they are wanted first."""

    field: str
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: ``limit`` rows after (or, backward, before) a cursor."""

    limit: int = 25
    cursor: str | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The description of a list: whose rows, which, in what order, which page."""

    entity: Entity
    where: Predicate = EVERYTHING
    order: Sequence[Order] = ()
    page: Page = field(default_factory=Page)


@dataclass(frozen=True, slots=True)
class Single:
    """The description of one object by id; absent and foreign ones read as null."""

    entity: Entity
    id: UUID


@dataclass(frozen=True, slots=True)
class Group:
    """The description of objects of one kind by their ids, in that order; absent and foreign ones read as null."""

    entity: Entity
    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """The description of objects of any kinds, in that order; None reads as null."""

    singles: tuple[Single | None, ...]

    @property
    def by_kind(self) -> tuple[Group, ...]:
        """The objects of each kind."""
        kinds: dict[str, list[Single]] = {}
        for single in self.singles:
            if single is not None:
                kinds.setdefault(single.entity.prefix, []).append(single)
        return tuple(Group(of[0].entity, tuple(one.id for one in of)) for of in kinds.values())


Description = Listing | Single | Several
