"""Who must never be contacted: the list, what changes it, and what it says about an address."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.file_uploads import Upload

from domain.errors import Invalid
from domain.suppression.rules import (
    Channel,
    LiftBasis,
    SuppressionImportStatus,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
    SuppressionStatus,
)
from domain.workspaces.rules import Permission
from resolvers import suppression
from resolvers.context import Context
from resolvers.reading.describe import Order
from schema.filters import DateTimeFilter, EnumFilter, conditions
from schema.info import Info
from schema.jobs import Job, JobStatus, job_status
from schema.lists import list_of
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, read_id, read_optional_id, type_of
from schema.reads import object_of
from schema.scalars import DateTime, EmailAddress
from schema.writes import change_by

_STATUS = "CASE WHEN t.status = 'ACTIVE' AND t.expires_at <= now() THEN 'EXPIRED' ELSE t.status END"


@entity("suppression", prefix="supp", counted=True)
class Suppression(Node):
    """An entry. It is kept under a keyed hash, so what it names is shown in part, or not at all."""

    scope: SuppressionScope = column(description="How far it reaches.")
    kind: SuppressionKind = column(description="What it names.")
    display: str | None = column(
        description="A domain or an id as it is, what names a person masked; absent after objection and erasure."
    )
    reason: SuppressionReason = column(description="Why it was made.")
    channels: list[Channel] = column(description="The channels it closes; empty closes all.")
    evidence: str | None = column(description="How it came, in words.")
    status: SuppressionStatus = column(_STATUS, description="Whether it is in force.")
    expires_at: DateTime | None = column(description="When it ends by itself; absent never.")
    lifted_at: DateTime | None = column(description="When it was lifted.")
    lift_basis: LiftBasis | None = column(description="What entitled to that.")
    lift_comment: str | None = column(description="How the basis is known.")
    created_at: DateTime = column(description="When it was made.")


@strawberry.type(description="A row of a list that was left out.")
class SuppressionRowError:
    """Why a row made no entry."""

    row: int = strawberry.field(description="Its number in the file, from 1.")
    field: str | None = strawberry.field(description="The column that is wrong.")
    message: str = strawberry.field(description="What is wrong with it.")


@entity("suppression_import", prefix="suppimport")
class SuppressionImport(Job):
    """A list that somebody brought along."""

    file_name: str = column(description="What the file was called.")
    byte_size: int = column(description="Its size.")
    status: SuppressionImportStatus = column(description="How far it is.")
    job_status: JobStatus = job_status(
        SuppressionImportStatus, queued="UPLOADED", running="IMPORTING", done="DONE", failed="FAILED"
    )
    progress: float | None = column(
        "CASE WHEN t.status = 'DONE' THEN 1::float8 WHEN t.status = 'UPLOADED' THEN 0 END",
        description="0 before it is read, 1 at its end; null meanwhile, see `readCount`.",
    )
    started_at: DateTime | None = column(
        "NULL::timestamptz", description="Always null: when reading began isn't kept."
    )
    error: str | None = column("t.failure", description="Why the file as a whole couldn't be read.")
    read_count: int = column(description="Rows read so far.")
    added_count: int = column(description="Rows that made or widened an entry.")
    known_count: int = column(description="Rows whose entry was in force already.")
    error_count: int = column(description="Rows left out.")
    row_errors: list[SuppressionRowError] = column(description="The first 250 of them.")
    failure: str | None = column(description="Why the file as a whole couldn't be read.")
    created_at: DateTime = column(description="When it was uploaded.")
    finished_at: DateTime | None = column(description="When its end was reached.")


@strawberry.type(description="An entry that forbids writing to an address.")
class SuppressionMatch:
    """Why somebody can't be contacted."""

    scope: SuppressionScope = strawberry.field(description="How far the entry reaches.")
    kind: SuppressionKind = strawberry.field(description="What it names.")
    reason: SuppressionReason = strawberry.field(description="Why it was made.")
    expires_at: DateTime | None = strawberry.field(description="When it ends by itself; absent never.")


@strawberry.type(description="What the list says about an address now.")
class SuppressionCheck:
    """The answer of `suppressionCheck`."""

    suppressed: bool = strawberry.field(description="Whether no message may go there.")
    matches: list[SuppressionMatch] = strawberry.field(description="Why, the widest scope first.")


@conditions(Suppression, sort=("created_at", "expires_at"))
class SuppressionWhere:
    """Which entries."""

    scope: EnumFilter[SuppressionScope] | None = None
    kind: EnumFilter[SuppressionKind] | None = None
    reason: EnumFilter[SuppressionReason] | None = None
    status: EnumFilter[SuppressionStatus] | None = None
    expires_at: DateTimeFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.input(description="Whom never to contact.")
class SuppressionAddInput:
    """Arguments of `suppressionAdd`."""

    kind: SuppressionKind = strawberry.field(description="What `value` is.")
    value: str = strawberry.field(description="Any spelling; for LEAD and COMPANY the id.")
    reason: SuppressionReason = strawberry.field(description="Why; ERASURE is for privacy requests alone.")
    scope: SuppressionScope = strawberry.field(
        default=SuppressionScope.WORKSPACE, description="How far it reaches; PLATFORM is the operator's."
    )
    scope_id: strawberry.ID | None = strawberry.field(
        default=None, description="The play or sender of the scope."
    )
    evidence: str | None = strawberry.field(default=None, description="How it came, up to 2,000 characters.")
    expires_at: DateTime | None = strawberry.field(
        default=None, description="When it ends by itself; not for what the person asked for."
    )


@strawberry.input(description="A list of whom never to contact.")
class SuppressionImportInput:
    """Arguments of `suppressionImport`."""

    file: Upload = strawberry.field(
        description="CSV or XLSX up to 50 MB: columns email, domain, phone, linkedin or value (with kind), "
        "reason, channels, expires_on; or one identifier per line."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Or the header `Idempotency-Key`."
    )


@strawberry.input(description="Which entry to lift, and what entitles to it.")
class SuppressionLiftInput:
    """Arguments of `suppressionLift`."""

    id: strawberry.ID = strawberry.field(description="The entry.")
    basis: LiftBasis = strawberry.field(description="What entitles to it.")
    comment: str = strawberry.field(description="How that is known, up to 2,000 characters.")


@strawberry.type(description="The answer of suppressionAdd and suppressionLift.")
class SuppressionPayload(Payload):
    """An entry after a change."""

    suppression: Suppression | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of suppressionImport.")
class SuppressionImportPayload(Payload):
    """A list that waits to be read."""

    suppression_import: SuppressionImport | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class SuppressionQuery:
    """Root fields about suppressions."""

    suppressions = list_of(
        Suppression,
        order=(Order("created_at", descending=True),),
        description="Who must not be contacted, newest first; without the operator's list.",
    )

    suppression_import = object_of(
        SuppressionImport, description="One uploaded list, by its id.", permission=Permission.ADD_SUPPRESSIONS
    )

    @strawberry.field(description="Whether a message to an address would be suppressed, and why.")
    async def suppression_check(
        self, info: Info, email: Annotated[EmailAddress, strawberry.argument(description="The address.")]
    ) -> SuppressionCheck:
        """Look it up."""
        entries = await suppression.check_email(info.context, email=email)
        matches = [
            SuppressionMatch(
                scope=entry.scope,
                kind=entry.key.kind,
                reason=entry.reason,
                expires_at=DateTime(entry.expires_at) if entry.expires_at else None,
            )
            for entry in entries
        ]
        return SuppressionCheck(suppressed=bool(matches), matches=matches)


@strawberry.type
class SuppressionMutation:
    """Root fields that change suppressions."""

    @strawberry.mutation(description="Never contact somebody; what is queued for them stops at once.")
    async def suppression_add(self, info: Info, input: SuppressionAddInput) -> SuppressionPayload:
        """Add it."""
        return await answer(info, SuppressionPayload, _add(info.context, input))

    @strawberry.mutation(description="Bring along a list; it is read in the background, follow its status.")
    async def suppression_import(self, info: Info, input: SuppressionImportInput) -> SuppressionImportPayload:
        """Take it on."""
        file: Any = input.file
        use_case = suppression.import_suppressions(info.context, file=file, key=input.idempotency_key)
        return await answer(info, SuppressionImportPayload, use_case)

    suppression_lift = change_by(
        SuppressionLiftInput,
        Suppression,
        SuppressionPayload,
        suppression.lift_suppression,
        description="End an entry; an objection or an erasure stays.",
    )


_NAMED = {SuppressionKind.LEAD: "lead", SuppressionKind.COMPANY: "comp"}
"""Kinds whose value is an id -> the prefix of such ids."""

_SCOPED = {SuppressionScope.PLAY: "play", SuppressionScope.SENDER: "sender"}


async def _add(context: Context, input_: SuppressionAddInput) -> UUID:
    named = _NAMED.get(input_.kind)
    new = suppression.NewSuppression(
        kind=input_.kind,
        value=str(read_id(input_.value, type_of(named), field="value")) if named else input_.value,
        reason=input_.reason,
        scope=input_.scope,
        scope_id=_scope_id(input_),
        evidence=input_.evidence,
        expires_at=input_.expires_at,
    )
    return await suppression.add_suppression(context, new)


def _scope_id(input_: SuppressionAddInput) -> UUID | None:
    """Return the row behind the id of a play or a sender; the scope says which of the two it must be."""
    prefix = _SCOPED.get(input_.scope)
    if prefix is None and input_.scope_id is not None:
        raise Invalid("only a play or a sender has an id here", field=("input", "scopeId"))
    return read_optional_id(input_.scope_id, type_of(prefix), field="scopeId") if prefix else None
