"""Downloads of exported leads: by the short-lived link that the API shows, or with the caller's own credential."""

import uuid
from collections.abc import Callable
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from auth.cookies import SessionCookie
from auth.tokens import bearer_token
from domain.errors import DomainError, Forbidden, Unauthenticated
from resolvers import imports
from resolvers.context import Services

_STATUS = {Unauthenticated: 401, Forbidden: 403}


class ExportDownload:
    """Answers `/exports/{id}`; the services exist only while the server runs."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    @property
    def route(self) -> Route:
        """Where it stands."""
        return Route("/exports/{id:uuid}", self._answer, methods=["GET"])

    async def _answer(self, request: Request) -> Response:
        services, request_id = self._services(), uuid.uuid4().hex
        export_id: UUID = request.path_params["id"]
        try:
            file = await imports.open_download(
                services,
                export_id=export_id,
                link_token=request.query_params.get("token"),
                credential=bearer_token(request.headers.get("authorization"))
                or SessionCookie.for_public_url(services.base_url).read(request.cookies),
                workspace=request.headers.get("plera-workspace"),
                request_id=request_id,
            )
        except DomainError as error:
            return _refused(error, request_id=request_id)
        return FileResponse(
            file.path,
            media_type="text/csv; charset=utf-8",
            filename=file.name,
            headers={
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )


def _refused(error: DomainError, *, request_id: str) -> Response:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 404)
    body = {
        "errors": [{"message": error.message, "extensions": {"code": error.code, "requestId": request_id}}]
    }
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
