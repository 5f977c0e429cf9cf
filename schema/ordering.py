"""`orderBy`: what a list can be sorted by, declared by the names of the entity's fields."""

import functools
from collections.abc import Sequence
from enum import Enum
from typing import Any

import strawberry

from domain.errors import Invalid
from resolvers.reading.describe import Order

KEYS_MAX = 4


@strawberry.enum(description="Which way to sort.")
class Direction(Enum):
    """Which way to sort."""

    ASC = strawberry.enum_value("ASC", description="The smallest, oldest or alphabetically first leads.")
    DESC = strawberry.enum_value("DESC", description="The largest, newest or alphabetically last leads.")


@strawberry.enum(description="Where objects go that have no value to sort by, whichever way one sorts.")
class Nulls(Enum):
    """Where absent values go."""

    FIRST = strawberry.enum_value("FIRST", description="Before all others.")
    LAST = strawberry.enum_value("LAST", description="After all others.")


@functools.cache
def ordering(type_: type, fields: tuple[str, ...]) -> type:
    """Return the input `…Order` of an entity; each key is described like the field it sorts by.

    Args:
        fields: Python names of fields that read a column.
    """
    name: str = type_.__strawberry_definition__.name  # type: ignore[attr-defined]
    described = {field.python_name: field.description for field in _fields(type_)}
    values = {field.upper(): strawberry.enum_value(field, description=described[field]) for field in fields}
    cls: type[Enum] = Enum(f"{name}OrderField", values)  # type: ignore[misc]
    keys = strawberry.enum(cls, description=f"What a list of {name} can be sorted by.")

    class Key:
        field: keys = strawberry.field(description="By what.")  # type: ignore[valid-type]
        direction: Direction = strawberry.field(default=Direction.ASC, description="Which way.")
        nulls: Nulls = strawberry.field(default=Nulls.LAST, description="Where absent values go.")

    return strawberry.input(Key, name=f"{name}Order", description=f"A sort key of a list of {name}.")


def order_of(order_by: Sequence[Any] | None, default: tuple[Order, ...] = ()) -> tuple[Order, ...]:
    """Compile `orderBy`; raises Invalid for more than 4 keys."""
    if not order_by:
        return default
    if len(order_by) > KEYS_MAX:
        raise Invalid(f"at most {KEYS_MAX} sort keys", field=("orderBy",))
    return tuple(
        Order(
            item.field.value,
            descending=item.direction is Direction.DESC,
            nulls_first=item.nulls is Nulls.FIRST,
        )
        for item in order_by
    )


def _fields(type_: type) -> list[Any]:
    fields: list[Any] = type_.__strawberry_definition__.fields  # type: ignore[attr-defined]
    return fields
