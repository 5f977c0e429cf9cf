"""How a mutation answers: run the use case, then read what it changed.

A payload type has one field for the changed object and ``errors``. A mutation's body is one call::

    @strawberry.mutation
    async def lead_update(self, info: Info, input: LeadUpdateInput) -> LeadUpdatePayload:
        \"\"\"Change a lead.\"\"\"
        return await answer(info, LeadUpdatePayload, leads.update_lead(info.context, ...))

The use case returns the object's id; the payload's object is read afterwards, so that a repeated request (same
idempotency key) answers by the same path.
"""

import dataclasses
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from strawberry.types.base import get_object_definition

from domain.errors import DomainError
from domain.idempotency import Replayed
from resolvers.reading.describe import Single
from schema.errors import TOP_LEVEL, UserError, remembered_error, user_error
from schema.info import Info
from schema.nodes import entity_of


@strawberry.type(description="What every mutation answers beside the object it changed.")
class Payload:
    """Base of all payloads."""

    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What the caller can mend; empty when it worked."
    )


P = TypeVar("P", bound=Payload)


async def answer(info: Info, payload: type[P], use_case: Coroutine[Any, Any, UUID | None]) -> P:
    """Await a use case and build its payload; Forbidden and Unauthenticated stay top-level errors."""
    try:
        result_id = await use_case
    except Replayed as replayed:
        info.context.extensions["idempotency"] = {"replayed": True}
        errors = [remembered_error(record) for record in replayed.errors]
        return await _payload(info, payload, replayed.result_id, errors)
    except TOP_LEVEL:
        raise
    except DomainError as error:
        return await _payload(info, payload, None, [user_error(error)])
    return await _payload(info, payload, result_id, [])


async def _payload(info: Info, payload: type[P], result_id: UUID | None, errors: list[UserError]) -> P:
    name, type_ = subject_of(payload)
    info.context.forget_reads()
    values: dict[str, Any] = {"errors": errors}
    if name is not None:
        values[name] = (
            None if result_id is None else await _changed(info, Single(entity_of(type_), result_id))
        )
    return payload(**values)


async def _changed(info: Info, single: Single) -> Any:
    """Read the object, or leave that to the read engine and say only which it is."""
    reader = info.context.reader
    if not info.context.payload_is_planned:
        return await reader.one(single)
    info.context.changed_id = single.id
    return {"__table": single.entity.table, "id": single.id}


def subject_of(payload: type[Payload]) -> tuple[str | None, Any]:
    """Return name and type of the payload's object; (None, None) when it has none."""
    definition = get_object_definition(payload, strict=True)
    for field in definition.fields:
        inner: Any = getattr(field.type, "of_type", field.type)
        if field.python_name != "errors" and hasattr(inner, "__entity__"):
            return field.python_name, inner
    return None, None


def fields_of(input_: Any, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields of an input that were given, by name; UNSET ones are left out."""
    return {
        field.name: value
        for field in dataclasses.fields(input_)
        if field.name not in without and (value := getattr(input_, field.name)) is not strawberry.UNSET
    }
