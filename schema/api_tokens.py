"""API tokens: keys for programs."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domain.workspaces.rules import Permission, Role
from resolvers import api_tokens
from resolvers.reading.describe import Order
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, one, read_optional_id, reference, type_of
from schema.scalars import DateTime
from schema.writes import change_of

if TYPE_CHECKING:
    from schema.api_clients import ApiClient


@entity("api_token", prefix="token", permission=Permission.MANAGE_TOKENS)
class ApiToken(Node):
    """A key for a program. Its text is shown once, when it is created."""

    name: str = column(description="What it is for.")
    role: Role = column(description="What it may do.")
    expires_at: DateTime | None = column(description="Until when it works; absent for ever.")
    revoked_at: DateTime | None = column(description="When it was revoked.")
    created_at: DateTime = column(description="When it was issued.")
    client_id: strawberry.ID | None = reference(
        "client", sql="t.api_client_id", description="The API client whose terms hold for it."
    )
    client: Annotated["ApiClient", strawberry.lazy("schema.api_clients")] | None = one(
        key="api_client_id",
        target=lambda: type_of("client"),
        description="The API client whose terms hold for it.",
    )


@strawberry.input(description="A key for a program.")
class ApiTokenCreateInput:
    """Arguments of `apiTokenCreate`."""

    name: str = strawberry.field(description="What it is for.")
    role: Role = strawberry.field(description="Not above your own.")
    expires_at: DateTime | None = strawberry.field(default=None, description="Until when it works.")
    client_id: strawberry.ID | None = strawberry.field(
        default=None, description="The API client whose terms hold for it; without one none do."
    )


@strawberry.type(description="The answer of API token mutations.")
class ApiTokenPayload(Payload):
    """A token after a change."""

    api_token: ApiToken | None = strawberry.field(default=None, description="As it is now.")
    token: str | None = strawberry.field(default=None, description="Its text, shown this once on creation.")


@conditions(ApiToken, sort=("created_at", "expires_at", "name"))
class ApiTokenWhere:
    """Which tokens."""

    name: StringFilter | None = None
    role: EnumFilter[Role] | None = None
    expires_at: DateTimeFilter | None = None
    revoked_at: DateTimeFilter | None = None
    created_at: DateTimeFilter | None = None
    client_id: IDFilter | None = None


@strawberry.type
class ApiTokensQuery:
    """Root fields about keys."""

    api_tokens = list_of(
        ApiToken,
        order=(Order("created_at", descending=True),),
        description="Keys of programs, newest first.",
        permission=Permission.MANAGE_TOKENS,
    )


@strawberry.type
class ApiTokensMutation:
    """Root fields that issue and revoke keys."""

    @strawberry.mutation(description="Issue a key for a program; its text is shown this once.")
    async def api_token_create(self, info: Info, input: ApiTokenCreateInput) -> ApiTokenPayload:
        """Issue it."""
        shown: list[str] = []

        async def use_case() -> UUID:
            token_id, token = await api_tokens.create_api_token(
                info.context,
                name=input.name,
                role=input.role,
                expires_at=input.expires_at,
                client_id=read_optional_id(input.client_id, type_of("client"), field="clientId"),
            )
            shown.append(token.text)
            return token_id

        payload = await answer(info, ApiTokenPayload, use_case())
        payload.token = shown[0] if shown else None
        return payload

    api_token_revoke = change_of(
        ApiToken, ApiTokenPayload, api_tokens.revoke_api_token, description="Stop a key at once."
    )
