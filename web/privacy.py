"""The pages of a privacy request: GET asks, POST acts. No cookie, no sign-in; the mailed link is the key."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import DomainError
from domain.privacy.links import LinkUse
from resolvers import privacy
from resolvers.context import Services
from web.headers import page_headers
from web.pages import choose_language, render_page
from web.texts import Language, PageName

log = structlog.get_logger(__name__)

_FILE_HEADERS = {
    **page_headers(policy="sandbox", caching="no-store"),
    "Content-Disposition": 'attachment; filename="privacy-request.json"',
}


class PrivacyPages:
    """Answers `/privacy/confirm/{token}/{code}` and `/privacy/result/{token}`.

    Args:
        services: exist only while the server runs.
    """

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    @property
    def routes(self) -> list[Route]:
        """Where they stand."""
        return [
            Route("/privacy/confirm/{token}/{code}", self._confirm, methods=["GET", "POST"]),
            Route("/privacy/result/{token}", self._result, methods=["GET", "POST"]),
        ]

    async def _confirm(self, request: Request) -> Response:
        async def act() -> Response:
            await privacy.confirm_by_link(
                self._services(),
                token=request.path_params["token"],
                code=request.path_params["code"],
                ip=request.client.host if request.client else None,
            )
            return render_page(PageName.PRIVACY_CONFIRMED, language=_language(request))

        return await self._answer(request, ask=PageName.PRIVACY_CONFIRM, use=LinkUse.CONFIRM, act=act)

    async def _result(self, request: Request) -> Response:
        async def act() -> Response:
            content = await privacy.download_by_link(self._services(), token=request.path_params["token"])
            return Response(content, media_type="application/json", headers=_FILE_HEADERS)

        return await self._answer(request, ask=PageName.PRIVACY_RESULT, use=LinkUse.RESULT, act=act)

    async def _answer(
        self, request: Request, *, ask: PageName, use: LinkUse, act: Callable[[], Awaitable[Response]]
    ) -> Response:
        language = _language(request)
        try:
            if request.method == "POST":
                return await act()
            privacy.check_link(self._services(), token=request.path_params["token"], use=use)
            return render_page(ask, language=language, action=request.url.path)
        except DomainError:
            return render_page(PageName.LINK_INVALID, language=language, status=404)
        except Exception:  # the person must not be left with a stack trace
            log.error("privacy_page_failed", exc_info=True)
            return render_page(PageName.TRY_AGAIN_LATER, language=language, status=503)


def _language(request: Request) -> Language:
    return choose_language(request.headers.get("accept-language"))
