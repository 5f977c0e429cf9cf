"""Root fields that read: they return a description and do no I/O; the executor answers it."""

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry

from domain.actor import require
from domain.workspaces.rules import Permission
from resolvers.reading.describe import EVERYTHING, Listing, Order, Predicate, Single
from schema.connections import page_of
from schema.info import Info
from schema.nodes import entity_of


def described(
    *, description: str, permission: Permission = Permission.READ
) -> Callable[[Callable[..., Any]], Any]:
    """Declare a root field whose method returns a ``Listing``, a ``Single``, or None for null.

    Args:
        permission: what the caller needs. The describing method itself stays reachable as
            ``field.metadata["describes"]``, for a planner.
    """

    def declare(method: Callable[..., Any]) -> Any:
        @functools.wraps(method)
        async def resolve(self: Any, info: Info, **arguments: Any) -> Any:
            require(info.context.actor, permission)
            return await _read(info, method(self, info, **arguments))

        return strawberry.field(resolver=resolve, description=description, metadata={"describes": method})

    return declare


def listing(
    type_: type,
    *,
    where: Predicate = EVERYTHING,
    order: tuple[Order, ...] = (),
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    """Describe a list; typed Any, because the method that returns it declares what the API shows."""
    page = page_of(first=first, after=after, last=last, before=before)
    return Listing(entity_of(type_), where=where, order=order, page=page)


def single(type_: type, id_: UUID | None) -> Any:
    """Describe one object; None reads as null."""
    return None if id_ is None else Single(entity_of(type_), id_)


async def _read(info: Info, description: Listing | Single | None) -> Any:
    match description:
        case Listing():
            return await info.context.reader.page(description)
        case Single():
            return await info.context.reader.one(description)
    return None
