"""Lists: Relay connections over what the executor loaded, and the arguments that choose a page."""

from typing import Any, Generic, TypeVar

import strawberry

from domain.errors import Invalid
from resolvers.reading.describe import Page
from schema.info import Info
from schema.scalars import Cursor

T = TypeVar("T")

PAGE_MAX = 100
PAGE_DEFAULT = 25

First = int | None
After = Cursor | None
Last = int | None
Before = Cursor | None


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether some come before.")
    start_cursor: Cursor | None = strawberry.field(description="Cursor of the page's first row.")
    end_cursor: Cursor | None = strawberry.field(description="Cursor of the page's last row.")


@strawberry.type(description="An object and its place in the list.")
class Edge(Generic[T]):
    """Relay's Edge."""

    node: T = strawberry.field(description="The object.")
    cursor: Cursor = strawberry.field(description="Its place in this list, order and filter.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's Connection, with `nodes` and `totalCount`."""

    nodes: list[T] = strawberry.field(description="The page's objects.")
    edges: list[Edge[T]] = strawberry.field(description="The page's objects with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")

    @strawberry.field(description="How many the whole list has; counted only when asked for.")
    async def total_count(self, info: Info) -> int:
        """Count the list behind the page."""
        page: Any = self
        return await info.context.reader.count(page.listing)


def page_of(*, first: int | None, after: str | None, last: int | None, before: str | None) -> Page:
    """Check the paging arguments; raises Invalid with the argument's name."""
    if (first is not None or after is not None) and (last is not None or before is not None):
        raise Invalid("give first/after or last/before, not both", field=("last",))
    backward = last is not None or before is not None
    limit = last if backward else first
    name = "last" if backward else "first"
    if limit is not None and not 1 <= limit <= PAGE_MAX:
        raise Invalid(f"{name} is from 1 to {PAGE_MAX}", field=(name,))
    if backward and limit is None:
        raise Invalid("before needs last", field=("last",))
    return Page(limit if limit is not None else PAGE_DEFAULT, before if backward else after, backward)
