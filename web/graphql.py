"""The HTTP and WebSocket door of the one endpoint, `/graphql`."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from starlette.websockets import WebSocketDisconnected as AlreadyClosed
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from auth.cookies import SessionCookie
from auth.origins import allowed_origins, check_request_origin, check_socket_origin
from auth.tokens import bearer_token
from auth.viewer import ANONYMOUS, Viewer, identify
from domain.errors import DomainError
from resolvers.context import Caller, Context, Services
from web.limits import limited

SESSION_MAX_AGE_S = 90 * 24 * 3600


class QuietSocket(ASGIWebSocketAdapter):
    """A client that went away is no fault of ours: what it no longer hears isn't logged as an error."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send, unless nobody listens any more; the reading side notices and ends the operations."""
        with suppress(WebSocketDisconnected, AlreadyClosed):
            await super().send_json(message)


class GraphQLEndpoint(GraphQL[Context, None]):
    """Strawberry's ASGI application with our viewer, cookies and error codes."""

    websocket_adapter_class = QuietSocket

    def __init__(self, schema: strawberry.Schema, services: Services) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=10),
            multipart_uploads_enabled=True,
        )
        self._services = services
        self._cookie = SessionCookie.for_public_url(services.base_url)
        self._origins = allowed_origins(services.base_url)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request; what is refused before execution gets a typed JSON error, too."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        request = Request(scope)
        scope["plera.request_id"] = request_id = uuid.uuid4().hex
        try:
            if bearer_token(request.headers.get("authorization")) is None and self._cookie.read(
                request.cookies
            ):
                check_request_origin(method=request.method, headers=request.headers, allowed=self._origins)
            await super().__call__(scope, limited(receive, scope=scope), send)
        except DomainError as error:
            await _refused(error, request_id=request_id)(scope, receive, send)

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        """Open a socket unless a page of a foreign origin asks for it with a cookie."""
        socket = WebSocket(scope, receive, send)
        try:
            if self._cookie.read(socket.cookies) is not None:
                check_socket_origin(headers=socket.headers, allowed=self._origins)
        except DomainError:
            await socket.close(code=4403)
            return
        await super().__call__(scope, receive, send)

    async def get_context(self, request: HTTPConnection, response: Any) -> Context:
        """Build the context of a request, or of a socket before its ``connection_init``."""
        request_id = request.scope.get("plera.request_id") or uuid.uuid4().hex
        caller = Caller(
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
            credential=self._credential(request),
            idempotency_key=request.headers.get("idempotency-key"),
        )
        viewer = ANONYMOUS
        if request.scope["type"] == "http":
            viewer = await self._viewer(caller, request.headers, request_id)
        context = Context(viewer=viewer, caller=caller, services=self._services, request_id=request_id)
        request.scope["plera.context"], request.scope["plera.response"] = context, response
        return context

    async def on_ws_connect(self, context: Context) -> Any:
        """Find out who opened the socket; wrong credentials close it with 4403 before anything runs."""
        params = getattr(context, "connection_params", None)
        headers = (
            {str(key).lower(): value for key, value in params.items()} if isinstance(params, dict) else {}
        )
        offered = bearer_token(headers.get("authorization"))
        context.caller.credential = offered or context.caller.credential
        try:
            context.viewer = await self._viewer(context.caller, headers, context.request_id)
        except DomainError as error:
            raise ConnectionRejectionError({"code": error.code, "message": error.message}) from None
        return strawberry.UNSET

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Add our extensions to the answer, and the session cookie after sign-in or sign-out."""
        await request.close()  # lets go of uploads
        answer = process_result(result)
        context: Context = request.scope["plera.context"]
        if context.extensions:
            answer["extensions"] = {**(answer.get("extensions") or {}), **context.extensions}
        token = context.caller.session_token
        if token is not None:
            line = (
                self._cookie.setting(token, max_age_s=SESSION_MAX_AGE_S) if token else self._cookie.clearing()
            )
            request.scope["plera.response"].headers.append("set-cookie", line)
        return answer

    def encode_json(self, data: object) -> str:
        """Serialise; sockets need text, so bytes are decoded."""
        return orjson.dumps(data, default=_plain).decode()

    def _credential(self, request: HTTPConnection) -> str | None:
        bearer = bearer_token(request.headers.get("authorization"))
        return bearer or self._cookie.read(request.cookies)

    async def _viewer(self, caller: Caller, headers: Mapping[str, Any], request_id: str) -> Viewer:
        return await identify(
            credential=caller.credential,
            workspace=headers.get("plera-workspace"),
            request_id=request_id,
            now=self._services.clock(),
        )


def _refused(error: DomainError, *, request_id: str) -> Response:
    status = {"UNAUTHENTICATED": 401, "RATE_LIMITED": 429, "REQUEST_TOO_LARGE": 413}.get(error.code, 403)
    body = {
        "errors": [{"message": error.message, "extensions": {"code": error.code, "requestId": request_id}}]
    }
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")


def _plain(value: object) -> Any:
    if isinstance(value, GraphQLError):
        return value.formatted
    raise TypeError(f"not JSON: {type(value)}")
