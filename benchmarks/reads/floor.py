"""The floor: a bare Starlette handler that sends the bytes of one hand-written statement, through a stock pool.

It looks the token up with the statement that Plera's sign-in runs, is confined by the same row-level security, and
for the change calls the same use case.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.tokens import bearer_token, hash_token
from benchmarks.reads.floor_statements import STATEMENTS, TOKEN
from domain.actor import Actor, ActorKind
from domain.leads.service import restrict_lead
from domain.workspaces.rules import Role
from settings import Settings
from wiring import application

POOL = 10
"""Connections per role, as many as Plera has."""


def floor_app(settings: Settings) -> Starlette:
    """Build the application; ``POST /Q1`` and so on, with the variables as its body."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as opened:
            await opened.enter_async_context(application(settings))
            for name in ("app", "system"):
                pool = asyncpg.create_pool(
                    settings.database_url,
                    min_size=POOL,
                    max_size=POOL,
                    server_settings={"role": f"plera_{name}"},
                )
                setattr(app.state, name, await opened.enter_async_context(pool))
            yield

    return Starlette(routes=[Route("/{question}", _answer, methods=["POST"])], lifespan=lifespan)


async def _answer(request: Request) -> Response:
    now = datetime.now(UTC)
    state, question = request.app.state, request.path_params["question"]
    credential = bearer_token(request.headers.get("authorization"))
    token = await state.system.fetchrow(TOKEN, hash_token(credential or ""), now)
    if token is None:
        return Response(status_code=401)
    variables = orjson.loads(await request.body())
    values = [UUID(variables["id"])] if "id" in variables else []
    if question == "M1":
        await restrict_lead(
            actor=_actor(token), lead_id=values[0], restricted=variables["restricted"], now=now
        )
    answer = await state.app.fetchval(STATEMENTS[question], token["workspace_id"], *values)
    return Response(answer.encode(), media_type="application/json")


def _actor(token: Any) -> Actor:
    return Actor(
        kind=ActorKind.API_TOKEN,
        workspace_id=token["workspace_id"],
        id=token["id"],
        user_id=token["created_by"],
        role=Role(token["role"]),
    )
