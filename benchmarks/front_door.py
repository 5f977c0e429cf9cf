"""What a request costs in front of the engine: our front beside Strawberry's ASGI view with its caches.

Both are called as ASGI applications in one process, in turns, with the same request of a stranger and a document they
have seen before; no network, no database. The document asks for two type names, so that next to nothing is executed.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import orjson
import strawberry
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

from auth.budgets import Budget, Budgets
from benchmarks.stage import Figure, median, show
from operations.metrics import Metrics
from operations.request_log import RequestLines
from resolvers.context import Context, Services
from resolvers.observing import Observed, Observer
from schema.documents import PreparedOperation
from schema.execution import SchemaExecution
from schema.root import build_schema
from settings import RequestLog
from web.graphql.endpoint import GraphQLEndpoint

ROUNDS, REQUESTS = 15, 1_000
BODY = orjson.dumps(
    {"query": "query Door { a: __typename b: __typename }", "operationName": "Door", "variables": {}}
)
ANSWER = b'{"a":"Query","b":"Query"}'
SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/graphql",
    "query_string": b"",
    "client": ("127.0.0.1", 1),
    "headers": [
        (b"host", b"localhost"),
        (b"accept", b"application/graphql-response+json, application/json;q=0.9"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(BODY)).encode()),
        (b"user-agent", b"benchmark"),
    ],
}


@strawberry.type
class Query:
    name: str = "stock"


def _stock() -> Any:
    parsed, validated = ParserCache(maxsize=1_000), ValidationCache(maxsize=1_000)
    schema = strawberry.Schema(Query, extensions=[lambda: parsed, lambda: validated])
    return GraphQL(schema, graphql_ide=None)


def _ours(*, observe: Observer | None = None, **options: Any) -> Any:
    outside: Any = mock.sentinel.unused
    services = Services(
        ports=outside,
        passwords=outside,
        throttle=outside,
        cursor_key=outside,
        reads=outside,
        budgets=Budgets(clock=time.monotonic),
        budget=Budget(points_max=50_000, points_per_s=5_000),
        clock=lambda: datetime.now(UTC),
        base_url="http://127.0.0.1:8000",
        web_origins=frozenset(),
        tails=outside,
        shared=outside,
        documents=outside,
    )
    return GraphQLEndpoint(SchemaExecution(build_schema(), **options), services, observe=observe)


def _both(*observers: Observer) -> Observer:
    def observe(observed: Observed) -> None:
        for each in observers:
            each(observed)

    return observe


async def _planned(
    _operation: PreparedOperation, _variables: Mapping[str, Any] | None, _context: Context
) -> bytes | None:
    return ANSWER


async def _round(app: Any) -> float:
    """Return microseconds of this thread for one request."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    started = time.thread_time()
    for _ in range(REQUESTS):
        await app(dict(SCOPE), receive, send)
    took = time.thread_time() - started
    assert orjson.loads(sent[-1]["body"] or sent[-2]["body"])["data"] == orjson.loads(ANSWER)
    return took / REQUESTS * 1e6


async def measure() -> list[Figure]:
    """Return what each takes, and how that compares."""
    lines = RequestLines(RequestLog.ALL, write=lambda _: None)
    sides = {
        "Strawberry's view": _stock(),
        "ours, field by field": _ours(),
        "ours, engine": _ours(planned=_planned),
        "… and a line in the log": _ours(planned=_planned, observe=lines.observe),
        "… and counted, too": _ours(planned=_planned, observe=_both(lines.observe, Metrics().observe)),
    }
    took: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, app in sides.items():
            took[name].append(await _round(app))
    stock = median(took["Strawberry's view"])
    return [
        Figure(name, median(values), "µs", median(values) / stock, "Strawberry's view")
        for name, values in took.items()
    ]


def main() -> None:
    """Measure and print."""
    show("The front, one request", asyncio.run(measure()))


if __name__ == "__main__":
    main()
