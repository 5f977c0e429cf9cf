"""Filters: one operator per field, combined by `and`, `or`, `not`; compiled to predicates over the entity.

::

    @conditions(Lead, search="Part of the name.", sort=("created_at", "full_name"))
    class LeadWhere:
        \"\"\"Which leads.\"\"\"

        email: StringFilter | None = None

A field is named like the entity's column, or like the key of one of its relations, and described like it. Every list of
leads, wherever it stands (``schema/lists.py``), is chosen from in these ways.
"""

import dataclasses
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, TypeVar, dataclass_transform
from uuid import UUID

import strawberry

from domain.errors import Invalid
from resolvers.reading.describe import EVERYTHING, Entity, Many, One, Predicate
from schema.nodes import prefix_of
from schema.operators import (
    LIST_MAX,
    Between,
    BooleanFilter,
    DateFilter,
    DateTimeFilter,
    EnumFilter,
    FloatFilter,
    IDFilter,
    IntFilter,
    StringFilter,
)

__all__ = [
    "BooleanFilter",
    "DateFilter",
    "DateTimeFilter",
    "EnumFilter",
    "FloatFilter",
    "IDFilter",
    "IntFilter",
    "StringFilter",
    "choices_of",
    "conditions",
    "predicate_of",
    "search_of",
]

T = TypeVar("T", bound=type)

_OPERATORS: dict[str, str] = {
    "eq": "{column} = {{}}",
    "in_": "{column} = ANY ({{}})",
    "gt": "{column} > {{}}",
    "gte": "{column} >= {{}}",
    "lt": "{column} < {{}}",
    "lte": "{column} <= {{}}",
    "between": "{column} BETWEEN {{}} AND {{}}",
    "contains": "{column} ILIKE {{}}",
    "starts_with": "starts_with({column}, {{}})",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """What callers choose by in every list of a type, beside the page.

    Attributes:
        where: the `…Where` input.
        search: what a search looks at, in words; None when there is none.
        sort: fields that callers may sort by.
    """

    where: type
    search: str | None
    sort: tuple[str, ...]


def choices_of(type_: type) -> Choices | None:
    """Return what callers choose by in lists of a type; None when it is nothing but the page."""
    return getattr(type_, "__choices__", None)


@dataclass_transform(field_specifiers=(strawberry.field,), kw_only_default=True)
def conditions(type_: Any, *, sort: Sequence[str], search: str | None = None) -> Callable[[T], T]:
    """Make a `…Where` input of a class: `and`, `or` and `not` are added, descriptions are the entity's.

    Args:
        sort: fields that lists of the type may be sorted by.
        search: what a search looks at, in words; the entity says how.
    """

    def decorate(cls: T) -> T:
        described = _descriptions(type_)
        for name in cls.__annotations__:
            setattr(cls, name, strawberry.field(default=None, description=described[name]))
        for name, annotation, description in (
            ("and", list[cls] | None, "All of these hold."),  # type: ignore[valid-type]
            ("or", list[cls] | None, "At least one of these holds."),  # type: ignore[valid-type]
            ("not", cls | None, "This doesn't hold."),
        ):
            cls.__annotations__[f"{name}_"] = annotation
            setattr(cls, f"{name}_", strawberry.field(name=name, default=None, description=description))
        where = strawberry.input(cls, description=f"{cls.__doc__} All that is given must hold.")
        type_.__choices__ = Choices(where, search, tuple(sort))
        return where

    return decorate


def _descriptions(type_: Any) -> dict[str, str]:
    """What a filter can name -> the description of the field that shows it."""
    described: dict[str, str] = {}
    for field in type_.__strawberry_definition__.fields:
        match field.metadata.get("reading"):
            case One(key):
                described.setdefault(key, field.description)
            case Many():
                pass
            case _:
                described[field.python_name] = field.description
    return described


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
    return Predicate(_OPERATORS[operator].format(column=column), _bound(filter_, operator, value, name))


def _bound(filter_: Any, operator: str, value: Any, name: str) -> tuple[Any, ...]:
    """Return the values that an operator compares with."""
    if isinstance(value, Between):
        if value.from_ > value.to:
            raise Invalid("a range begins before it ends", field=("where", name))
        return (value.from_, value.to)
    if operator == "contains":
        escaped = value.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        return (f"%{escaped}%",)
    if isinstance(value, list):
        return (tuple(_plain(filter_, item, name) for item in value),)
    return (_plain(filter_, value, name),)


def _plain(filter_: Any, value: Any, name: str) -> Any:
    if isinstance(value, Enum):
        return value.value
    return _row_id(value, name) if isinstance(filter_, IDFilter) else value


def _row_id(id_: str, name: str) -> UUID:
    """Return the row id inside a global id; a field named after a kind of objects takes ids of such alone."""
    prefix, _, text = id_.rpartition("_")
    expected = prefix_of(name.removesuffix("_id"))
    if expected is not None and prefix != expected:
        raise Invalid(f"not an id of this kind; those start with {expected}_", field=("where", name))
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("not an id", field=("where", name)) from None


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
