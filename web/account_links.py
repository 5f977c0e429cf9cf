"""The links that are mailed for accounts: confirm an address, set a new password, join a workspace.

GET asks and changes nothing, because mail scanners open every link; POST acts. Confirming and resetting need
no cookie, the link is the key. Joining needs the session of the invited person, and so our own origin.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import parse_qs, quote

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from auth.cookies import SessionCookie
from auth.origins import ForeignOrigin, allowed_origins, check_request_origin
from auth.passwords import WeakPassword
from auth.throttling import TooManyAttempts
from auth.tokens import TokenKind, token_kind
from auth.viewer import ANONYMOUS, identify
from domain.accounts.rules import LinkInvalid, LinkPurpose
from domain.errors import DomainError, Unauthenticated
from resolvers import accounts, members
from resolvers.context import Caller, Context, Services
from web.pages import choose_language, render_page
from web.texts import TEXTS, PageName

log = structlog.get_logger(__name__)

BODY_BYTES_MAX: Final = 65_536
"""Far more than the longest password takes: what is cut off here is refused as too long, never accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """One kind of link.

    Attributes:
        asks: shown on GET, and again when a browser let another site press the button.
        check: does nothing while the link would work; raises LinkInvalid.
        act: does what the button says.
        done: shown afterwards.
    """

    asks: PageName
    check: Callable[[Context, str], Awaitable[None]]
    act: Callable[[Request, Context, str], Awaitable[object]]
    done: PageName


class AccountLinks:
    """Answers `/verify`, `/reset` and `/join`, each with `?token=`; the services exist while the server runs."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    @property
    def routes(self) -> list[Route]:
        """Where they stand."""
        return [
            Route(path, partial(self._answer, link), methods=["GET", "POST"]) for path, link in _LINKS.items()
        ]

    async def _answer(self, link: _Link, request: Request) -> Response:
        token = request.query_params.get("token", "")
        try:
            if token_kind(token) is not TokenKind.ONE_TIME:
                raise LinkInvalid("this is no link of ours", field=("token",))
            if request.method == "POST":
                await link.act(request, self._context(request), token)
                return _page(request, link.done, token=token)
            await link.check(self._context(request), token)
            return _page(request, link.asks, token=token)
        except DomainError as error:
            return _refusal(request, error, link=link, token=token)
        except ClientDisconnect:
            raise
        except Exception:  # the person must not be left with a stack trace
            log.error("account_link_failed", path=request.url.path, exc_info=True)
            return _page(request, PageName.TRY_AGAIN_LATER, token=token, status=503)

    def _context(self, request: Request) -> Context:
        caller = Caller(
            ip=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent"),
        )
        return Context(
            viewer=ANONYMOUS, caller=caller, services=self._services(), request_id=uuid.uuid4().hex
        )


async def _check_verification(context: Context, token: str) -> None:
    await accounts.check_link(context, purpose=LinkPurpose.VERIFY_EMAIL, token=token)


async def _check_reset(context: Context, token: str) -> None:
    await accounts.check_link(context, purpose=LinkPurpose.RESET_PASSWORD, token=token)


async def _check_invitation(context: Context, token: str) -> None:
    await members.check_invitation(context, token=token)


async def _verify(_request: Request, context: Context, token: str) -> None:
    await accounts.verify_email(context, token=token)


async def _reset(request: Request, context: Context, token: str) -> None:
    await accounts.reset_password(context, token=token, password=await _read_password(request))


async def _join(request: Request, context: Context, token: str) -> None:
    """Accept as the person this browser is signed in as, unless another site's page sent it here."""
    base_url, headers = context.services.base_url, request.headers
    session = SessionCookie.for_public_url(base_url).read(request.cookies)
    if session is not None:
        check_request_origin(method=request.method, headers=headers, allowed=allowed_origins(base_url))
    context.viewer = await identify(
        credential=session, workspace=None, request_id=context.request_id, now=context.now()
    )
    await members.accept_invitation(context, token=token)


_LINKS: Final[Mapping[str, _Link]] = {
    "/verify": _Link(
        asks=PageName.CONFIRM_EMAIL, check=_check_verification, act=_verify, done=PageName.EMAIL_CONFIRMED
    ),
    "/reset": _Link(
        asks=PageName.RESET_PASSWORD, check=_check_reset, act=_reset, done=PageName.PASSWORD_CHANGED
    ),
    "/join": _Link(asks=PageName.JOIN, check=_check_invitation, act=_join, done=PageName.JOINED),
}


def _refusal(request: Request, error: DomainError, *, link: _Link, token: str) -> Response:
    """Say what can be done about it; of a link that doesn't work nothing but that."""
    match error:
        case WeakPassword():
            return _page(request, PageName.PASSWORD_TOO_WEAK, token=token, status=422)
        case ForeignOrigin():
            return _page(request, link.asks, token=token, status=403)
        case Unauthenticated():
            return _page(request, PageName.SIGN_IN_FIRST, token=token, status=401)
        case TooManyAttempts():
            answer = _page(request, PageName.TOO_MANY_ATTEMPTS, token=token, status=429)
            answer.headers["Retry-After"] = str(error.retry_after_s)
            return answer
        case _:
            return _page(request, PageName.LINK_INVALID, token=token, status=404)


def _page(request: Request, name: PageName, *, token: str, status: int = 200) -> Response:
    """Return a page whose button, if it has one, posts to this same link."""
    language = choose_language(request.headers.get("accept-language"))
    text = TEXTS[name][language]
    return render_page(
        name,
        language=language,
        status=status,
        action=f"{request.url.path}?token={quote(token)}" if text.button else None,
        href=f"/graphiql#join={quote(token)}" if text.link else None,
    )


async def _read_password(request: Request) -> str:
    """Return the form's field, "" when it isn't there."""
    body = b""
    async for piece in request.stream():
        body += piece[: BODY_BYTES_MAX - len(body)]
    return parse_qs(body.decode("latin-1")).get("password", [""])[0]
