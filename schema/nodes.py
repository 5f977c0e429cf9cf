"""Objects with an id, and how a type says what its fields read.

::

    @entity("company", prefix="comp")
    class Company(Node):
        \"\"\"A firm.\"\"\"

        name: str = column(description="As the firm writes it.")
        owner: Member | None = one(key="owner_id", target=lambda: Member, description="Who looks after it.")

A field is declared once: the same declaration feeds the ordinary executor, the loaders and the planner. Lists of other
objects are declared with ``many`` (``schema/lists.py``).
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, dataclass_transform, get_args
from uuid import UUID

import strawberry

from domain.errors import Invalid
from domain.workspaces.rules import Permission
from resolvers.reading.describe import (
    EVERYTHING,
    Column,
    Computed,
    Entity,
    Latest,
    One,
    Order,
    Part,
    Predicate,
    Reading,
    Reference,
    Rows,
    Single,
)
from schema.info import Info

ENTITIES: dict[str, type] = {}
"""Prefix of the global id -> the type."""

T = TypeVar("T", bound=type)


@strawberry.interface(description="An object with an id that stays the same for ever.")
class Node:
    """Relay's Node."""

    @strawberry.field(description="Opaque, globally unique; starts with the kind of object.")
    def id(self) -> strawberry.ID:
        """Build the id from the row."""
        row: Any = self
        return strawberry.ID(global_id(TABLES[row["__table"]], row["id"]))


TABLES: dict[str, str] = {}
"""Table -> prefix."""

RIGHTS: dict[str, Permission] = {}
"""Prefix -> what one needs to read such an object by its id."""


def global_id(prefix: str, id_: UUID) -> str:
    """Return ``prefix_uuid``."""
    return f"{prefix}_{id_}"


def read_id(id_: str, of: type, *, field: str = "id", within: tuple[str, ...] = ("input",)) -> UUID:
    """Return the row id inside a global id of the given type.

    Args:
        field: where it stands, for the error.
        within: what that is a field of; nothing for an argument.

    Raises:
        Invalid: it is another type's, or none.
    """
    prefix, _, text = id_.rpartition("_")
    expected = entity_of(of).prefix
    if prefix == expected:
        try:
            return UUID(text)
        except ValueError:
            pass
    raise Invalid(f"not the id of a {of.__name__}; those start with {expected}_", field=(*within, field))


def read_optional_id(id_: str | None, of: type, *, field: str = "id") -> UUID | None:
    """Like ``read_id``, but None stays None."""
    return None if id_ is None else read_id(id_, of, field=field)


def read_any_id(id_: str) -> Single | None:
    """Return what an id points to, or None when no such kind exists."""
    prefix, _, text = id_.rpartition("_")
    type_ = ENTITIES.get(prefix)
    try:
        return Single(entity_of(type_), UUID(text)) if type_ else None
    except ValueError:
        return None


def prefix_of(kind: str) -> str | None:
    """Return what ids of a kind start with, by the kind's table or by that prefix itself; None for another word."""
    return TABLES.get(kind) or (kind if kind in ENTITIES else None)


def type_of(prefix: str) -> type:
    """Return the type whose ids start with a prefix; for modules that can't import each other."""
    return ENTITIES[prefix]


def entity_of(type_: type) -> Entity:
    """Return what a type reads."""
    found: Entity = type_.__entity__  # type: ignore[attr-defined]
    return found


@dataclass_transform(field_specifiers=(strawberry.field,), kw_only_default=True)
def entity(
    table: str,
    *,
    prefix: str,
    search: str | None = None,
    tenant: str = "workspace_id",
    permission: Permission = Permission.READ,
    counted: bool = False,
) -> Callable[[T], T]:
    """Make a Strawberry type of a class and register what its fields read.

    Args:
        permission: what `node` asks of the caller; lists and relations say theirs themselves.
        counted: whether the table's migration says ``counted``, so that the whole list's total needn't be counted.
    """

    def decorate(cls: T) -> T:
        cls.is_type_of = classmethod(  # type: ignore[attr-defined]
            lambda _cls, row, _info: row["__table"] == table
        )
        type_: Any = strawberry.type(cls, description=cls.__doc__)
        readings = _readings_of(type_)
        required = _required(cls, readings)
        type_.__entity__ = Entity(table, prefix, readings, search, tenant, required, counted)
        ENTITIES[prefix] = type_
        TABLES[table] = prefix
        RIGHTS[prefix] = permission
        return type_

    return decorate


def inline(table: str = "") -> Callable[[T], T]:
    """Let a Strawberry type be planned as part of a row of ``table``, or as what ``rows`` selects."""

    def decorate(type_: T) -> T:
        type_.__entity__ = Entity(table, table, _readings_of(type_))  # type: ignore[attr-defined]
        return type_

    return decorate


def _readings_of(type_: Any) -> dict[str, Reading]:
    return {
        field.python_name: _named(field.metadata["reading"], field.python_name)
        for field in type_.__strawberry_definition__.fields
        if "reading" in field.metadata
    }


def _required(cls: type, readings: Mapping[str, Reading]) -> frozenset[str]:
    """Return the plain columns that are never null: their fields aren't, either."""
    return frozenset(
        name
        for name, annotation in cls.__annotations__.items()
        if readings.get(name) == Column(f"t.{name}")
        and not isinstance(annotation, str)
        and type(None) not in get_args(annotation)
    )


def _named(reading: Reading, name: str) -> Reading:
    """A column without SQL reads the column of the field's name."""
    return Column(f"t.{name}") if reading == Column("") else reading


def column(sql: str | None = None, *, description: str, **options: Any) -> Any:
    """Declare a field that reads the column of its own name, or a cheap SQL expression over ``t``."""
    return strawberry.field(description=description, metadata={"reading": Column(sql or "")}, **options)


def reference(table: str, *, description: str, sql: str | None = None) -> Any:
    """Declare the field ``<table>_id``: the global id of the object whose id stands in that column, or in ``sql``."""
    name = f"{table}_id"

    def resolve(root: Any) -> strawberry.ID | None:
        id_ = root[name]
        return None if id_ is None else strawberry.ID(global_id(TABLES.get(table, table), id_))

    resolver: Callable[..., strawberry.ID | None] = resolve
    reading = Reference(sql or f"t.{name}", lambda: TABLES.get(table, table))
    return strawberry.field(resolver=resolver, description=description, metadata={"reading": reading})


def computed(*, needs: tuple[str, ...] = ("id",), description: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field that a method makes from the columns ``needs`` of the row; it may look things up.

    The planner reads these columns and calls the method with them, and with nothing else of the row.
    """

    def declare(method: Callable[..., Any]) -> Any:
        return strawberry.field(
            resolver=method, description=description, metadata={"reading": Computed(needs)}
        )

    return declare


def part(*, target: Callable[[], type], description: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a field whose object is planned as part of this row; the method answers in ordinary execution.

    When something is asked of the object that only Python knows, the planner calls the method, too.
    """

    def declare(method: Callable[..., Any]) -> Any:
        reading = Part(lambda: entity_of(target()))
        return strawberry.field(resolver=method, description=description, metadata={"reading": reading})

    return declare


def rows(sql: str, *, target: Callable[[], type], description: str) -> Any:
    """Declare a field that lists what a SELECT over ``t`` finds; its columns are the target's."""
    return strawberry.field(
        description=description, metadata={"reading": Rows(sql, lambda: entity_of(target()))}
    )


def one(*, key: str, target: Callable[[], type], description: str) -> Any:
    """Declare a field that shows the object whose id stands in the column ``key``."""

    async def resolve(root: Any, info: Info) -> Any:
        id_ = root[key]
        return None if id_ is None else await info.context.reader.one(Single(entity_of(target()), id_))

    return strawberry.field(
        resolver=resolve, description=description, metadata={"reading": One(key, lambda: entity_of(target()))}
    )


def latest(
    *,
    key: str,
    target: Callable[[], type],
    description: str,
    order: tuple[Order, ...] = (Order("created_at", descending=True),),
    where: Predicate = EVERYTHING,
) -> Any:
    """Declare a field that shows the first, in ``order``, of the objects whose ``key`` holds this object's id."""
    reading = Latest(key, lambda: entity_of(target()), order, where)

    async def resolve(root: Any, info: Info) -> Any:
        return await info.context.reader.first_child(reading, parent_id=root["id"])

    return strawberry.field(resolver=resolve, description=description, metadata={"reading": reading})
