"""Workspaces: tenants."""

from typing import Any

import strawberry

from domain.workspaces.rules import WorkspaceStatus
from resolvers import workspaces
from schema.info import Info
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, computed, entity
from schema.reads import described, single
from schema.scalars import JSON, DateTime, TimeZone
from schema.windows import SendingWindow, shown_window


def _window(root: Any) -> SendingWindow | None:
    return shown_window(root["sending_window"])


@entity("workspace", prefix="work", tenant="id")
class Workspace(Node):
    """A tenant: everything but accounts belongs to exactly one."""

    name: str = column(description="Shown to members.")
    slug: str = column(description="Short name for addresses; unique in the installation.")
    status: WorkspaceStatus = column(description="Whether it may send.")
    default_time_zone: TimeZone = column(description="For leads whose own zone is unknown.")
    postal_address: str = column(description="Stands in the footer of every message.")
    locale: str = column(description="Language of what Plera writes by itself.")
    sending_window: SendingWindow | None = computed(
        needs=("sending_window",),
        description="When messages may leave; absent: Monday to Friday, 8:30 to 16:30.",
    )(_window)
    sending_limits: JSON = column(description="Caps per rolling 24 hours that differ from the defaults.")
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When it was created.")


@strawberry.input(description="A new workspace.")
class WorkspaceCreateInput:
    """Arguments of `workspaceCreate`."""

    name: str = strawberry.field(description="1 to 200 characters.")
    postal_address: str = strawberry.field(description="10 to 300 characters; stands in every message.")
    time_zone: TimeZone = strawberry.field(description="For leads whose own zone is unknown.")
    slug: str | None = strawberry.field(
        default=None, description="3 to 40 of a-z, 0-9, -; made up if absent."
    )


@strawberry.input(description="Changes to the workspace; what is left out stays.")
class WorkspaceUpdateInput:
    """Arguments of `workspaceUpdate`."""

    name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 200 characters.")
    postal_address: str | None = strawberry.field(default=strawberry.UNSET, description="For the footer.")
    default_time_zone: TimeZone | None = strawberry.field(default=strawberry.UNSET, description="IANA name.")
    locale: str | None = strawberry.field(default=strawberry.UNSET, description="en, de or fr.")
    expected_version: int | None = strawberry.field(default=None, description="Refuse if it changed since.")


@strawberry.type(description="The answer of workspaceCreate and workspaceUpdate.")
class WorkspacePayload(Payload):
    """A workspace after a change."""

    workspace: Workspace | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class WorkspacesQuery:
    """Root fields about the workspace."""

    @described(description="The workspace this request acts in.")
    def workspace(self, info: Info) -> Workspace | None:
        """Describe the caller's workspace."""
        return single(Workspace, info.context.actor.workspace_id)


@strawberry.type
class WorkspacesMutation:
    """Root fields that change workspaces."""

    @strawberry.mutation(description="Create a workspace and become its owner.")
    async def workspace_create(self, info: Info, input: WorkspaceCreateInput) -> WorkspacePayload:
        """Create it."""
        use_case = workspaces.create_workspace(
            info.context,
            name=input.name,
            slug=input.slug,
            postal_address=input.postal_address,
            time_zone=input.time_zone,
        )
        return await answer(info, WorkspacePayload, use_case)

    @strawberry.mutation(description="Change the workspace.")
    async def workspace_update(self, info: Info, input: WorkspaceUpdateInput) -> WorkspacePayload:
        """Change it."""
        changes = fields_of(input, without=("expected_version",))
        use_case = workspaces.update_workspace(
            info.context, changes=changes, expected_version=input.expected_version
        )
        return await answer(info, WorkspacePayload, use_case)
