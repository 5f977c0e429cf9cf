"""Who sends a request or opens a socket: its credentials, and the context its operations run in."""

import random
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import cookie_parser

from auth.cookies import SessionCookie
from auth.origins import allowed_origins, check_request_origin, check_socket_origin
from auth.remembering import RememberedViewers
from auth.tokens import bearer_token
from auth.viewer import ANONYMOUS, Viewer
from domain.tenancy import AWAY
from resolvers.context import Caller, Context, Services
from web.graphql.refusals import database_away

SESSION_MAX_AGE_S: Final = 90 * 24 * 3600


def read_headers(scope: Mapping[str, Any]) -> dict[str, str]:
    """Return a request's headers by lower-case name; several of one name are joined, as HTTP says."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


_RANDOM: Final = random.Random()  # noqa: S311 - an id is no secret, and the system's source is a call into the kernel


def new_request_id() -> str:
    """Return an id that finds a request in the log."""
    return f"{_RANDOM.getrandbits(128):032x}"


class Callers:
    """Knows callers by their credentials.

    Args:
        services: the process's.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._cookie = SessionCookie.for_public_url(services.base_url)
        self._origins = allowed_origins(services.base_url)
        self._viewers = RememberedViewers(clock=services.clock)

    async def of_request(
        self, scope: Mapping[str, Any], headers: Mapping[str, str], *, request_id: str
    ) -> Context:
        """Return the context of an HTTP request; raises Unauthenticated, Forbidden or ServiceUnavailable."""
        credential = bearer_token(headers.get("authorization"))
        if credential is None:
            credential = self._session(headers)
            if credential is not None:
                check_request_origin(method=scope["method"], headers=headers, allowed=self._origins)
        context = self._context(scope, headers, credential=credential, request_id=request_id)
        context.viewer = await self.viewer(
            credential, workspace=headers.get("plera-workspace"), request_id=request_id
        )
        return context

    def of_socket(self, scope: Mapping[str, Any]) -> Context:
        """Return the context of a socket that hasn't said who it is; raises ForeignOrigin."""
        headers = read_headers(scope)
        credential = self._session(headers)
        if credential is not None:
            check_socket_origin(headers=headers, allowed=self._origins)
        return self._context(scope, headers, credential=credential, request_id=new_request_id())

    async def viewer(self, credential: str | None, *, workspace: str | None, request_id: str) -> Viewer:
        """Return whom a credential belongs to; raises like ``of_request``."""
        try:
            return await self._viewers.identify(
                credential=credential, workspace=workspace, request_id=request_id
            )
        except AWAY:
            raise database_away() from None

    def forget(self) -> None:
        """Trust nothing that was remembered of anybody: an operation may have changed it."""
        self._viewers.forget()

    def cookie_for(self, context: Context) -> list[tuple[bytes, bytes]]:
        """Return the header that hands a browser its session, or takes it away, if the operation did."""
        token = context.caller.session_token
        if token is None:
            return []
        line = self._cookie.setting(token, max_age_s=SESSION_MAX_AGE_S) if token else self._cookie.clearing()
        return [(b"set-cookie", line.encode())]

    def _session(self, headers: Mapping[str, str]) -> str | None:
        cookies = headers.get("cookie")
        return self._cookie.read(cookie_parser(cookies)) if cookies else None

    def _context(
        self,
        scope: Mapping[str, Any],
        headers: Mapping[str, str],
        *,
        credential: str | None,
        request_id: str,
    ) -> Context:
        client = scope.get("client")
        caller = Caller(
            ip=client[0] if client else None,
            user_agent=headers.get("user-agent"),
            credential=credential,
            idempotency_key=headers.get("idempotency-key"),
        )
        return Context(viewer=ANONYMOUS, caller=caller, services=self._services, request_id=request_id)
