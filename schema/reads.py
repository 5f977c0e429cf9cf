"""Root fields that read: they return a description and do no I/O; the executor answers it.

::

    lead = object_of(Lead, description="One lead; null when it is absent.")

Lists are declared with ``list_of`` (``schema/lists.py``).
"""

import asyncio
import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry

from domain.actor import require
from domain.workspaces.rules import Permission
from resolvers.reading.describe import Description, Listing, Several, Single
from schema.info import Info
from schema.nodes import entity_of, read_id


def described(
    *, description: str, permission: Permission = Permission.READ
) -> Callable[[Callable[..., Any]], Any]:
    """Declare a root field whose method returns a ``Listing``, a ``Single``, ``Several``, or None for null.

    Args:
        permission: what the caller needs. The describing method itself stays reachable as
            ``field.metadata["describes"]``, for the planner.
    """

    def declare(method: Callable[..., Any]) -> Any:
        @functools.wraps(method)
        async def resolve(self: Any, info: Info, **arguments: Any) -> Any:
            require(info.context.actor, permission)
            return await _read(info, method(self, info, **arguments))

        metadata = {"describes": method, "permission": permission}
        return strawberry.field(resolver=resolve, description=description, metadata=metadata)

    return declare


def object_of(type_: type, *, description: str, permission: Permission = Permission.READ) -> Any:
    """Declare a root field that shows one object by its id; null when it is absent."""

    def describe(self: Any, info: Info, id: strawberry.ID) -> Any:
        return single(type_, read_id(id, type_, within=()))

    describe.__annotations__ |= {"return": type_ | None}
    return described(description=description, permission=permission)(describe)


def single(type_: type, id_: UUID | None) -> Any:
    """Describe one object; None reads as null."""
    return None if id_ is None else Single(entity_of(type_), id_)


async def _read(info: Info, description: Description | None) -> Any:
    match description:
        case Listing():
            return await info.context.reader.page(description)
        case Single():
            return await info.context.reader.one(description)
        case Several(singles):
            return await asyncio.gather(*(_read(info, single) for single in singles))
    return None
