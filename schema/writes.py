"""Mutations that need nothing but an object's id.

::

    run_pause = change_of(Run, RunPayload, runs.pause_run, description="Pause a run.")

The use case takes the id by its first argument's name that ends in ``_id``: ``pause_run(context, run_id=...)``.
"""

import inspect
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any
from uuid import UUID

import strawberry

from schema.info import Info
from schema.mutations import Payload, answer
from schema.nodes import read_id

UseCase = Callable[..., Coroutine[Any, Any, UUID]]


def change_of(type_: type, payload: type[Payload], use_case: UseCase, *, description: str) -> Any:
    """Declare a mutation with the argument ``id``."""

    async def resolve(self: Any, info: Info, id: strawberry.ID) -> Any:
        return await answer(info, payload, _called(info, type_, use_case, id, within=()))

    resolve.__annotations__ |= {"return": payload}
    return strawberry.mutation(resolver=resolve, description=description)


def change_by(
    input_: type, type_: type, payload: type[Payload], use_case: UseCase, *, description: str
) -> Any:
    """Declare a mutation with the argument ``input``, which holds an ``id`` and whatever the use case takes."""

    async def resolve(self: Any, info: Info, input: Any) -> Any:
        given = {name: value for name, value in vars(input).items() if name != "id"}
        return await answer(
            info, payload, _called(info, type_, use_case, input.id, within=("input",), **given)
        )

    resolve.__annotations__ |= {"input": input_, "return": payload}
    return strawberry.mutation(resolver=resolve, description=description)


async def _called(
    info: Info, type_: type, use_case: UseCase, id_: str, *, within: tuple[str, ...], **given: Any
) -> UUID:
    id_argument = {_id_argument(use_case): read_id(id_, type_, within=within)}
    return await use_case(info.context, **id_argument, **given)


@cache
def _id_argument(use_case: UseCase) -> str:
    return next(name for name in inspect.signature(use_case).parameters if name.endswith("_id"))
