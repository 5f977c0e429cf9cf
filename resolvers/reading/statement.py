"""From a plan to one SQL statement whose answer is JSON, as it goes to the client.

``$1`` is the workspace. Each root field is one column of the statement, and within a column the tenant's predicate
stands at the root; relations carry it down, because they join by the composite keys. Values travel apart, in the order
of the slots.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from resolvers.reading import sql
from resolvers.reading.describe import (
    EVERYTHING,
    Entity,
    Group,
    Latest,
    Listing,
    One,
    Order,
    Page,
    Predicate,
    Single,
)
from resolvers.reading.plan import (
    Branch,
    Branches,
    Completion,
    Constant,
    Cursor,
    Edges,
    Info,
    Inline,
    Leaf,
    Nodes,
    ObjectPlan,
    PagePlan,
    Total,
)

HIDDEN = "~"
"""What keys that only completions read begin with; no response key can."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a request put into a slot.

    Attributes:
        further: the cursor's condition.
        tag: what the list's cursors begin with; None when none is shown.
    """

    description: Listing | Single | Group
    further: Predicate = EVERYTHING
    tag: str | None = None

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the statement's text depends on."""
        if not isinstance(self.description, Listing):
            return (self.description.entity.prefix,)
        listing = self.description
        page = listing.page
        return (
            listing.entity.prefix,
            listing.where.sql,
            self.further.sql,
            *listing.order,
            page.limit,
            page.backward,
            page.cursor is not None,
        )

    @property
    def values(self) -> tuple[Any, ...]:
        """The slot's values, in the order of their numbers."""
        if isinstance(self.description, Single):
            return (self.description.id,)
        if isinstance(self.description, Group):
            return (self.description.ids,)
        tag = () if self.tag is None else (self.tag,)
        return (*self.description.where.values, *self.further.values, *tag)


@dataclass(frozen=True, slots=True)
class Root:
    """A root field: its plan, and what fills its slots."""

    plan: ObjectPlan | PagePlan
    slots: Sequence[Bound]


def statement_of(roots: Sequence[Root]) -> str:
    """Return one SELECT with a column of JSON for each root field."""
    columns, number = [], 2
    for root in roots:
        writer = _Writer(root.slots, first=number)
        number = writer.next
        columns.append(_scoped(writer.root(root.plan)))
    return f"SELECT {', '.join(columns)}"


def values_of(workspace_id: UUID, roots: Iterable[Root]) -> list[Any]:
    """Return the statement's values."""
    values: list[Any] = [workspace_id]
    for root in roots:
        for slot in root.slots:
            values.extend(slot.values)
    return values


def _scoped(expression: str) -> str:
    """Scope row-level security in the same round trip; only CASE promises to set it before anything is read."""
    return (
        "CASE WHEN set_config('app.workspace_id', ($1::uuid)::text, true) IS NOT NULL"
        f" THEN ({expression}) END"
    )


class _Writer:
    """Writes the expression of one root field."""

    def __init__(self, slots: Sequence[Bound], *, first: int) -> None:
        self._slots = slots
        self._numbers = []
        for slot in slots:
            self._numbers.append(first)
            first += len(slot.values)
        self.next = first
        self._aliases = 0

    def root(self, plan: ObjectPlan | PagePlan) -> str:
        if isinstance(plan, PagePlan):
            return self._page(plan, 0, tenant=lambda alias: _equals(alias, plan.entity.tenant, "$1"))
        if isinstance(self._slots[0].description, Group):
            one = self._one(plan, id_="wanted.id")
            wanted = f"unnest(${self._numbers[0]}::uuid[]) WITH ORDINALITY wanted (id, place)"
            return f"(SELECT coalesce(json_agg({one} ORDER BY wanted.place), '[]'::json) FROM {wanted})"
        return self._one(plan, id_=f"${self._numbers[0]}")

    def _one(self, plan: ObjectPlan, *, id_: str) -> str:
        """Return JSON of the workspace's object with this id."""
        alias = self._alias()
        where = f"{_equals(alias, plan.entity.tenant, '$1')} AND {alias}.id = {id_}"
        return self._object(plan, alias, f"{plan.entity.table} {alias} WHERE {where}")

    def _object(self, plan: ObjectPlan, alias: str, source: str | None = None) -> str:
        """Return JSON of one row: of those in scope as ``alias``, or of ``source`` (FROM … WHERE …)."""
        columns, origin = ", ".join(self._columns(plan, alias)), f" FROM {source}" if source else ""
        if not columns:  # everything was skipped
            return f"(SELECT json_build_object(){origin})"
        return f"(SELECT row_to_json(o) FROM (SELECT {columns}{origin}) o)"

    def _columns(self, plan: ObjectPlan, alias: str) -> Iterable[str]:
        hidden: dict[str, str] = {}
        for item in plan.items:
            match item:
                case Leaf(key, leaf):
                    yield f'{sql.at(leaf, alias)} AS "{key}"'
                case Constant(key, value):
                    yield f"'{value}'::text AS \"{key}\""
                case Branch(key, reading, below):
                    yield f'{self._branch(reading, below, plan.entity, alias)} AS "{key}"'
                case Inline(key, below, None):
                    yield f'{self._object(below, alias)} AS "{key}"'
                case Inline(key, below, str(rows)):
                    yield f'{self._rows(below, sql.at(rows, alias))} AS "{key}"'
                case Branches(key, reading, page, slot):
                    parent = (alias, plan.entity.tenant)
                    yield f'{self._children(page, slot, reading.key, parent)} AS "{key}"'
                case Completion(_, needs):
                    for name in needs:
                        hidden[name] = "t.id" if name == "id" else plan.entity.columns[name]
        for name, column in hidden.items():
            yield f'{sql.at(column, alias)} AS "{HIDDEN}{name}"'

    def _rows(self, plan: ObjectPlan, rows: str) -> str:
        alias = self._alias()
        one = self._object(plan, alias)
        return f"(SELECT coalesce(json_agg({one}), '[]'::json) FROM ({rows}) {alias})"

    def _branch(self, reading: One | Latest, plan: ObjectPlan, of: Entity, parent: str) -> str:
        alias = self._alias()
        same = _equals(alias, plan.entity.tenant, f"{parent}.{of.tenant}")
        if isinstance(reading, One):
            source = f"{plan.entity.table} {alias} WHERE {same} AND {alias}.id = {parent}.{reading.key}"
            return self._object(plan, alias, source)
        order = _order(plan.entity, sql.complete(reading.order), alias, backward=False)
        where = sql.at(reading.where.sql, alias)
        return self._object(
            plan,
            alias,
            f"{plan.entity.table} {alias} WHERE {same} AND {alias}.{reading.key} = {parent}.id AND {where}"
            f" ORDER BY {order} LIMIT 1",
        )

    def _children(self, plan: PagePlan, slot: int, key: str, parent: tuple[str, str]) -> str:
        def below(alias: str) -> str:
            same = _equals(alias, plan.entity.tenant, f"{parent[0]}.{parent[1]}")
            return f"{same} AND {alias}.{key} = {parent[0]}.id"

        return self._page(plan, slot, tenant=below, children_of=key)

    def _page(self, plan: PagePlan, slot: int, *, tenant: Any, children_of: str | None = None) -> str:
        bound, alias, first = self._slots[slot], self._alias(), self._numbers[slot]
        listing: Any = bound.description
        order, page = sql.complete(listing.order), listing.page
        where = f"{tenant(alias)} AND {_numbered(listing.where, first, alias)}"
        first += len(listing.where.values)
        kept = None if children_of else sql.kept_total(listing, workspace="$1", alias=alias)
        total = f"({kept or f'SELECT count(*) FROM {plan.entity.table} {alias} WHERE {where}'})"
        if bound.further is not EVERYTHING:
            where += f" AND {_numbered(bound.further, first, alias)}"
            first += len(bound.further.values)
        rows = _Rows(page, looks_ahead=plan.looks_ahead)
        parts = ", ".join(f"'{item.key}', {self._part(item, alias, rows, total)}" for item in plan.items)
        if not rows.is_read and not bound.values:  # a statement has to name all its values
            return f"(SELECT json_build_object({parts}))"
        if rows.shows_cursors:
            tag = f"${first}::text"
            rows.columns.append(
                f"{sql.at(sql.cursor(plan.entity, order, tag=tag, children_of=children_of), alias)} AS cursor"
            )
        columns = ", ".join((*rows.columns, "row_number() OVER () AS n"))
        source = (
            f"SELECT {columns} FROM (SELECT {alias}.* FROM {plan.entity.table} {alias} WHERE {where}"
            f" ORDER BY {_order(plan.entity, order, alias, backward=page.backward)} LIMIT {rows.limit}) {alias}"
        )
        if page.backward:
            source = f"SELECT * FROM ({source}) b ORDER BY b.n DESC"
        added_up = "" if rows.is_read else " GROUP BY ()"  # by no aggregate: still one answer
        return f"(SELECT json_build_object({parts}) FROM ({source}) r{added_up})"

    def _part(
        self, item: Constant | Nodes | Edges | Info | Total, alias: str, rows: "_Rows", total: str
    ) -> str:
        match item:
            case Constant(_, value):
                return f"'{value}'::text"
            case Total():
                return total
            case Nodes(_, plan):
                return rows.aggregate(rows.column(self._object(plan, alias)))
            case Edges():
                return rows.aggregate(self._edge(item, alias, rows))
            case Info():
                return rows.info(item)

    def _edge(self, edges: Edges, alias: str, rows: "_Rows") -> str:
        parts = (f"'{item.key}', {self._edge_part(item, alias, rows)}" for item in edges.items)
        return f"json_build_object({', '.join(parts)})"

    def _edge_part(self, item: Constant | Cursor | Nodes, alias: str, rows: "_Rows") -> str:
        match item:
            case Constant(_, value):
                return f"'{value}'::text"
            case Cursor():
                return rows.cursor()
            case Nodes(_, plan):
                return rows.column(self._object(plan, alias))

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"


class _Rows:
    """The rows of a page while its answer is put together: what they must carry, and how they add up.

    Aggregates take the rows in the order in which they come; an ORDER BY in one would change it for the others, too.
    """

    def __init__(self, page: Page, *, looks_ahead: bool) -> None:
        self._page, self._looks_ahead = page, looks_ahead
        self.columns: list[str] = []
        self.is_read = False
        self.shows_cursors = False

    @property
    def limit(self) -> int:
        """How many to fetch: one more when it must be known whether any follow; none when nothing of them is read."""
        return self._page.limit + self._looks_ahead if self.is_read else 0

    def column(self, expression: str) -> str:
        """Carry a value; returns its name."""
        name = f"c{len(self.columns)}"
        self.columns.append(f"{expression} AS {name}")
        return f"r.{name}"

    def cursor(self) -> str:
        """Carry the cursor; returns its name."""
        self.shows_cursors = True
        return "r.cursor"

    def aggregate(self, value: str) -> str:
        """Return a list of the page's values."""
        self.is_read = True
        return f"coalesce(json_agg({value}){self._within}, '[]'::json)"

    def info(self, info: Info) -> str:
        """Return where the page stands."""
        parts = (f"'{key}', {self._info_field(name)}" for key, name in info.fields.items())
        return f"json_build_object({', '.join(parts)})"

    @property
    def _within(self) -> str:
        return f" FILTER (WHERE r.n <= {self._page.limit})" if self._looks_ahead else ""

    def _info_field(self, name: str) -> str:
        page = self._page
        if name == "__typename":
            return "'PageInfo'::text"
        if name in {"hasNextPage", "hasPreviousPage"}:
            if (name == "hasPreviousPage") is not page.backward:
                return str(page.cursor is not None).lower()
            self.is_read = True
            return f"count(*) > {page.limit}"
        self.is_read = True
        place = "1" if name == "startCursor" else f"least(count(*), {page.limit})::int"
        return f"(array_agg({self.cursor()}){self._within})[{place}]"


def _numbered(predicate: Predicate, first: int, alias: str) -> str:
    return f"({sql.at(sql.numbered(predicate.sql, predicate.values, start=first), alias)})"


def _equals(alias: str, column: str, value: str) -> str:
    return f"{alias}.{column} = {value}"


def _order(entity: Entity, order: Sequence[Order], alias: str, *, backward: bool) -> str:
    return sql.at(sql.order_by(entity, order, backward=backward), alias)
