"""Accounts: who is signed in, and how."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from auth.tokens import IssuedToken
from domain.errors import Invalid
from resolvers import accounts, workspaces
from schema.info import Info
from schema.mutations import Payload, answer
from schema.scalars import DateTime, EmailAddress
from schema.workspaces import WorkspaceStatus

NewPassword = Annotated[str, strawberry.argument(description="12 to 256 characters.")]
Email = Annotated[EmailAddress, strawberry.argument(description="The account's address.")]


@strawberry.type(description="The signed-in person's account.")
class User:
    """One's own account."""

    email: EmailAddress = strawberry.field(description="Address to sign in with.")
    name: str = strawberry.field(description="Shown to fellow members.")
    locale: str = strawberry.field(description="Preferred language.")
    time_zone: str = strawberry.field(description="Own time zone.")
    email_verified_at: DateTime | None = strawberry.field(description="When the address was proven.")
    last_login_at: DateTime | None = strawberry.field(description="The last sign-in.")
    created_at: DateTime = strawberry.field(description="When the account was made.")


@strawberry.type(description="A signed-in browser or app.")
class Session:
    """One session."""

    ip: str | None = strawberry.field(description="Where it was opened from.")
    user_agent: str | None = strawberry.field(description="What opened it.")
    created_at: DateTime = strawberry.field(description="When it was opened.")
    last_seen_at: DateTime = strawberry.field(description="When it was last used, to the minute.")
    expires_at: DateTime = strawberry.field(description="When it ends if it isn't used.")

    @strawberry.field(description="Names the session for `sessionRevoke`.")
    def id(self) -> strawberry.ID:
        """Build the id from the row."""
        row: Any = self
        return strawberry.ID(f"sess_{row['id']}")


@strawberry.type(description="A workspace the viewer is a member of.")
class WorkspaceSummary:
    """One's own workspace, seen from outside."""

    name: str = strawberry.field(description="Its name.")
    slug: str = strawberry.field(description="Its short name.")
    status: WorkspaceStatus = strawberry.field(description="Whether it may send.")

    @strawberry.field(description="For the header `Plera-Workspace`.")
    def id(self) -> strawberry.ID:
        """Build the id from the row."""
        row: Any = self
        return strawberry.ID(f"work_{row['id']}")


@strawberry.type(description="The caller.")
class Viewer:
    """Who is asking."""

    @strawberry.field(description="The account.")
    async def user(self, info: Info) -> User:
        """Read it."""
        return await accounts.get_user(info.context)

    @strawberry.field(description="Where the account is signed in, last used first.")
    async def sessions(self, info: Info) -> list[Session]:
        """Read them."""
        return await accounts.list_sessions(info.context)

    @strawberry.field(description="Which workspaces the account belongs to, oldest first.")
    async def workspaces(self, info: Info) -> list[WorkspaceSummary]:
        """Read them."""
        return await workspaces.list_workspaces(info.context)


@strawberry.input(description="A new account.")
class SignUpInput:
    """Arguments of `signUp`."""

    email: EmailAddress = strawberry.field(description="Gets a link to confirm.")
    password: str = strawberry.field(description="12 to 256 characters.")
    name: str = strawberry.field(description="Shown to fellow members.")
    invitation: str | None = strawberry.field(
        default=None, description="The token of an invitation's link; opens the door where sign-up is closed."
    )


@strawberry.input(description="The first owner.")
class SetUpInput:
    """Arguments of `setUp`."""

    token: str = strawberry.field(description="From the link that the first start printed.")
    email: EmailAddress = strawberry.field(description="Address to sign in with.")
    password: str = strawberry.field(description="12 to 256 characters.")
    name: str = strawberry.field(description="Shown to fellow members.")


@strawberry.input(description="Credentials.")
class SignInInput:
    """Arguments of `signIn`."""

    email: EmailAddress = strawberry.field(description="The account's address.")
    password: str = strawberry.field(description="Its password.")


@strawberry.type(description="The answer of account mutations that change nothing visible.")
class AccountPayload(Payload):
    """Only errors, or none."""


@strawberry.type(description="The answer of sign-in; browsers also get it as a cookie.")
class SignInPayload(Payload):
    """A session."""

    token: str | None = strawberry.field(default=None, description="For `Authorization: Bearer …`.")


@strawberry.type
class AccountsQuery:
    """Root fields about the caller."""

    @strawberry.field(description="Who is asking; null when nobody is signed in.")
    def viewer(self, info: Info) -> Viewer | None:
        """Show the caller."""
        return Viewer() if info.context.viewer.kind is not None else None


@strawberry.type
class AccountsMutation:
    """Root fields that change accounts."""

    @strawberry.mutation(description="Create an account; a link to confirm the address is mailed.")
    async def sign_up(self, info: Info, input: SignUpInput) -> AccountPayload:
        """Sign up."""
        use_case = accounts.sign_up(
            info.context,
            email=input.email,
            password=input.password,
            name=input.name,
            invitation=input.invitation,
        )
        return await answer(info, AccountPayload, use_case)

    @strawberry.mutation(description="Create the first owner, by the link that the first start printed.")
    async def set_up(self, info: Info, input: SetUpInput) -> SignInPayload:
        """Set up."""
        return await _signed_in(
            info,
            accounts.set_up(
                info.context, token=input.token, email=input.email, password=input.password, name=input.name
            ),
        )

    @strawberry.mutation(description="Confirm an address by the mailed link.")
    async def email_verify(self, info: Info, token: str) -> AccountPayload:
        """Confirm it."""
        return await answer(info, AccountPayload, accounts.verify_email(info.context, token=token))

    @strawberry.mutation(description="Mail a link to set a new password, if the address has an account.")
    async def password_reset_request(self, info: Info, email: Email) -> AccountPayload:
        """Mail it."""
        return await answer(info, AccountPayload, accounts.request_password_reset(info.context, email=email))

    @strawberry.mutation(description="Set a new password by the mailed link; ends all sessions.")
    async def password_reset(self, info: Info, token: str, password: NewPassword) -> AccountPayload:
        """Set it."""
        use_case = accounts.reset_password(info.context, token=token, password=password)
        return await answer(info, AccountPayload, use_case)

    @strawberry.mutation(description="Sign in with address and password.")
    async def sign_in(self, info: Info, input: SignInInput) -> SignInPayload:
        """Sign in."""
        return await _signed_in(
            info, accounts.sign_in(info.context, email=input.email, password=input.password)
        )

    @strawberry.mutation(description="End this session.")
    async def sign_out(self, info: Info) -> AccountPayload:
        """Sign out."""
        return await answer(info, AccountPayload, accounts.sign_out(info.context))

    @strawberry.mutation(description="End another session of the account.")
    async def session_revoke(self, info: Info, id: strawberry.ID) -> AccountPayload:
        """Revoke it."""
        return await answer(info, AccountPayload, _revoke(info, id))


async def _revoke(info: Info, id_: str) -> None:
    try:
        session_id = UUID(id_.removeprefix("sess_"))
    except ValueError:
        raise Invalid("not the id of a session", field=("id",)) from None
    await accounts.revoke_session(info.context, session_id=session_id)


async def _signed_in(info: Info, use_case: Any) -> SignInPayload:
    issued: list[IssuedToken] = []

    async def run() -> None:
        issued.append(await use_case)

    payload = await answer(info, SignInPayload, run())
    payload.token = issued[0].text if issued else None
    return payload
