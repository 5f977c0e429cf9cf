"""Whether the process lives, and whether it can work."""

from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

Readiness = Mapping[str, Callable[[], Awaitable[object]]]
"""What must answer before we are ready, by name; each check may raise."""


def health_routes(readiness: Readiness) -> list[Route]:
    """Return what answers at ``/livez`` and ``/readyz``."""

    async def ready(_request: Request) -> Response:
        checks = {name: await _answers(check) for name, check in readiness.items()}
        status = 200 if all(checks.values()) else 503
        return Response(orjson.dumps(checks), status_code=status, media_type="application/json")

    return [Route("/livez", _alive), Route("/readyz", ready)]


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _answers(check: Callable[[], Awaitable[object]]) -> bool:
    try:
        return bool(await check())
    except Exception:  # whatever it is, we aren't ready
        return False
