"""Members, and the invitations by which they come."""

from uuid import UUID

import strawberry

from domain.workspaces.rules import Permission, Role
from resolvers import members
from resolvers.context import Context
from resolvers.reading.describe import Order
from schema.filters import DateTimeFilter, EnumFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, read_id
from schema.scalars import DateTime, EmailAddress


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


@strawberry.type(description="The answer of memberInvite.")
class MemberInvitePayload(Payload):
    """An invitation."""

    invitation: Invitation | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of member mutations.")
class MemberPayload(Payload):
    """A member after a change."""

    member: Member | None = strawberry.field(default=None, description="As it is now.")


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


@strawberry.type
class MembersQuery:
    """Root fields about members."""

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


@strawberry.type
class MembersMutation:
    """Root fields that change who belongs to the workspace."""

    @strawberry.mutation(description="Mail somebody a link to join.")
    async def member_invite(self, info: Info, input: MemberInviteInput) -> MemberInvitePayload:
        """Invite them."""
        use_case = members.invite_member(info.context, email=input.email, role=input.role)
        return await answer(info, MemberInvitePayload, use_case)

    @strawberry.mutation(description="Join by a mailed link.")
    async def invitation_accept(self, info: Info, token: str) -> MemberPayload:
        """Join."""
        return await answer(info, MemberPayload, members.accept_invitation(info.context, token=token))

    @strawberry.mutation(description="Give a member another role.")
    async def member_update(self, info: Info, input: MemberUpdateInput) -> MemberPayload:
        """Change it."""
        return await answer(info, MemberPayload, _change_role(info.context, input))

    @strawberry.mutation(description="Remove a member; their sessions lose the workspace at once.")
    async def member_remove(self, info: Info, id: strawberry.ID) -> MemberPayload:
        """Remove them."""
        return await answer(info, MemberPayload, _remove(info.context, id))


async def _change_role(context: Context, input_: MemberUpdateInput) -> UUID:
    return await members.change_member(
        context,
        member_id=read_id(input_.id, Member),
        role=input_.role,
        remove=False,
        expected_version=input_.expected_version,
    )


async def _remove(context: Context, id_: str) -> UUID:
    member_id = read_id(id_, Member, within=())
    return await members.change_member(
        context, member_id=member_id, role=None, remove=True, expected_version=None
    )
