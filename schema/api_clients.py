"""API clients: programs with tokens, what they may send and what they may use up."""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from domain.api_clients.rules import ClientPolicy, ClientState
from domain.workspaces.rules import Permission
from resolvers import api_clients
from resolvers.reading.describe import Order
from schema.api_tokens import ApiToken
from schema.connections import Connection
from schema.filters import DateTimeFilter, EnumFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of, many
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, entity, read_id, type_of
from schema.reads import object_of
from schema.scalars import DateTime
from schema.writes import change_of

if TYPE_CHECKING:
    from schema.persisted_documents import PersistedDocument

POINTS_MAX = "Points that its tokens may spend at once, 1 to 1,000,000; null takes the installation's."
POINTS_PER_S = "Points that flow back in each second, 1 to 1,000,000; given together with `pointsMax`."
SUBSCRIPTIONS_MAX = "Subscriptions that its tokens may run at once, 0 to 200; null takes the installation's."
EXPIRES_AT = "Until when its tokens work; null for ever."


@entity(
    "api_client",
    prefix="client",
    permission=Permission.MANAGE_TOKENS,
    search="t.name ILIKE '%' || {} || '%'",
)
class ApiClient(Node):
    """A program, with any number of tokens. What these may see is their roles'; what they may send is its policy's."""

    name: str = column(description="What the workspace calls it.")
    policy: ClientPolicy = column(description="Which documents its tokens may send.")
    status: ClientState = column(description="Whether its tokens work.")
    points_max: int | None = column(description=POINTS_MAX)
    points_per_s: int | None = column(description=POINTS_PER_S)
    subscriptions_max: int | None = column(description=SUBSCRIPTIONS_MAX)
    expires_at: DateTime | None = column(description=EXPIRES_AT)
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When it was made known.")
    updated_at: DateTime = column(description="When it was changed last.")
    tokens: Connection[ApiToken] = many(
        key="api_client_id",
        target=lambda: ApiToken,
        order=(Order("created_at", descending=True),),
        description="Its tokens, newest first.",
    )
    documents: Connection[Annotated["PersistedDocument", strawberry.lazy("schema.persisted_documents")]] = (
        many(
            key="api_client_id",
            target=lambda: type_of("doc"),
            order=(Order("name"),),
            description="Its documents, by name.",
        )
    )


@conditions(ApiClient, search="Part of the name.", sort=("created_at", "updated_at", "name", "expires_at"))
class ApiClientWhere:
    """Which API clients."""

    name: StringFilter | None = None
    policy: EnumFilter[ClientPolicy] | None = None
    status: EnumFilter[ClientState] | None = None
    expires_at: DateTimeFilter | None = None
    created_at: DateTimeFilter | None = None
    updated_at: DateTimeFilter | None = None


@strawberry.input(description="A new API client.")
class ApiClientCreateInput:
    """Arguments of `apiClientCreate`."""

    name: str = strawberry.field(description="1 to 200 characters.")
    policy: ClientPolicy = strawberry.field(description="Which documents its tokens may send.")
    points_max: int | None = strawberry.field(default=None, description=POINTS_MAX)
    points_per_s: int | None = strawberry.field(default=None, description=POINTS_PER_S)
    subscriptions_max: int | None = strawberry.field(default=None, description=SUBSCRIPTIONS_MAX)
    expires_at: DateTime | None = strawberry.field(default=None, description=EXPIRES_AT)


@strawberry.input(description="Changes to an API client; what is left out stays.")
class ApiClientUpdateInput:
    """Arguments of `apiClientUpdate`."""

    id: strawberry.ID = strawberry.field(description="The client.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 200 characters.")
    policy: ClientPolicy | None = strawberry.field(
        default=strawberry.UNSET, description="Which documents its tokens may send."
    )
    points_max: int | None = strawberry.field(default=strawberry.UNSET, description=POINTS_MAX)
    points_per_s: int | None = strawberry.field(default=strawberry.UNSET, description=POINTS_PER_S)
    subscriptions_max: int | None = strawberry.field(default=strawberry.UNSET, description=SUBSCRIPTIONS_MAX)
    expires_at: DateTime | None = strawberry.field(default=strawberry.UNSET, description=EXPIRES_AT)
    expected_version: int | None = strawberry.field(default=None, description="Refuse if it changed since.")


@strawberry.type(description="The answer of API client mutations.")
class ApiClientPayload(Payload):
    """An API client after a change."""

    api_client: ApiClient | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class ApiClientsQuery:
    """Root fields about API clients."""

    api_clients = list_of(
        ApiClient,
        order=(Order("created_at", descending=True),),
        description="Programs that use the API, newest first.",
        permission=Permission.MANAGE_TOKENS,
    )

    api_client = object_of(
        ApiClient, description="One API client; null when it is absent.", permission=Permission.MANAGE_TOKENS
    )


@strawberry.type
class ApiClientsMutation:
    """Root fields that change API clients."""

    @strawberry.mutation(description="Make a program known; its tokens are issued by `apiTokenCreate`.")
    async def api_client_create(self, info: Info, input: ApiClientCreateInput) -> ApiClientPayload:
        """Make it known."""
        use_case = api_clients.create_api_client(info.context, **fields_of(input))
        return await answer(info, ApiClientPayload, use_case)

    @strawberry.mutation(description="Change a program's name, policy, limits or expiry.")
    async def api_client_update(self, info: Info, input: ApiClientUpdateInput) -> ApiClientPayload:
        """Change it."""

        async def use_case() -> UUID:
            return await api_clients.update_api_client(
                info.context,
                client_id=read_id(input.id, ApiClient),
                changes=_changes(fields_of(input, without=("id", "expected_version"))),
                expected_version=input.expected_version,
            )

        return await answer(info, ApiClientPayload, use_case())

    api_client_suspend = change_of(
        ApiClient,
        ApiClientPayload,
        api_clients.suspend_api_client,
        description="Stop all tokens of a program until it is resumed.",
    )

    api_client_resume = change_of(
        ApiClient,
        ApiClientPayload,
        api_clients.resume_api_client,
        description="Let the tokens of a suspended program work again.",
    )

    api_client_revoke = change_of(
        ApiClient,
        ApiClientPayload,
        api_clients.revoke_api_client,
        description="Stop a program with all its tokens for good.",
    )


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    """Return what is to change; null says nothing of a name or a policy, and removes all else."""
    return {
        name: value for name, value in given.items() if value is not None or name not in {"name", "policy"}
    }
