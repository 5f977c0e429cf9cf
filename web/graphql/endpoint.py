"""The one endpoint: takes a request through the door, the caller's credentials and the execution to its answer."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

import structlog

from domain.errors import DomainError, Unauthenticated
from resolvers.context import Context, Services
from resolvers.observing import Observed, Observer
from resolvers.outcome import Execution, Operation, OperationKind, Outcome, Refused
from web.graphql.answering import (
    Headers,
    Send,
    broken,
    headers_of,
    refusal_of,
    render,
    send_whole,
    status_of,
)
from web.graphql.bodies import ClientGone, Receive, is_upload, read_whole
from web.graphql.callers import Callers, new_request_id, read_headers
from web.graphql.cross_origin import CrossOrigin
from web.graphql.door import GraphQLRequest, read_body, read_parameters
from web.graphql.listeners import Listeners
from web.graphql.negotiation import MediaType, accepted
from web.graphql.preparing import prepare
from web.graphql.refusals import MethodNotAllowed, NotAcceptable, RequestRefused
from web.graphql.revalidating import is_known, send_unchanged, tag_of, tagged
from web.graphql.shared import Shared
from web.graphql.sockets import Socket
from web.graphql.standing import Listener
from web.graphql.streaming import Wire, send_events, send_incrementally, send_subscription_parts
from web.graphql.uploads import check_preflight, upload

log = structlog.get_logger(__name__)

ALLOWED: Final = "GET, POST, OPTIONS"
DOCUMENTS_PATH: Final = "/graphql/d/"
"""Before a registered document's id."""
COST_HEADER: Final = "plera-cost"
_BY_CODE: Final = {"UNAUTHENTICATED": 401, "BAD_USER_INPUT": 422}


class GraphQLEndpoint:
    """An ASGI application for HTTP and WebSockets.

    Args:
        observe: told about every operation.
    """

    def __init__(self, execution: Execution, services: Services, *, observe: Observer | None = None) -> None:
        callers = Callers(services)
        self.listeners = Listeners()
        self._shared = Shared(
            execution=execution,
            callers=callers,
            listeners=self.listeners,
            cross_origin=CrossOrigin(services.web_origins),
            observe=observe,
        )

    def hang_up(self) -> None:
        """End what streams, because the server stops; clients come back and go on from their last cursor."""
        self._shared.leaving.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or serve one socket."""
        answering = Socket if scope["type"] == "websocket" else _Exchange
        await answering(scope, receive, send, self._shared).run()


class _Exchange:
    """One HTTP request and its answer."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive, send: Send, shared: Shared) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._shared = shared
        self._wire = Wire(send, receive, shared.leaving)
        self._headers = read_headers(scope)
        self._accepted = accepted(self._headers.get("accept"))
        self._request_id = new_request_id()
        self._observed: Observed | None = None
        if shared.observe is not None:
            self._observed = Observed(self._request_id, "http", self._headers.get("traceparent"))
        self._started = False
        self._may_be_kept = False

    @property
    def _document_id(self) -> str | None:
        """What the address says after ``/graphql/d/``."""
        head, _, document_id = self._scope["path"].partition(DOCUMENTS_PATH)
        return document_id if not head and document_id else None

    @property
    def _kind(self) -> MediaType:
        """The type of answers in one piece; who takes none of ours can still read this one."""
        if self._accepted.whole is not None:
            return self._accepted.whole
        return MediaType.JSON if self._accepted.nothing else MediaType.GRAPHQL

    async def run(self) -> None:
        try:
            await self._answer()
        except Refused as refused:
            await self._send_outcome(refused.outcome)
        except DomainError as error:
            await self._turn_away(error)
        except ClientGone:
            pass
        except Exception:
            log.exception("request_failed", request_id=self._request_id)
            if self._started:
                raise  # the server cuts the connection off: the answer is visibly incomplete
            await self._send_outcome(broken(self._request_id))
        finally:
            if self._shared.observe is not None and self._observed is not None:
                self._observed.ended()
                self._shared.observe(self._observed)

    async def _answer(self) -> None:
        method = self._scope["method"]
        if method == "OPTIONS":
            await self._send_nothing()
            return
        if method not in {"GET", "POST"}:
            raise MethodNotAllowed("this is asked by POST or GET", headers={"allow": ALLOWED})
        if self._accepted.nothing:
            raise NotAcceptable(f"answers are {MediaType.GRAPHQL} or {MediaType.JSON}")
        if method == "GET":
            request = read_parameters(self._scope["query_string"], document_id=self._document_id)
            self._may_be_kept = request.query is None
            await self._operate(request, await self._context())
        elif is_upload(self._headers):
            check_preflight(self._headers)
            context = await self._context()
            if context.viewer.kind is None:
                raise Unauthenticated("sign in before you send files")
            async with upload(self._receive, self._headers) as request:  # its files are gone afterwards
                await self._operate(request, context)
        else:
            body = await read_whole(self._receive, self._headers)
            request = read_body(body, document_id=self._document_id)
            await self._operate(request, await self._context())

    async def _operate(self, request: GraphQLRequest, context: Context) -> None:
        operation = await prepare(request, context, self._shared)
        if self._observed is not None:
            self._observed.operation = operation
        if operation.kind is OperationKind.MUTATION and self._scope["method"] == "GET":
            raise MethodNotAllowed("a mutation is sent by POST", headers={"allow": "POST"})
        if operation.kind is OperationKind.SUBSCRIPTION:
            await self._stream(operation, request, context)
        else:
            await self._run(operation, request, context)

    async def _context(self) -> Context:
        return await self._shared.callers.of_request(self._scope, self._headers, request_id=self._request_id)

    async def _run(self, operation: Operation, request: GraphQLRequest, context: Context) -> None:
        outcome = await self._shared.execution.run(
            operation,
            variables=request.variables,
            context=context,
            incrementally=self._accepted.parts,
        )
        if operation.may_change_callers:
            self._shared.callers.forget()
        if COST_HEADER in self._headers:
            _tell_cost(outcome)
        cookie = self._shared.callers.cookie_for(context)
        if outcome.frames is not None:
            self._begin(outcome, status=200)
            await send_incrementally(
                self._wire,
                outcome.frames,
                old=self._accepted.old_parts,
                headers=[*self._headers_of(outcome), *cookie],
            )
        elif self._accepted.whole is None and self._accepted.events:
            self._begin(outcome, status=200)
            headers = [*self._headers_of(outcome), *cookie]
            await send_events(self._wire, _once(outcome), headers=headers)
        else:
            await self._send_outcome(outcome, further=cookie)

    async def _stream(self, operation: Operation, request: GraphQLRequest, context: Context) -> None:
        """Answer a subscription in the kind of stream the client takes."""
        as_parts = self._accepted.parts and not self._accepted.events
        if not (as_parts or self._accepted.events or self._accepted.any_stream):
            raise NotAcceptable(
                "a subscription is answered as text/event-stream or multipart/mixed, or by WebSocket"
            )
        sending = send_subscription_parts if as_parts else send_events
        shown_out: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        async def show_out(reason: DomainError) -> None:
            if not shown_out.done():
                shown_out.set_result(refusal_of(reason, request_id=self._request_id))

        with (
            self._shared.listeners.operation(context.viewer),
            self._shared.standing.watching(Listener(context, show_out)),
        ):
            answers = self._shared.execution.subscribe(
                operation, variables=request.variables, context=context
            )
            self._begin(Outcome(), status=200)
            await sending(self._wire, answers, headers=self._headers_of(Outcome()), last=shown_out)

    def _headers_of(self, outcome: Outcome, *, is_preflight: bool = False) -> Headers:
        foreign = self._shared.cross_origin.headers(self._headers.get("origin"), is_preflight=is_preflight)
        return [*headers_of(outcome, request_id=self._request_id), *foreign]

    async def _send_outcome(self, outcome: Outcome, *, further: Headers | None = None) -> None:
        status, body = status_of(outcome, self._kind), render(outcome)
        headers = [*self._headers_of(outcome), *(further or ())]
        tag = tag_of(outcome, body, kind=self._kind) if self._may_be_kept else None
        if tag is not None:
            headers = tagged(headers, tag)
            if is_known(self._headers.get("if-none-match"), tag):
                self._begin(outcome, status=304)
                await send_unchanged(self._send, headers=headers)
                return
        self._begin(outcome, status=status)
        await send_whole(self._send, status=status, kind=self._kind, headers=headers, body=body)

    async def _turn_away(self, error: DomainError) -> None:
        """Answer a request that was refused before it was read as GraphQL: its status is the same for all."""
        outcome = refusal_of(error, request_id=self._request_id)
        status, further = _BY_CODE.get(error.code, 403), {}
        if isinstance(error, RequestRefused):
            status, further = error.status, error.headers
        self._begin(outcome, status=status)
        await send_whole(
            self._send,
            status=status,
            kind=self._kind,
            headers=[
                *self._headers_of(outcome),
                *((name.encode(), value.encode()) for name, value in further.items()),
            ],
            body=render(outcome),
        )

    def _begin(self, outcome: Outcome, *, status: int) -> None:
        """Note that from now on this status and no other is sent."""
        self._started = True
        if self._observed is not None:
            self._observed.outcome, self._observed.status = outcome, status

    async def _send_nothing(self) -> None:
        self._begin(Outcome(), status=204)
        headers = [(b"allow", ALLOWED.encode()), *self._headers_of(Outcome(), is_preflight=True)]
        await self._send({"type": "http.response.start", "status": 204, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})


async def _once(outcome: Outcome) -> AsyncGenerator[Outcome, None]:
    yield outcome


def _tell_cost(outcome: Outcome) -> None:
    spending = outcome.spending
    if spending is None:
        return
    budget = spending.budget
    outcome.extensions["cost"] = {
        "requestedQueryCost": spending.requested,
        "actualQueryCost": spending.actual,
        "throttleStatus": {
            "maximumAvailable": budget.points_max,
            "currentlyAvailable": spending.left,
            "restoreRate": budget.points_per_s,
        },
    }
