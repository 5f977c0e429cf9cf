"""Serves GraphiQL as `make dashboard` built it: the page with its policy, hashed files to be kept for a year.

Where it isn't built, the small page of our own answers in its place.
"""

import re
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from web.explorer import page
from web.headers import page_headers

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
_HASHED: Final = re.compile(r"[\w.-]+-[\w-]{8}\.[a-z]+")
_UNHASHED: Final = "licenses.md"
# Monaco places its lines by style attributes and writes style elements: styles may be inline, scripts never.
_POLICY: Final = (
    "script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'none'"
)
_NOT_KEPT: Final = page_headers(policy=_POLICY, caching="no-cache")
_KEPT: Final = page_headers(policy=_POLICY, caching="public, max-age=31536000, immutable")


def explorer_routes(*, built: Path) -> list[BaseRoute]:
    """Return the routes of the explorer; ``built`` is the folder GraphiQL is built into, if it is."""
    index, assets = built / "index.html", built / "assets"

    async def show_page(request: Request) -> Response:
        if not index.is_file():
            return await page.index(request)
        return FileResponse(index, headers=_NOT_KEPT, media_type="text/html; charset=utf-8")

    async def show_asset(request: Request) -> Response:
        return _asset(assets, name=request.path_params["name"], request=request)

    return [Route("/graphiql", show_page), Route("/graphiql/assets/{name}", show_asset), page.files]


def _asset(folder: Path, *, name: str, request: Request) -> Response:
    """Answer a file of the build, compressed as it lies there, or 404 for everything else."""
    file = folder / name
    if (
        not (_HASHED.fullmatch(name) or name == _UNHASHED)
        or file.suffix not in _MEDIA_TYPES
        or not file.is_file()
    ):
        return PlainTextResponse("Not found\n", status_code=404, headers=_NOT_KEPT)
    headers = {**(_NOT_KEPT if name == _UNHASHED else _KEPT), "Vary": "Accept-Encoding"}
    compressed = file.with_name(f"{name}.gz")
    if _accepts_gzip(request.headers.get("accept-encoding", "")) and compressed.is_file():
        file, headers = compressed, {**headers, "Content-Encoding": "gzip"}
    return FileResponse(file, headers=headers, media_type=_MEDIA_TYPES[Path(name).suffix])


def _accepts_gzip(accept_encoding: str) -> bool:
    """Return whether gzip is named and not refused by ``q=0`` (RFC 9110 12.5.3)."""
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return weight == "" or float(weight) > 0 if re.fullmatch(r"[\d.]*", weight) else False
    return False
