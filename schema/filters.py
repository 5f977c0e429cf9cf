"""Filters: one operator per field, combined by `and`, `or`, `not`; compiled to predicates over the entity.

A `…Where` input has fields named like the entity's columns, each of one of the filter types below, and
`and_`, `or_`, `not_` of its own type.
"""

import dataclasses
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

import strawberry

from domain.errors import Invalid
from resolvers.reading.describe import EVERYTHING, Entity, Order, Predicate
from schema.scalars import DateTime

LIST_MAX = 250

E = TypeVar("E", bound=Enum)


@strawberry.input(description="A condition on a text; give exactly one operator.")
class StringFilter:
    """A condition on a text."""

    eq: str | None = strawberry.field(default=None, description="Equal.")
    in_: list[str] | None = strawberry.field(name="in", default=None, description="One of up to 250.")
    contains: str | None = strawberry.field(default=None, description="Contains, ignoring case.")
    starts_with: str | None = strawberry.field(default=None, description="Starts with, exactly.")
    is_null: bool | None = strawberry.field(default=None, description="Absent (true) or present (false).")


@strawberry.input(description="A condition on an id; give exactly one operator.")
class IDFilter:
    """A condition on an id."""

    eq: strawberry.ID | None = strawberry.field(default=None, description="Equal.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=None, description="One of up to 250."
    )
    is_null: bool | None = strawberry.field(default=None, description="Absent (true) or present (false).")


@strawberry.input(description="A condition on a number; give exactly one operator.")
class IntFilter:
    """A condition on a number."""

    eq: int | None = strawberry.field(default=None, description="Equal.")
    gt: int | None = strawberry.field(default=None, description="Greater.")
    gte: int | None = strawberry.field(default=None, description="Greater or equal.")
    lt: int | None = strawberry.field(default=None, description="Less.")
    lte: int | None = strawberry.field(default=None, description="Less or equal.")


@strawberry.input(description="A condition on a truth value.")
class BooleanFilter:
    """A condition on a truth value."""

    eq: bool | None = strawberry.field(default=None, description="Equal.")


@strawberry.input(description="A condition on a moment; give exactly one operator.")
class DateTimeFilter:
    """A condition on a moment."""

    gt: DateTime | None = strawberry.field(default=None, description="After.")
    gte: DateTime | None = strawberry.field(default=None, description="At or after.")
    lt: DateTime | None = strawberry.field(default=None, description="Before.")
    lte: DateTime | None = strawberry.field(default=None, description="At or before.")
    is_null: bool | None = strawberry.field(default=None, description="Absent (true) or present (false).")


@strawberry.input(description="A condition on one of a fixed set of values; give exactly one operator.")
class EnumFilter(Generic[E]):
    """A condition on an enum."""

    eq: E | None = strawberry.field(default=None, description="Equal.")
    in_: list[E] | None = strawberry.field(name="in", default=None, description="One of these.")


@strawberry.enum(description="Which way to sort; absent values always come last.")
class Direction(Enum):
    """Which way to sort."""

    ASC = "ASC"
    DESC = "DESC"


_OPERATORS: dict[str, str] = {
    "eq": "{column} = {{}}",
    "in_": "{column} = ANY ({{}})",
    "gt": "{column} > {{}}",
    "gte": "{column} >= {{}}",
    "lt": "{column} < {{}}",
    "lte": "{column} <= {{}}",
    "contains": "{column} ILIKE {{}}",
    "starts_with": "starts_with({column}, {{}})",
}


def predicate_of(where: Any, entity: Entity) -> Predicate:
    """Compile a `…Where` input; None means everything. Raises Invalid with the field's name."""
    predicate = EVERYTHING
    if where is None:
        return predicate
    for field in dataclasses.fields(where):
        value = getattr(where, field.name)
        if value is None:
            continue
        if field.name in _COMBINATIONS:
            predicate &= _COMBINATIONS[field.name](value, entity)
        else:
            predicate &= _condition(value, entity.columns[field.name], field.name)
    return predicate


def search_of(search: str | None, entity: Entity) -> Predicate:
    """Compile the `search` argument for an entity that can be searched."""
    if search is None or not search.strip():
        return EVERYTHING
    if entity.search is None:
        raise Invalid("this list can't be searched", field=("search",))
    return Predicate(entity.search, (search.strip()[:200],) * entity.search.count("{}"))


def order_of(order_by: Sequence[Any] | None, default: tuple[Order, ...] = ()) -> tuple[Order, ...]:
    """Compile `orderBy`: inputs with `field` (an enum of column names) and `direction`."""
    if not order_by:
        return default
    if len(order_by) > 4:
        raise Invalid("at most 4 sort keys", field=("orderBy",))
    return tuple(Order(item.field.value, item.direction is Direction.DESC) for item in order_by)


def _condition(filter_: Any, column: str, name: str) -> Predicate:
    given = [
        (field.name, value)
        for field in dataclasses.fields(filter_)
        if (value := getattr(filter_, field.name)) is not None
    ]
    if len(given) != 1:
        raise Invalid("give exactly one operator", field=("where", name))
    operator, value = given[0]
    if operator == "is_null":
        return Predicate(f"{column} IS {'' if value else 'NOT '}NULL")
    if isinstance(value, list) and len(value) > LIST_MAX:
        raise Invalid(f"at most {LIST_MAX} values", field=("where", name))
    return Predicate(_OPERATORS[operator].format(column=column), (_bound(filter_, operator, value, name),))


def _bound(filter_: Any, operator: str, value: Any, name: str) -> Any:
    if operator == "contains":
        escaped = value.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return f"%{escaped}%"
    values = [_plain(filter_, item, name) for item in (value if isinstance(value, list) else [value])]
    return tuple(values) if isinstance(value, list) else values[0]


def _plain(filter_: Any, value: Any, name: str) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(filter_, IDFilter):
        try:
            return UUID(value.rpartition("_")[2])
        except ValueError:
            raise Invalid("not an id", field=("where", name)) from None
    return value


def _all(parts: list[Any], entity: Entity) -> Predicate:
    predicate = EVERYTHING
    for part in parts:
        predicate &= predicate_of(part, entity)
    return predicate


def _any(parts: list[Any], entity: Entity) -> Predicate:
    predicate = ~EVERYTHING
    for part in parts:
        predicate |= predicate_of(part, entity)
    return predicate


_COMBINATIONS: dict[str, Callable[[Any, Entity], Predicate]] = {
    "and_": _all,
    "or_": _any,
    "not_": lambda part, entity: ~predicate_of(part, entity),
}
