"""Strawberry over Tortoise as one writes it without measuring: one transaction per operation carries the workspace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.extensions import SchemaExtension
from tortoise import Tortoise
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from auth.tokens import bearer_token, hash_token
from benchmarks.peers.tortoise_models import ApiToken
from benchmarks.peers.tortoise_schema import Mutation, Query
from domain.errors import Unauthenticated
from settings import Settings, tortoise_config

MODELS = "benchmarks.peers.tortoise_models"


class InTheWorkspace(SchemaExtension):
    """Opens the transaction that row-level security is scoped in."""

    async def on_operation(self) -> AsyncIterator[None]:
        workspace_id = self.execution_context.context["workspace_id"]
        async with in_transaction("app") as connection:
            await connection.execute_query(
                "SELECT set_config('app.workspace_id', $1, true)", [str(workspace_id)]
            )
            yield


class SignedIn(GraphQL[dict[str, Any], None]):
    """Finds the workspace by the token."""

    async def get_context(self, request: HTTPConnection, response: Any) -> dict[str, Any]:
        token_hash = hash_token(bearer_token(request.headers.get("authorization")) or "")
        alive = Q(expires_at=None) | Q(expires_at__gt=datetime.now(UTC))
        # the role of look-ups may read these columns only
        columns = ("id", "workspace_id", "role", "created_by")
        token = await ApiToken.filter(alive, token_hash=token_hash, revoked_at=None).only(*columns).first()
        if token is None:
            raise Unauthenticated("the token was revoked or is too old")
        return {"workspace_id": token.workspace_id, "token_id": token.id}


def tortoise_app(settings: Settings) -> Starlette:
    """Build the application."""
    config = tortoise_config(str(settings.database_url))
    config["apps"] = {
        "models": {"models": [MODELS], "default_connection": "app"},
        "system": {"models": [MODELS], "default_connection": "system"},
    }

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await Tortoise.init(config=config, _enable_global_fallback=True)
        yield
        await Tortoise.close_connections()

    schema = strawberry.Schema(Query, Mutation, extensions=[InTheWorkspace])
    return Starlette(
        routes=[Route("/graphql", SignedIn(schema, graphql_ide=None), methods=["POST"])], lifespan=lifespan
    )
