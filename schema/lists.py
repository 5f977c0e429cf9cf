"""Lists, at the root and below objects: callers choose of both by the same arguments.

::

    leads = list_of(Lead, order=(Order("full_name"),), description="The workspace's leads, by name.")
    leads: Connection[Lead] = many(key="company_id", target=lambda: Lead, description="Who works there.")

What there is to choose by, beside the page, is said once for all lists of a type, where its `…Where` is declared
(``schema/filters.py``).
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import strawberry

from domain.workspaces.rules import Permission
from resolvers.reading.describe import EVERYTHING, Listing, Many, Order, Predicate
from schema.connections import After, Before, Connection, First, Last, page_of
from schema.filters import choices_of, predicate_of, search_of
from schema.info import Info
from schema.nodes import entity_of, type_of
from schema.ordering import order_of, ordering
from schema.reads import described


def list_of(
    type_: type,
    *,
    description: str,
    permission: Permission = Permission.READ,
    order: tuple[Order, ...] = (),
    within: Predicate | Callable[..., Predicate] = EVERYTHING,
) -> Any:
    """Declare a root field that lists objects.

    Args:
        order: how it is sorted unless callers do.
        within: what holds for all of the list; or a function that says so, whose arguments the field has too.
    """
    own = inspect.signature(within).parameters if callable(within) else {}

    def describe(self: Any, info: Info, **arguments: Any) -> Any:
        given = {name: arguments.pop(name) for name in own if name in arguments}
        everywhere = within(**given) if callable(within) else within
        return _listing(type_, order=order, within=everywhere, **arguments)

    arguments = {name: parameter.annotation for name, parameter in own.items()} | _arguments(type_)
    _take(describe, arguments, answer=Connection[type_])  # type: ignore[valid-type]
    return described(description=description, permission=permission)(describe)


def many(
    *, key: str, target: Callable[[], type], description: str, order: tuple[Order, ...] = (Order("id"),)
) -> Any:
    """Declare a field that lists the objects whose column ``key`` holds this object's id.

    The target may be declared later, so the field takes its arguments in ``complete_lists``.
    """

    def describe(self: Any, info: Info, **arguments: Any) -> Listing:
        return _listing(target(), order=order, **arguments)

    async def resolve(self: Any, info: Info, **arguments: Any) -> Any:
        listing = describe(None, info, **arguments)
        return await info.context.reader.children(listing, key=key, parent_id=self["id"])

    reading = Many(key, lambda: entity_of(target()))
    metadata = {"reading": reading, "describes": describe, "resolves": resolve}
    return strawberry.field(description=description, metadata=metadata)


def complete_lists(types: Iterable[Any]) -> None:
    """Let the lists below objects be resolved by the arguments that lists of their targets have."""
    for type_ in types:
        for field in type_.__strawberry_definition__.fields:
            reading = field.metadata.get("reading")
            if isinstance(reading, Many):
                resolve = field.metadata["resolves"]
                _take(resolve, _arguments(type_of(reading.target().prefix)))
                field(resolve)


def _arguments(type_: type) -> dict[str, Any]:
    """Return the arguments of a list of a type, and their annotations."""
    arguments: dict[str, Any] = {}
    choices = choices_of(type_)
    if choices is not None:
        key: Any = ordering(type_, choices.sort)
        arguments["where"] = choices.where | None
        if choices.search is not None:
            arguments["search"] = _argument(str | None, choices.search)
        arguments["order_by"] = _argument(list[key] | None, "Sort keys, the first one leading; at most 4.")
    return arguments | {"first": First, "after": After, "last": Last, "before": Before}


def _argument(type_: Any, description: str) -> Any:
    return Annotated[type_, strawberry.argument(description=description)]


def _take(method: Any, arguments: dict[str, Any], *, answer: Any = inspect.Signature.empty) -> None:
    """Let a method of a field take arguments, all of them optional."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    method.__signature__ = inspect.Signature(
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


def _listing(
    type_: type,
    *,
    order: tuple[Order, ...],
    within: Predicate = EVERYTHING,
    where: Any = None,
    search: str | None = None,
    order_by: Sequence[Any] | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Listing:
    """Describe a list by the arguments that callers choose with; raises Invalid with the argument's name."""
    entity = entity_of(type_)
    return Listing(
        entity,
        where=within & predicate_of(where, entity) & search_of(search, entity),
        order=order_of(order_by, default=order),
        page=page_of(first=first, after=after, last=last, before=before),
    )
