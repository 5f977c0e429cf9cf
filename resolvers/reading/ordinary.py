"""The ordinary executor: answers descriptions from asyncpg records, a query per list, a loader per relation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from asyncpg.exceptions import DataError

from domain import tenancy
from resolvers.loaders import Loader
from resolvers.reading import sql
from resolvers.reading.cursors import CursorInvalid, CursorKey
from resolvers.reading.describe import Entity, Latest, Listing, Predicate, Single

if TYPE_CHECKING:
    from asyncpg import Record


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and its place in the list."""

    node: "Record"
    cursor: str


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where the page stands in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class LoadedPage:
    """A page of a list; ``parent`` is set when it belongs to an object."""

    listing: Listing
    nodes: list["Record"]
    edges: list[Edge]
    page_info: PageInfo


class Reader:
    """Reads for one request in one workspace. Rights were checked by whoever made it."""

    def __init__(self, *, workspace_id: UUID, cursor_key: CursorKey) -> None:
        self.workspace_id = workspace_id
        self._cursor_key = cursor_key
        self._singles: dict[tuple[str, str], Loader[UUID, Record | None]] = {}
        self._lists: dict[tuple[str, str, Listing], Loader[UUID, list[Record]]] = {}

    def forget(self) -> None:
        """Read everything afresh from now on."""
        self._singles.clear()
        self._lists.clear()

    async def one(self, single: Single) -> "Record | None":
        """Return the object, or None when it is absent or another workspace's."""
        entity = single.entity
        identity = (entity.table, entity.prefix)  # a table may be shown as several types
        loader = self._singles.get(identity)
        if loader is None:
            loader = self._singles[identity] = Loader(lambda ids: self._load_by_id(entity, ids))
        return await loader.load(single.id)

    async def page(self, listing: Listing) -> LoadedPage:
        """Return one page of a root list; raises CursorInvalid."""
        tag = self._cursor_key.tag(listing, workspace_id=self.workspace_id)
        return await self._page(listing, tag)

    async def children(self, listing: Listing, *, key: str, parent_id: UUID) -> LoadedPage:
        """Return one page of the objects whose ``key`` is ``parent_id``; siblings are read together."""
        narrowed = replace(listing, where=listing.where & Predicate(f"t.{key} = {{}}", (parent_id,)))
        if listing.page.cursor is not None:  # a cursor belongs to one parent only
            tag = self._cursor_key.tag(listing, workspace_id=self.workspace_id, children_of=key)
            return await self._page(narrowed, tag, children_of=key, parent_id=parent_id)
        identity = (listing.entity.table, key, listing)
        loader = self._lists.get(identity)
        if loader is None:
            loader = self._lists[identity] = Loader(lambda ids: self._load_children(listing, key, ids))
        return _loaded(narrowed, await loader.load(parent_id))

    async def first_child(self, reading: Latest, *, parent_id: UUID) -> "Record | None":
        """Return the first object of the list below a parent, or None when it is empty."""
        page = await self.children(reading.listing, key=reading.key, parent_id=parent_id)
        return page.nodes[0] if page.nodes else None

    async def count(self, listing: Listing) -> int:
        """Return how many objects the whole list has."""
        where = self._tenant(listing.entity) & listing.where
        text = sql.kept_total(listing, workspace="$1") or (
            f"SELECT count(*) FROM {listing.entity.table} t WHERE {sql.numbered(where.sql, where.values)}"
        )
        async with tenancy.reading(self.workspace_id) as connection:
            return int(await connection.fetchval(text, *where.values))

    def _tenant(self, entity: Entity) -> Predicate:
        return Predicate(f"t.{entity.tenant} = {{}}", (self.workspace_id,))

    async def _page(
        self, listing: Listing, tag: str, *, children_of: str | None = None, parent_id: UUID | None = None
    ) -> LoadedPage:
        page, entity, order = listing.page, listing.entity, sql.complete(listing.order)
        where = self._tenant(entity) & listing.where
        if page.cursor is not None:
            where &= sql.after_cursor(listing, tag=tag, parent_id=parent_id)
        number = len(where.values) + 1
        cursor = sql.cursor(entity, order, tag=f"${number}::text", children_of=children_of)
        text = f"""
            SELECT {sql.select_list(entity)}, {cursor} AS "__cursor" FROM {entity.table} t
            WHERE {sql.numbered(where.sql, where.values)}
            ORDER BY {sql.order_by(entity, order, backward=page.backward)} LIMIT {page.limit + 1}
        """
        async with tenancy.reading(self.workspace_id) as connection:
            try:
                rows = await connection.fetch(text, *where.values, tag)
            except DataError:
                if page.cursor is None:
                    raise
                raise CursorInvalid("this cursor doesn't belong to this list", field=("after",)) from None
        return _loaded(listing, rows)

    async def _load_by_id(self, entity: Entity, ids: Sequence[UUID]) -> list["Record | None"]:
        text = f"""
            SELECT {sql.select_list(entity)} FROM {entity.table} t
            WHERE t.{entity.tenant} = $1 AND t.id = ANY ($2)
        """
        async with tenancy.reading(self.workspace_id) as connection:
            rows = await connection.fetch(text, self.workspace_id, list(ids))
        by_id = {row["id"]: row for row in rows}
        return [by_id.get(id_) for id_ in ids]

    async def _load_children(self, listing: Listing, key: str, ids: Sequence[UUID]) -> list[list["Record"]]:
        entity, order, where = listing.entity, sql.complete(listing.order), listing.where
        cursor = sql.cursor(entity, order, tag="$3::text", children_of=key)
        tag = self._cursor_key.tag(listing, workspace_id=self.workspace_id, children_of=key)
        text = f"""
            SELECT child.* FROM unnest($1::uuid[]) AS parent (id) CROSS JOIN LATERAL (
                SELECT {sql.select_list(entity)}, t.{key} AS "__parent", {cursor} AS "__cursor"
                FROM {entity.table} t
                WHERE t.workspace_id = $2 AND t.{key} = parent.id
                    AND ({sql.numbered(where.sql, where.values, start=4)})
                ORDER BY {sql.order_by(entity, order, backward=listing.page.backward)}
                LIMIT {listing.page.limit + 1}
            ) AS child
        """
        async with tenancy.reading(self.workspace_id) as connection:
            rows = await connection.fetch(text, list(ids), self.workspace_id, tag, *where.values)
        by_parent: dict[UUID, list[Record]] = defaultdict(list)
        for row in rows:
            by_parent[row["__parent"]].append(row)
        return [by_parent[id_] for id_ in ids]


def _loaded(listing: Listing, rows: Sequence["Record"]) -> LoadedPage:
    page = listing.page
    more = len(rows) > page.limit
    nodes = list(rows[: page.limit])
    if page.backward:
        nodes.reverse()
    edges = [Edge(node, node["__cursor"]) for node in nodes]
    info = PageInfo(
        has_next_page=page.cursor is not None if page.backward else more,
        has_previous_page=more if page.backward else page.cursor is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return LoadedPage(listing, nodes, edges, info)
