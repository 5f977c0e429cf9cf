"""Workspaces, members, invitations and API tokens."""

from typing import Any
from uuid import UUID

import strawberry

from domain.workspaces.rules import Permission, Role, WorkspaceStatus
from resolvers import workspaces
from resolvers.context import Context
from resolvers.reading.describe import Order
from schema.filters import DateTimeFilter, EnumFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, computed, entity, read_id
from schema.reads import described, single
from schema.scalars import JSON, DateTime, EmailAddress, TimeZone
from schema.windows import SendingWindow, shown_window
from schema.writes import change_of


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


@entity("app_user", prefix="user", tenant="id")
class MemberUser(Node):
    """A person as fellow members see them."""

    email: EmailAddress = column(description="Their address.")
    name: str = column(description="Their name.")


@entity("member", prefix="memb")
class Member(Node):
    """A user's place in the workspace."""

    role: Role = column(description="What they may do.")
    status: str = column(description="ACTIVE, SUSPENDED or REMOVED.")
    name: str = column("(SELECT u.name FROM app_user u WHERE u.id = t.user_id)", description="Their name.")
    email: EmailAddress = column(
        "(SELECT u.email FROM app_user u WHERE u.id = t.user_id)", description="Their address."
    )
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When they joined.")


@entity("invitation", prefix="invi", permission=Permission.MANAGE_MEMBERS)
class Invitation(Node):
    """An offer to join."""

    email: EmailAddress = column(description="Whom it was mailed to.")
    role: Role = column(description="What they would be.")
    status: str = column(description="PENDING, ACCEPTED, DECLINED, REVOKED or EXPIRED.")
    expires_at: DateTime = column(description="Until when its link works.")


@entity("api_token", prefix="token", permission=Permission.MANAGE_TOKENS)
class ApiToken(Node):
    """A key for a program. Its text is shown once, when it is created."""

    name: str = column(description="What it is for.")
    role: Role = column(description="What it may do.")
    expires_at: DateTime | None = column(description="Until when it works; absent for ever.")
    revoked_at: DateTime | None = column(description="When it was revoked.")
    created_at: DateTime = column(description="When it was issued.")


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


@strawberry.input(description="Whom to invite.")
class MemberInviteInput:
    """Arguments of `memberInvite`."""

    email: EmailAddress = strawberry.field(description="Where the link goes.")
    role: Role = strawberry.field(description="What they would be.")


@strawberry.input(description="A member's new role.")
class MemberUpdateInput:
    """Arguments of `memberUpdate`."""

    id: strawberry.ID = strawberry.field(description="The member.")
    role: Role = strawberry.field(description="Not above your own.")
    expected_version: int | None = strawberry.field(default=None, description="Refuse if it changed since.")


@strawberry.input(description="A key for a program.")
class ApiTokenCreateInput:
    """Arguments of `apiTokenCreate`."""

    name: str = strawberry.field(description="What it is for.")
    role: Role = strawberry.field(description="Not above your own.")
    expires_at: DateTime | None = strawberry.field(default=None, description="Until when it works.")


@strawberry.type(description="The answer of workspaceCreate and workspaceUpdate.")
class WorkspacePayload(Payload):
    """A workspace after a change."""

    workspace: Workspace | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of memberInvite.")
class MemberInvitePayload(Payload):
    """An invitation."""

    invitation: Invitation | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of member mutations.")
class MemberPayload(Payload):
    """A member after a change."""

    member: Member | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of API token mutations.")
class ApiTokenPayload(Payload):
    """A token after a change."""

    api_token: ApiToken | None = strawberry.field(default=None, description="As it is now.")
    token: str | None = strawberry.field(default=None, description="Its text, shown this once on creation.")


@conditions(Member, sort=("created_at", "name", "email"))
class MemberWhere:
    """Which members."""

    role: EnumFilter[Role] | None = None
    status: StringFilter | None = None
    name: StringFilter | None = None
    email: StringFilter | None = None
    created_at: DateTimeFilter | None = None


@conditions(Invitation, sort=("expires_at", "email"))
class InvitationWhere:
    """Which invitations."""

    email: StringFilter | None = None
    role: EnumFilter[Role] | None = None
    status: StringFilter | None = None
    expires_at: DateTimeFilter | None = None


@conditions(ApiToken, sort=("created_at", "expires_at", "name"))
class ApiTokenWhere:
    """Which tokens."""

    name: StringFilter | None = None
    role: EnumFilter[Role] | None = None
    expires_at: DateTimeFilter | None = None
    revoked_at: DateTimeFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.type
class WorkspacesQuery:
    """Root fields about the workspace."""

    @described(description="The workspace this request acts in.")
    def workspace(self, info: Info) -> Workspace | None:
        """Describe the caller's workspace."""
        return single(Workspace, info.context.actor.workspace_id)

    members = list_of(
        Member,
        order=(Order("created_at"),),
        description="Who belongs to the workspace, oldest first.",
    )

    invitations = list_of(
        Invitation,
        order=(Order("expires_at", descending=True),),
        description="Offers to join, the ones that last longest first.",
        permission=Permission.MANAGE_MEMBERS,
    )

    api_tokens = list_of(
        ApiToken,
        order=(Order("created_at", descending=True),),
        description="Keys of programs, newest first.",
        permission=Permission.MANAGE_TOKENS,
    )


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

    @strawberry.mutation(description="Mail somebody a link to join.")
    async def member_invite(self, info: Info, input: MemberInviteInput) -> MemberInvitePayload:
        """Invite them."""
        use_case = workspaces.invite_member(info.context, email=input.email, role=input.role)
        return await answer(info, MemberInvitePayload, use_case)

    @strawberry.mutation(description="Join by a mailed link.")
    async def invitation_accept(self, info: Info, token: str) -> MemberPayload:
        """Join."""
        return await answer(info, MemberPayload, workspaces.accept_invitation(info.context, token=token))

    @strawberry.mutation(description="Give a member another role.")
    async def member_update(self, info: Info, input: MemberUpdateInput) -> MemberPayload:
        """Change it."""
        return await answer(info, MemberPayload, _change_role(info.context, input))

    @strawberry.mutation(description="Remove a member; their sessions lose the workspace at once.")
    async def member_remove(self, info: Info, id: strawberry.ID) -> MemberPayload:
        """Remove them."""
        return await answer(info, MemberPayload, _remove(info.context, id))

    @strawberry.mutation(description="Issue a key for a program; its text is shown this once.")
    async def api_token_create(self, info: Info, input: ApiTokenCreateInput) -> ApiTokenPayload:
        """Issue it."""
        shown: list[str] = []

        async def use_case() -> UUID:
            token_id, token = await workspaces.create_api_token(
                info.context, name=input.name, role=input.role, expires_at=input.expires_at
            )
            shown.append(token.text)
            return token_id

        payload = await answer(info, ApiTokenPayload, use_case())
        payload.token = shown[0] if shown else None
        return payload

    api_token_revoke = change_of(
        ApiToken, ApiTokenPayload, workspaces.revoke_api_token, description="Stop a key at once."
    )


async def _change_role(context: Context, input_: MemberUpdateInput) -> UUID:
    return await workspaces.change_member(
        context,
        member_id=read_id(input_.id, Member),
        role=input_.role,
        remove=False,
        expected_version=input_.expected_version,
    )


async def _remove(context: Context, id_: str) -> UUID:
    member_id = read_id(id_, Member, within=())
    return await workspaces.change_member(
        context, member_id=member_id, role=None, remove=True, expected_version=None
    )
