"""Serves the small page of our own: nothing inline, nothing from elsewhere, checked by ETag on every load."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from web.headers import page_headers

_FOLDER: Final = Path(__file__).parent
_MEDIA_TYPES: Final = {
    "index.html": "text/html; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
    "explorer.js": "text/javascript; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "socket.js": "text/javascript; charset=utf-8",
    "examples.graphql": "text/plain; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_HEADERS: Final = page_headers(
    policy="script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    caching="no-cache",
)


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    media_type: str
    etag: str


async def index(request: Request) -> Response:
    """Answer the page itself."""
    return _answer(request, name="index.html")


async def _file(request: Request) -> Response:
    return _answer(request, name=request.path_params["asset"])


def _answer(request: Request, *, name: str) -> Response:
    """Answer 200, 304 when the browser has it already, or 404 for any name that isn't in the list."""
    if name not in _MEDIA_TYPES:
        return Response("Not found\n", status_code=404, media_type="text/plain", headers=_HEADERS)
    asset = _asset(name)
    headers = {**_HEADERS, "ETag": asset.etag}
    if _has(asset.etag, if_none_match=request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, headers={**headers, "Content-Type": asset.media_type})


def _has(etag: str, *, if_none_match: str) -> bool:
    """Return whether the header names this version; comparison is weak, as RFC 9110 13.1.2 wants it."""
    named = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return etag in named or "*" in named


@cache
def _asset(name: str) -> _Asset:
    body = (_FOLDER / name).read_bytes()
    return _Asset(body=body, media_type=_MEDIA_TYPES[name], etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"')


files: BaseRoute = Route("/graphiql/{asset}", _file)
routes: list[BaseRoute] = [Route("/graphiql", index), files]
