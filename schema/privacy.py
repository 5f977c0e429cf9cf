"""Privacy requests: a person's rights, from the first word to the receipt."""

import datetime
from collections.abc import AsyncIterator
from uuid import UUID

import strawberry

from domain.events import EventFilter
from domain.privacy.rules import DenialGround, Regime, RequestKind, RequestState
from domain.workspaces.rules import Permission
from resolvers import privacy
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.events import AfterEvent, Event, stream
from schema.filters import DateFilter, DateTimeFilter, EnumFilter, conditions
from schema.info import Info
from schema.jobs import Job, JobStatus, job_status
from schema.lists import list_of, many
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, read_id
from schema.reads import object_of
from schema.rights import require_rights
from schema.scalars import URL, DateTime, EmailAddress
from schema.writes import change_by

_OPEN = Permission.OPEN_PRIVACY_REQUESTS


@entity("privacy_task", prefix="privtask", permission=_OPEN)
class PrivacyTask(Node):
    """What was done about a person in one store."""

    store: str = column(
        description="A table, `files`, `platform_mail`, or `mentions` in other people's texts."
    )
    action: str = column(description="ACCESS, OBJECT, DELETE, MASK, or KEEP when nothing needed to go.")
    status: str = column(description="PENDING, RUNNING, DONE, EXEMPT or FAILED.")
    found_count: int = column(description="How much was found.")
    changed_count: int = column(description="How much of it was shown, erased or masked.")
    retained_reason: str | None = column(description="Why parts of it stay.")


@entity("privacy_request", prefix="priv", permission=_OPEN)
class PrivacyRequest(Job):
    """A person's request. Its address is forgotten when the request has been answered."""

    kind: RequestKind = column(description="What they ask for.")
    regime: Regime = column(description="Under which law.")
    email: EmailAddress | None = column("t.subject_email", description="Who; absent once it is over.")
    channel: str = column(description="API, or REPLY when it came as an answer to a message.")
    status: RequestState = column(description="How far it has come.")
    job_status: JobStatus = job_status(
        RequestState,
        queued="RECEIVED ACKNOWLEDGED VERIFYING_IDENTITY",
        running="VERIFIED LOCATING ROUTED IN_PROGRESS AWAITING_THIRD_PARTY READY",
        done="FULFILLED PARTIALLY_FULFILLED",
        cancelled="DENIED REJECTED_UNVERIFIED DUPLICATE WITHDRAWN",
    )
    progress: float | None = column(
        "CASE WHEN t.status IN ('FULFILLED', 'PARTIALLY_FULFILLED') THEN 1::float8 END",
        description="1 when it has been answered; null before, see `tasks`.",
    )
    started_at: DateTime | None = column(
        "t.verified_at", description="When the person was proven and the work began."
    )
    finished_at: DateTime | None = column("t.fulfilled_at", description="When the answer went out.")
    error: str | None = column(
        "t.denial_ground", description="Why it was refused, as `denialGround`; nothing else can fail it."
    )
    due_on: datetime.date = column(description="The last day to answer, where the workspace is.")
    denial_ground: DenialGround | None = column(description="Why it was refused.")
    verified_at: DateTime | None = column(description="When the person was proven.")
    fulfilled_at: DateTime | None = column(description="When the answer went out.")
    result_hash: str | None = column(description="SHA-256 of the bundle or receipt, in hex.")
    result_expires_at: DateTime | None = column(description="Until when it can be downloaded.")
    created_at: DateTime = column(description="When it was opened.")
    version: int = column(description="Rises with each change.")
    tasks: Connection[PrivacyTask] = many(
        key="request_id",
        target=lambda: PrivacyTask,
        description="What was done, store by store.",
        order=(Order("store"),),
    )


@conditions(PrivacyRequest, sort=("created_at", "due_on", "fulfilled_at"))
class PrivacyRequestWhere:
    """Which requests."""

    kind: EnumFilter[RequestKind] | None = None
    status: EnumFilter[RequestState] | None = None
    regime: EnumFilter[Regime] | None = None
    due_on: DateFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.input(description="A person's request.")
class PrivacyRequestOpenInput:
    """Arguments of `privacyRequestOpen`."""

    kind: RequestKind = strawberry.field(description="ACCESS, DELETE or OBJECT.")
    email: EmailAddress = strawberry.field(description="The person's address; a code is mailed there.")
    regime: Regime = strawberry.field(default=Regime.GDPR, description="Under which law.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Required, here or as a header; the same key opens one request."
    )


@strawberry.input(description="A code that came back.")
class PrivacyRequestVerifyInput:
    """Arguments of `privacyRequestVerify`."""

    id: strawberry.ID = strawberry.field(description="The request.")
    code: str = strawberry.field(description="The six digits.")


@strawberry.input(description="Which request needs another code.")
class PrivacyRequestResendCodeInput:
    """Arguments of `privacyRequestResendCode`."""

    id: strawberry.ID = strawberry.field(description="The request.")


@strawberry.input(description="Another proof of identity.")
class PrivacyRequestConfirmIdentityInput:
    """Arguments of `privacyRequestConfirmIdentity`."""

    id: strawberry.ID = strawberry.field(description="The request.")
    how: str = strawberry.field(
        description="What was seen, in 5 to 500 characters, without the proof's data; goes into the audit."
    )


@strawberry.input(description="A refusal.")
class PrivacyRequestDenyInput:
    """Arguments of `privacyRequestDeny`."""

    id: strawberry.ID = strawberry.field(description="The request.")
    ground: DenialGround = strawberry.field(description="The ground the law knows.")


@strawberry.input(description="Whose answer is wanted.")
class PrivacyRequestLinkInput:
    """Arguments of `privacyRequestLink`."""

    id: strawberry.ID = strawberry.field(description="The request.")


@strawberry.type(description="The answer of privacy request mutations.")
class PrivacyRequestPayload(Payload):
    """A request after a change."""

    privacy_request: PrivacyRequest | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of privacyRequestLink.")
class PrivacyRequestLinkPayload(Payload):
    """Where the bundle or receipt is."""

    privacy_request: PrivacyRequest | None = strawberry.field(default=None, description="As it is now.")
    url: URL | None = strawberry.field(default=None, description="The same page the person was mailed.")


@strawberry.type
class PrivacyQuery:
    """Root fields about privacy requests."""

    privacy_requests = list_of(
        PrivacyRequest,
        order=(Order("created_at", descending=True),),
        description="Privacy requests, newest first.",
        permission=_OPEN,
    )

    privacy_request = object_of(PrivacyRequest, description="A privacy request by its id.", permission=_OPEN)


@strawberry.type
class PrivacyMutation:
    """Root fields that handle privacy requests."""

    @strawberry.mutation(
        description="Open a person's request: nothing more is sent to who objects or wants to be deleted."
    )
    async def privacy_request_open(self, info: Info, input: PrivacyRequestOpenInput) -> PrivacyRequestPayload:
        """Open it."""
        use_case = privacy.open_request(
            info.context,
            kind=input.kind,
            email=input.email,
            regime=input.regime,
            idempotency_key=input.idempotency_key,
        )
        return await answer(info, PrivacyRequestPayload, use_case)

    privacy_request_verify = change_by(
        PrivacyRequestVerifyInput,
        PrivacyRequest,
        PrivacyRequestPayload,
        privacy.verify_code,
        description="Prove the person by the mailed code; the right one starts the work.",
    )

    privacy_request_resend_code = change_by(
        PrivacyRequestResendCodeInput,
        PrivacyRequest,
        PrivacyRequestPayload,
        privacy.resend_code,
        description="Mail another code; after a minute, and at most five in all.",
    )

    privacy_request_confirm_identity = change_by(
        PrivacyRequestConfirmIdentityInput,
        PrivacyRequest,
        PrivacyRequestPayload,
        privacy.confirm_identity,
        description="Take another proof of identity than the code; the audit says which.",
    )

    privacy_request_deny = change_by(
        PrivacyRequestDenyInput,
        PrivacyRequest,
        PrivacyRequestPayload,
        privacy.deny_request,
        description="Refuse a request; who was suppressed stays so.",
    )

    @strawberry.mutation(description="Get the address of the bundle or receipt; the audit keeps who did.")
    async def privacy_request_link(
        self, info: Info, input: PrivacyRequestLinkInput
    ) -> PrivacyRequestLinkPayload:
        """Get it."""
        urls: list[str] = []

        async def use_case() -> UUID:
            request_id = _request(input.id)
            urls.append(await privacy.issue_link(info.context, request_id=request_id))
            return request_id

        payload = await answer(info, PrivacyRequestLinkPayload, use_case())
        payload.url = URL(urls[0]) if urls else None
        return payload


@strawberry.type
class PrivacySubscription:
    """Streams about privacy requests."""

    @strawberry.subscription(description="What happens to a privacy request, store by store; ends with it.")
    async def privacy_request_events(
        self, info: Info, id: strawberry.ID, after: AfterEvent = None
    ) -> AsyncIterator[Event]:
        """Stream it."""
        require_rights(info)
        request_id = _request(id)
        await privacy.require_request(info.context, request_id=request_id)
        return stream(info, where=EventFilter(subject_id=request_id), after=after, job_id=request_id)


def _request(id_: str) -> UUID:
    return read_id(id_, PrivacyRequest)
