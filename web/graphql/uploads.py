"""Requests with files, as the GraphQL multipart request specification has them; files are spooled to disk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from web.graphql.bodies import UPLOAD_BYTES_MAX, UPLOAD_SECONDS_MAX, Receive, pieces_of
from web.graphql.door import GraphQLRequest, read_json, read_members
from web.graphql.refusals import PreflightRequired, RequestRefused

FILES_MAX: Final = 10
PREFLIGHT: Final = (
    "authorization",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "graphql-require-preflight",
    "x-requested-with",
)
"""Headers that no page can send to another site without asking first; one of them must be there."""


def check_preflight(headers: Mapping[str, str]) -> None:
    """Refuse a form that another site's page may have posted; raises PreflightRequired."""
    if not any(headers.get(name, "").strip() for name in PREFLIGHT):
        raise PreflightRequired(f"a form needs one of the headers {', '.join(PREFLIGHT)}")


@asynccontextmanager
async def upload(receive: Receive, headers: Mapping[str, str]) -> AsyncIterator[GraphQLRequest]:
    """Read the form and put its files where its map says; they are gone afterwards."""
    body = pieces_of(receive, headers, bytes_max=UPLOAD_BYTES_MAX, seconds_max=UPLOAD_SECONDS_MAX)
    parser = MultiPartParser(
        Headers({"content-type": headers["content-type"]}), body, max_files=FILES_MAX, max_fields=FILES_MAX
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise RequestRefused("the body isn't the form it says it is, or has too many parts") from None
    try:
        yield read_members(_filled(form))
    finally:
        await form.close()


def _filled(form: FormData) -> Any:
    """Return the operations with files in place of their nulls."""
    request = read_json(_text(form, "operations"), what="operations")
    places = read_json(_text(form, "map"), what="map")
    if not isinstance(request, dict) or not isinstance(places, dict):
        raise RequestRefused("operations and map are JSON objects", status=422)
    if len(places) > FILES_MAX:
        raise RequestRefused(f"at most {FILES_MAX} files", status=422)
    for name, paths in places.items():
        file = form.get(name)
        if not isinstance(file, UploadFile) or not isinstance(paths, list):
            raise RequestRefused("map names a file that isn't in the form", status=422)
        for path in paths:
            _put(request, path, file)
    return request


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        raise RequestRefused(f"the form has no text field {name}", status=422)
    return value


def _put(request: dict[str, Any], path: object, file: UploadFile) -> None:
    """Put a file where a null stands: ``variables.input.file`` or ``variables.files.0``."""
    steps = path.split(".") if isinstance(path, str) else []
    place: Any = request
    try:
        if steps[0] != "variables":
            raise KeyError(path)
        for step in steps[:-1]:
            place = place[int(step) if isinstance(place, list) else step]
        last = int(steps[-1]) if isinstance(place, list) else steps[-1]
        if place[last] is not None:
            raise KeyError(path)
        place[last] = file
    except (KeyError, IndexError, TypeError, ValueError):
        raise RequestRefused("map points to a place where no null stands in variables", status=422) from None
