"""The operators that a filter has for each kind of value."""

from datetime import date
from enum import Enum
from typing import Any, Generic, TypeVar

import strawberry

from schema.scalars import DateTime

E = TypeVar("E", bound=Enum)
V = TypeVar("V", int, float, date, DateTime)

LIST_MAX = 250


def _operator(description: str, *, name: str | None = None) -> Any:
    return strawberry.field(name=name, default=None, description=description)


def _one_of() -> Any:
    return _operator(f"One of these, up to {LIST_MAX}.", name="in")


def _is_null() -> Any:
    return _operator("Absent (true) or present (false).")


@strawberry.input(description="From one value to another, both of them included.")
class Between(Generic[V]):
    """A closed range."""

    from_: V = strawberry.field(name="from", description="The least.")
    to: V = strawberry.field(description="The greatest; not below `from`.")


@strawberry.input(description="A condition on a text; give exactly one operator.")
class StringFilter:
    """A condition on a text."""

    eq: str | None = _operator("Equal.")
    in_: list[str] | None = _one_of()
    contains: str | None = _operator("Contains, ignoring case.")
    starts_with: str | None = _operator("Starts with, exactly.")
    is_null: bool | None = _is_null()


@strawberry.input(description="A condition on an id; give exactly one operator.")
class IDFilter:
    """A condition on an id."""

    eq: strawberry.ID | None = _operator("Equal.")
    in_: list[strawberry.ID] | None = _one_of()
    is_null: bool | None = _is_null()


@strawberry.input(description="A condition on a whole number of 32 bits; give exactly one operator.")
class IntFilter:
    """A condition on a number."""

    eq: int | None = _operator("Equal.")
    in_: list[int] | None = _one_of()
    gt: int | None = _operator("Greater.")
    gte: int | None = _operator("Greater or equal.")
    lt: int | None = _operator("Less.")
    lte: int | None = _operator("Less or equal.")
    between: Between[int] | None = _operator("In this range.")
    is_null: bool | None = _is_null()


@strawberry.input(description="A condition on a number; give exactly one operator.")
class FloatFilter:
    """A condition on a number with a fraction."""

    gt: float | None = _operator("Greater.")
    gte: float | None = _operator("Greater or equal.")
    lt: float | None = _operator("Less.")
    lte: float | None = _operator("Less or equal.")
    between: Between[float] | None = _operator("In this range.")


@strawberry.input(description="A condition on a truth value.")
class BooleanFilter:
    """A condition on a truth value."""

    eq: bool | None = _operator("Equal.")


@strawberry.input(description="A condition on a day; give exactly one operator.")
class DateFilter:
    """A condition on a day."""

    eq: date | None = _operator("That day.")
    gt: date | None = _operator("After.")
    gte: date | None = _operator("On or after.")
    lt: date | None = _operator("Before.")
    lte: date | None = _operator("On or before.")
    between: Between[date] | None = _operator("In this range.")
    is_null: bool | None = _is_null()


@strawberry.input(description="A condition on a moment; give exactly one operator.")
class DateTimeFilter:
    """A condition on a moment."""

    gt: DateTime | None = _operator("After.")
    gte: DateTime | None = _operator("At or after.")
    lt: DateTime | None = _operator("Before.")
    lte: DateTime | None = _operator("At or before.")
    between: Between[DateTime] | None = _operator("In this range.")
    is_null: bool | None = _is_null()


@strawberry.input(description="A condition on one of a fixed set of values; give exactly one operator.")
class EnumFilter(Generic[E]):
    """A condition on an enum."""

    eq: E | None = _operator("Equal.")
    in_: list[E] | None = _one_of()
    is_null: bool | None = _is_null()
