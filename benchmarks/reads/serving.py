"""One Python variant as a process: ``python -m benchmarks.reads.serving VARIANT PORT``, with Plera's environment."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from operations.serving import collect_rarely, serve
from resolvers.context import Services
from settings import Settings, load_settings


def _plera(settings: Settings) -> Starlette:
    """As ``main`` serves it; all others keep Python's defaults for garbage collection."""
    from main import build_app

    app = build_app(settings, with_worker=False)
    collect_rarely()
    return app


def _tuned(settings: Settings) -> Starlette:
    """Plera without its read engine: what is asked is walked field by field, over asyncpg records and loaders."""
    from schema.execution import SchemaExecution, unplanned
    from schema.root import build_schema
    from web.app import create_app
    from wiring import application

    @asynccontextmanager
    async def open_services() -> AsyncIterator[Services]:
        async with application(settings) as app:
            yield app.services

    execution = SchemaExecution(build_schema(), planned=unplanned)
    return create_app(execution=execution, sdl="", open_services=open_services, readiness={})


def _floor(settings: Settings) -> Starlette:
    from benchmarks.reads.floor import floor_app

    return floor_app(settings)


def _tortoise(settings: Settings) -> Starlette:
    from benchmarks.peers.tortoise_app import tortoise_app

    return tortoise_app(settings)


def _stock(settings: Settings) -> Starlette:
    from benchmarks.peers.stock_sockets import stock_app

    return stock_app(settings)


APPS: dict[str, Callable[[Settings], Starlette]] = {
    "plera": _plera,
    "tuned": _tuned,
    "floor": _floor,
    "tortoise": _tortoise,
    "stock": _stock,
}


def main() -> None:
    """Serve until the signal comes."""
    variant, port = sys.argv[1:]
    serve(APPS[variant](load_settings()), host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    main()
