"""Root fields that read: they return a description and do no I/O; the executor answers it.

::

    lead = object_of(Lead, description="One lead; null when it is absent.")
    leads = list_of(
        Lead,
        where=LeadWhere,
        search="Part of the name, the address, the title or the company.",
        sort=("created_at", "full_name"),
        order=(Order("created_at"),),
        description="The workspace's leads, oldest first unless ordered otherwise.",
    )
"""

import asyncio
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.actor import require
from domain.workspaces.rules import Permission
from resolvers.reading.describe import EVERYTHING, Description, Listing, Order, Predicate, Several, Single
from schema.connections import After, Before, Connection, First, Last, page_of
from schema.filters import predicate_of, search_of
from schema.info import Info
from schema.nodes import entity_of, read_id
from schema.ordering import order_of, ordering


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


def list_of(
    type_: type,
    *,
    description: str,
    permission: Permission = Permission.READ,
    where: type | None = None,
    search: str | None = None,
    sort: Sequence[str] = (),
    order: tuple[Order, ...] = (),
    within: Predicate | Callable[..., Predicate] = EVERYTHING,
) -> Any:
    """Declare a root field that lists objects.

    Args:
        where: the `…Where` input of its filter.
        search: what a search looks at; the entity says how.
        sort: fields that callers may sort by.
        order: how it is sorted unless they do.
        within: what holds for all of the list; or a function that says so, whose arguments the field has too.
    """
    own = inspect.signature(within).parameters if callable(within) else {}

    def describe(self: Any, info: Info, **arguments: Any) -> Any:
        given = {name: arguments.pop(name) for name in own if name in arguments}
        everywhere = within(**given) if callable(within) else within
        return _chosen(type_, order=order, within=everywhere, **arguments)

    arguments: dict[str, Any] = {name: parameter.annotation for name, parameter in own.items()}
    if where is not None:
        arguments["where"] = where | None
    if search is not None:
        arguments["search"] = _argument(str | None, search)
    if sort:
        key: Any = ordering(type_, tuple(sort))
        arguments["order_by"] = _argument(list[key] | None, "Sort keys, the first one leading; at most 4.")
    arguments |= {"first": First, "after": After, "last": Last, "before": Before}
    describe.__signature__ = _signature(arguments, Connection[type_])  # type: ignore[attr-defined, valid-type]
    return described(description=description, permission=permission)(describe)


def _chosen(
    type_: type,
    *,
    order: tuple[Order, ...],
    within: Predicate,
    where: Any = None,
    search: str | None = None,
    order_by: Sequence[Any] | None = None,
    **page: Any,
) -> Any:
    """Describe a list by the arguments that callers choose with."""
    entity = entity_of(type_)
    return listing(
        type_,
        where=within & predicate_of(where, entity) & search_of(search, entity),
        order=order_of(order_by, default=order),
        **page,
    )


def _argument(type_: Any, description: str) -> Any:
    return Annotated[type_, strawberry.argument(description=description)]


def _signature(arguments: dict[str, Any], answer: Any) -> inspect.Signature:
    """Return the signature of a describing method whose arguments are all optional."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [
            inspect.Parameter("self", kind),
            inspect.Parameter("info", kind, annotation=Info),
            *(
                inspect.Parameter(name, kind, default=None, annotation=type_)
                for name, type_ in arguments.items()
            ),
        ],
        return_annotation=answer,
    )


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


async def _read(info: Info, description: Description | None) -> Any:
    match description:
        case Listing():
            return await info.context.reader.page(description)
        case Single():
            return await info.context.reader.one(description)
        case Several(singles):
            return await asyncio.gather(*(_read(info, single) for single in singles))
    return None
