"""From descriptions to SQL: select lists, keyset conditions and ordering. No I/O."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from resolvers.reading.cursors import CursorInvalid, read_keys
from resolvers.reading.describe import EVERYTHING, Entity, Listing, Order, Predicate

_OF_ROW = re.compile(r"\bt\.")


def numbered(sql: str, values: Sequence[Any], *, start: int = 1) -> str:
    """Replace each ``{}`` by ``$n``, counting from ``start``; the number of both must agree."""
    parts = sql.split("{}")
    if len(parts) != len(values) + 1:
        raise ValueError(f"{len(parts) - 1} places for {len(values)} values in {sql!r}")
    return "".join(
        part + (f"${start + index}" if index < len(values) else "") for index, part in enumerate(parts)
    )


def at(sql: str, alias: str) -> str:
    """Return a fragment over ``t`` as one over another alias."""
    return _OF_ROW.sub(f"{alias}.", sql)


def cursor(entity: Entity, order: Sequence[Order], *, tag: str, children_of: str | None = None) -> str:
    """Return SQL over ``t`` for a row's cursor: the tag and the sort keys in base64url.

    Args:
        order: complete, with the id at its end.
        tag: SQL of the list's tag.
        children_of: the column that names the parent, for a list below an object; it is the first key.
    """
    keys = [f"t.{children_of}"] if children_of else []
    keys += [_column(entity, key) for key in order]
    text = f"convert_to(json_build_array({', '.join(keys)})::text, 'UTF8')"
    return rf"{tag} || translate(encode({text}, 'base64'), E'+/=\n', '-_')"


def select_list(entity: Entity) -> str:
    """Return the select list: every readable column under its field's name, the id and the table."""
    columns = "".join(f', {sql} AS "{name}"' for name, sql in entity.columns.items())
    return f"""t.id AS "id", '{entity.table}' AS "__table"{columns}"""


def complete(order: Sequence[Order]) -> tuple[Order, ...]:
    """Return the order with the id as the last key, so that it is total."""
    if order and order[-1].field == "id":
        return tuple(order)
    return (*order, Order("id", descending=bool(order) and order[-1].descending))


def order_by(entity: Entity, order: Sequence[Order], *, backward: bool) -> str:
    """Return the ORDER BY list; turned round when a page is read backwards.

    Where nulls go is said only of columns that can be null: an index fits no order that says it needlessly.
    """
    return ", ".join(
        f"{_column(entity, key)} {'DESC' if key.descending != backward else 'ASC'}"
        + (
            ""
            if _is_required(entity, key)
            else f" NULLS {'FIRST' if key.nulls_first != backward else 'LAST'}"
        )
        for key in order
    )


def beyond(entity: Entity, order: Sequence[Order], keys: Sequence[Any], *, backward: bool) -> Predicate:
    """Return the keyset condition: rows that come after ``keys`` in the order (before, when backward)."""
    ways = {key.descending for key in order}
    if len(ways) == 1 and all(_is_required(entity, key) for key in order):  # one range of an index
        columns = ", ".join(_column(entity, key) for key in order)
        operator = "<" if ways.pop() != backward else ">"
        return Predicate(f"({columns}) {operator} ({', '.join('{}' for _ in keys)})", tuple(keys))
    condition: Predicate = ~EVERYTHING
    same = EVERYTHING
    for key, value in zip(order, keys, strict=True):
        column = _column(entity, key)
        condition |= same & _further(entity, key, value, backward=backward)
        same &= Predicate(f"{column} IS NULL") if value is None else Predicate(f"{column} = {{}}", (value,))
    return condition


def kept_total(listing: Listing, *, workspace: str, alias: str = "t") -> str | None:
    """Return a SELECT of how many objects a root list has where the database keeps that; None: they must be counted.

    Args:
        workspace: SQL of the workspace's id.
    """
    if not listing.entity.counted or listing.where != EVERYTHING:
        return None
    return (
        f"SELECT coalesce(sum({alias}.delta), 0)::bigint FROM row_count {alias}"
        f" WHERE {alias}.workspace_id = {workspace} AND {alias}.relation = '{listing.entity.table}'"
    )


def after_cursor(listing: Listing, *, tag: str, parent_id: UUID | None = None) -> Predicate:
    """Return the condition of a page that begins at a cursor.

    Args:
        tag: the list's.
        parent_id: for a list below an object, its id.

    Raises:
        CursorInvalid: the cursor belongs to another list, or another parent.
    """
    order, page = complete(listing.order), listing.page
    names = [key.field for key in order]
    if parent_id is not None:
        names.insert(0, "parent_id")
    keys = read_keys(page.cursor or "", tag=tag, names=names)
    if parent_id is not None and keys.pop(0) != parent_id:
        raise CursorInvalid("this cursor belongs to another object's list", field=("after",))
    return beyond(listing.entity, order, keys, backward=page.backward)


def _further(entity: Entity, key: Order, value: Any, *, backward: bool) -> Predicate:
    column, nulls_follow = _column(entity, key), key.nulls_first == backward
    if value is None:
        return ~EVERYTHING if nulls_follow else Predicate(f"{column} IS NOT NULL")
    operator = "<" if key.descending != backward else ">"
    further = Predicate(f"{column} {operator} {{}}", (value,))
    can_be_null = nulls_follow and not _is_required(entity, key)
    return further | Predicate(f"{column} IS NULL") if can_be_null else further


def _is_required(entity: Entity, key: Order) -> bool:
    return key.field == "id" or key.field in entity.required


def _column(entity: Entity, key: Order) -> str:
    return "t.id" if key.field == "id" else entity.columns[key.field]
