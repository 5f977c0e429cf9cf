"""The unsubscribe page: GET asks, POST acts (RFC 8058). No cookie, no sign-in, no redirect, no expiry."""

import uuid
from collections.abc import Callable
from urllib.parse import parse_qs

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from domain.suppression.tokens import UnsubscribeTokenInvalid
from domain.suppression.unsubscribing import Wish
from resolvers import suppression
from resolvers.context import Services
from web.pages import choose_language, render_page
from web.texts import PageName

log = structlog.get_logger(__name__)

BODY_BYTES_MAX = 4_096
"""Our own form is a few bytes, RFC 8058's a line; what is longer is one-click all the same."""


class UnsubscribePage:
    """Answers `/u/{token}`; the services exist only while the server runs."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    @property
    def route(self) -> Route:
        """Where it stands."""
        return Route("/u/{token}", self._answer, methods=["GET", "POST"])

    async def _answer(self, request: Request) -> Response:
        language = choose_language(request.headers.get("accept-language"))
        try:
            if request.method == "POST":
                await self._act(request)
                return render_page(PageName.UNSUBSCRIBED, language=language)
            name = await suppression.find_sender_name(self._services(), token=request.path_params["token"])
            return render_page(PageName.UNSUBSCRIBE, language=language, action=request.url.path, note=name)
        except UnsubscribeTokenInvalid:
            return render_page(PageName.LINK_INVALID, language=language, status=404)
        except ClientDisconnect:
            raise
        except Exception:  # the person must not be left with a stack trace
            log.error("unsubscribe_failed", exc_info=True)
            return render_page(PageName.TRY_AGAIN_LATER, language=language, status=503)

    async def _act(self, request: Request) -> None:
        await suppression.stop_messages(
            self._services(),
            token=request.path_params["token"],
            wish=await _wish(request),
            request_id=uuid.uuid4().hex,
        )


async def _wish(request: Request) -> Wish:
    """Return what the body asks for; any body that isn't our own form's second button unsubscribes."""
    body = b""
    async for piece in request.stream():
        body += piece[: BODY_BYTES_MAX - len(body)]
    form = parse_qs(body.decode("latin-1"))
    return Wish.OBJECT if form.get("wish") == [Wish.OBJECT.value] else Wish.UNSUBSCRIBE
