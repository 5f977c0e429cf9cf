"""From descriptions to SQL: select lists, keyset conditions and ordering. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.reading.describe import EVERYTHING, Entity, Order, Predicate


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``$1…`` and its values."""

    sql: str
    values: tuple[Any, ...]


def numbered(sql: str, values: Sequence[Any], *, start: int = 1) -> str:
    """Replace each ``{}`` by ``$n``, counting from ``start``; the number of both must agree."""
    parts = sql.split("{}")
    if len(parts) != len(values) + 1:
        raise ValueError(f"{len(parts) - 1} places for {len(values)} values in {sql!r}")
    return "".join(
        part + (f"${start + index}" if index < len(values) else "") for index, part in enumerate(parts)
    )


def select_list(entity: Entity) -> str:
    """Return the select list: every readable column under its field's name, the id and the table."""
    columns = "".join(f', {sql} AS "{name}"' for name, sql in entity.columns.items())
    return f"""t.id AS "id", '{entity.table}' AS "__table"{columns}"""


def complete(order: Sequence[Order]) -> tuple[Order, ...]:
    """Return the order with the id as the last key, so that it is total."""
    return (*order, Order("id", descending=bool(order) and order[-1].descending))


def order_by(entity: Entity, order: Sequence[Order], *, backward: bool) -> str:
    """Return the ORDER BY list; turned round when a page is read backwards."""
    return ", ".join(
        f"{_column(entity, key)} {'DESC' if key.descending != backward else 'ASC'}"
        f" NULLS {'FIRST' if key.nulls_first != backward else 'LAST'}"
        for key in order
    )


def beyond(entity: Entity, order: Sequence[Order], keys: Sequence[Any], *, backward: bool) -> Predicate:
    """Return the keyset condition: rows that come after ``keys`` in the order (before, when backward)."""
    condition: Predicate = ~EVERYTHING
    same = EVERYTHING
    for key, value in zip(order, keys, strict=True):
        column = _column(entity, key)
        condition |= same & _further(column, value, key, backward=backward)
        same &= Predicate(f"{column} IS NULL") if value is None else Predicate(f"{column} = {{}}", (value,))
    return condition


def _further(column: str, value: Any, key: Order, *, backward: bool) -> Predicate:
    nulls_follow = key.nulls_first == backward
    if value is None:
        return ~EVERYTHING if nulls_follow else Predicate(f"{column} IS NOT NULL")
    operator = "<" if key.descending != backward else ">"
    further = Predicate(f"{column} {operator} {{}}", (value,))
    return further | Predicate(f"{column} IS NULL") if nulls_follow else further


def _column(entity: Entity, key: Order) -> str:
    return "t.id" if key.field == "id" else entity.columns[key.field]
