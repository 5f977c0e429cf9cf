"""The WebSocket side: the protocol graphql-transport-ws, and no other.

A frame that isn't of the protocol closes the socket with a code and a reason. A document that is wrong gets an
``error`` for its id and closes nothing.
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, Final

import orjson
import structlog

from auth.tokens import bearer_token
from domain.errors import DomainError, Unauthenticated
from resolvers.context import Context
from resolvers.observing import Observed
from resolvers.outcome import OperationKind, Outcome, Refused
from web.graphql.answering import Send, broken, refusal_of, render, status_of
from web.graphql.bodies import Receive
from web.graphql.callers import new_request_id
from web.graphql.door import GraphQLRequest, read_members
from web.graphql.frames import Close, id_of, payload_of, read_message
from web.graphql.negotiation import MediaType
from web.graphql.preparing import prepare
from web.graphql.refusals import RequestRefused, ServiceUnavailable
from web.graphql.shared import Shared
from web.graphql.standing import Listener

log = structlog.get_logger(__name__)

PROTOCOL: Final = "graphql-transport-ws"
INIT_SECONDS_MAX: Final = 10.0
REASON_BYTES_MAX: Final = 123
"""What fits a close frame."""


class Socket:
    """One connection, from its handshake to its close."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive, send: Send, shared: Shared) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._shared = shared
        self._listener: Listener | None = None
        self._initialised = False
        self._closed = False
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serve the connection until either side closes it."""
        await self._receive()  # websocket.connect
        offered = self._scope.get("subprotocols", ())
        await self._send(
            {"type": "websocket.accept", "subprotocol": PROTOCOL if PROTOCOL in offered else None}
        )
        try:
            if PROTOCOL not in offered:
                raise Close(4406, f"speak {PROTOCOL}")
            await self._serve(self._shared.callers.of_socket(self._scope))
        except Close as close:
            await self._close(close.code, close.reason)
        except DomainError as error:  # a foreign page's handshake
            await self._close(4403, error.message)
        except Exception:
            log.exception("socket_failed")
            await self._close(4500, "something went wrong here")
        finally:
            await self._end()

    async def _serve(self, context: Context) -> None:
        deadline = asyncio.get_running_loop().time() + INIT_SECONDS_MAX
        while True:
            try:
                async with asyncio.timeout_at(None if self._initialised else deadline):
                    event = await self._receive()
            except TimeoutError:
                raise Close(4408, "connection_init took too long") from None
            if self._closed or event["type"] == "websocket.disconnect":
                return
            await self._hear(read_message(event), context)

    async def _hear(self, message: Mapping[str, Any], context: Context) -> None:
        if self._listener is not None and not self._shared.listeners.may_talk(self._listener.context):
            raise Close(4429, "too many messages")
        match message["type"]:
            case "connection_init":
                await self._initialise(message.get("payload"), context)
            case "ping":
                await self._say(type="pong", **payload_of(message))
            case "pong":
                payload_of(message)
            case "subscribe":
                self._subscribe(message)
            case "complete":
                self._complete(id_of(message))
            case _:
                raise Close(4400, "no message is of this type")

    async def _initialise(self, payload: Any, context: Context) -> None:
        if self._initialised:
            raise Close(4429, "too many initialisation requests")
        self._initialised = True
        if payload is not None and not isinstance(payload, dict):
            raise Close(4400, "the payload of connection_init is an object or absent")
        params = {str(name).lower(): value for name, value in (payload or {}).items()}
        authorization, workspace = params.get("authorization"), params.get("plera-workspace")
        if not isinstance(authorization, str | None) or not isinstance(workspace, str | None):
            raise Close(4400, "Authorization and Plera-Workspace are strings")
        if authorization is not None:
            context.caller.credential = bearer_token(authorization) or authorization
        try:
            context.viewer = await self._shared.callers.viewer(
                context.caller.credential, workspace=workspace, request_id=context.request_id
            )
        except ServiceUnavailable as error:
            raise Close(1013, error.message) from None
        except DomainError as error:
            raise Close(_code_of(error), error.message) from None
        if context.viewer.kind is None:
            raise Close(4401, "sign in first: send Authorization in connection_init")
        if not self._shared.listeners.enter(context.viewer):
            raise Close(4429, "too many sockets")
        self._listener = Listener(context, self._show_out)
        self._shared.standing.watch(self._listener)
        await self._say(type="connection_ack")

    def _subscribe(self, message: Mapping[str, Any]) -> None:
        id_ = id_of(message)
        if self._listener is None:
            raise Close(4401, "subscribe before connection_ack")
        if id_ in self._operations:
            raise Close(4409, f"a subscriber for {id_[:60]} already exists")
        try:
            work = self._operate(id_, read_members(message.get("payload")), self._listener)
        except RequestRefused as error:
            raise Close(4400, error.message) from None
        except DomainError as error:
            work = self._refuse(id_, refusal_of(error, request_id=self._listener.context.request_id))
        self._operations[id_] = asyncio.create_task(work)

    def _complete(self, id_: str) -> None:
        """Stop an operation; what it still had to say isn't said."""
        task = self._operations.pop(id_, None)
        if task is not None:
            task.cancel()

    async def _operate(self, id_: str, request: GraphQLRequest, listener: Listener) -> None:
        context = replace(
            listener.context,
            request_id=new_request_id(),
            extensions={},
            spending=None,
            declined=None,
            _reader=None,
            _loaders={},
        )
        observe = self._shared.observe
        observed = None if observe is None else Observed(context.request_id, "socket")
        try:
            with self._shared.listeners.operation(context.viewer):
                await self._answer(id_, request, context, observed)
        except Refused as refused:
            await self._refuse(id_, refused.outcome, observed)
        except DomainError as error:
            await self._refuse(id_, refusal_of(error, request_id=context.request_id), observed)
        except Exception:
            log.exception("operation_failed", request_id=context.request_id)
            await self._refuse(id_, broken(context.request_id), observed)
        finally:
            if observe is not None and observed is not None:
                observed.ended()
                observe(observed)

    async def _answer(
        self, id_: str, request: GraphQLRequest, context: Context, observed: Observed | None
    ) -> None:
        operation = await prepare(request, context, self._shared)
        if observed is not None:
            observed.operation = operation
        if operation.kind is OperationKind.SUBSCRIPTION:
            if observed is not None:
                observed.status = 200  # it may end before anything happens
            answers = self._shared.execution.subscribe(
                operation, variables=request.variables, context=context
            )
            async with aclosing(answers):
                async for outcome in answers:
                    if outcome.data is None:
                        await self._refuse(id_, outcome, observed)
                        return
                    await self._next(id_, outcome, observed)
        else:
            outcome = await self._shared.execution.run(
                operation, variables=request.variables, context=context
            )
            if operation.may_change_callers:
                self._shared.callers.forget()
            if outcome.data is None:
                await self._refuse(id_, outcome, observed)
                return
            await self._next(id_, outcome, observed)
        self._operations.pop(id_, None)
        await self._say(type="complete", id=id_)

    async def _next(self, id_: str, outcome: Outcome, observed: Observed | None) -> None:
        if observed is not None:
            observed.outcome, observed.status = outcome, status_of(outcome, MediaType.GRAPHQL)
        await self._say_text(
            b'{"type":"next","id":' + orjson.dumps(id_) + b',"payload":' + render(outcome) + b"}"
        )

    async def _refuse(self, id_: str, outcome: Outcome, observed: Observed | None = None) -> None:
        """End an operation with its errors; the id is free again."""
        if observed is not None:
            observed.outcome, observed.status = outcome, status_of(outcome, MediaType.GRAPHQL)
        self._operations.pop(id_, None)
        await self._say(type="error", id=id_, payload=outcome.errors)

    async def _say(self, **message: Any) -> None:
        await self._say_text(orjson.dumps(message))

    async def _say_text(self, text: bytes) -> None:
        if not self._closed:
            with suppress(OSError):  # who went away hears no more; the reading side notices
                await self._send({"type": "websocket.send", "text": text.decode()})

    async def _show_out(self, reason: DomainError) -> None:
        """Close from outside, because the caller may no longer listen."""
        await self._close(_code_of(reason), reason.message)

    async def _close(self, code: int, reason: str) -> None:
        if self._closed:
            return
        self._closed = True
        text = reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")
        with suppress(OSError, RuntimeError):  # gone already
            await self._send({"type": "websocket.close", "code": code, "reason": text})

    async def _end(self) -> None:
        self._closed = True
        if self._listener is not None:
            self._shared.standing.forget(self._listener)
            self._shared.listeners.leave(self._listener.context.viewer)
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _code_of(error: DomainError) -> int:
    """Return what closes the socket of somebody who may not listen; clients take 4401 as final."""
    return 4401 if isinstance(error, Unauthenticated) else 4403
