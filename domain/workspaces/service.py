"""Workspaces: create and change them, invite members."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from tortoise.exceptions import IntegrityError

from domain.accounts.rules import LinkInvalid, parse_account_email, parse_name
from domain.actor import Actor, ActorKind, require
from domain.errors import Conflict, Invalid, NotFound, StaleVersion
from domain.ids import new_id
from domain.work import Work, unit_of_work
from domain.workspaces import queries, rules
from domain.workspaces.events import MemberChanged, MemberJoined, WorkspaceCreated, WorkspaceUpdated
from domain.workspaces.models import Invitation, Member, Workspace
from domain.workspaces.rules import Permission, Role

INVITATION_LIFETIME = timedelta(days=7)
LOCALES = ("de", "en", "fr")
"""Languages of what Plera writes by itself."""


class SlugTaken(Conflict):
    """Another workspace has this slug."""

    code = "SLUG_TAKEN"


async def create_workspace(
    *,
    user_id: UUID,
    name: str,
    slug: str | None,
    postal_address: str,
    time_zone: str,
    data_key_id: UUID,
    wrapped_data_key: bytes,
    workspace_id: UUID,
    trial_credits: int,
    now: datetime,
) -> UUID:
    """Create a workspace with its owner, log and keys.

    Args:
        workspace_id: made by the caller, because the data key is bound to it.
        wrapped_data_key: the workspace's data key under the master key.
        trial_credits: granted in the same transaction; 0 grants none.

    Raises:
        SlugTaken: choose another.
    """
    name = parse_name(name)
    chosen = (
        rules.parse_slug(slug)
        if slug is not None
        else f"{rules.suggest_slug(name)[:31]}-{workspace_id.hex[-8:]}"
    )
    actor = Actor(
        kind=ActorKind.USER, workspace_id=workspace_id, id=user_id, user_id=user_id, role=Role.OWNER
    )
    async with unit_of_work(actor, now=now) as work:
        try:
            await Workspace.create(
                id=workspace_id,
                name=name,
                slug=chosen,
                owner_user_id=user_id,
                default_time_zone=_time_zone(time_zone),
                postal_address=_postal_address(postal_address),
            )
        except IntegrityError:
            raise SlugTaken("another workspace has this slug", field=("slug",)) from None
        for statement in (
            "INSERT INTO log_head (workspace_id) VALUES ($1)",
            "INSERT INTO credit_account (workspace_id) VALUES ($1)",
        ):
            await work.connection.execute(statement, workspace_id)
        await work.connection.execute(
            "INSERT INTO data_key (id, workspace_id, wrapped) VALUES ($1, $2, $3)",
            data_key_id,
            workspace_id,
            wrapped_data_key,
        )
        member = await Member.create(workspace_id=workspace_id, user_id=user_id, role=Role.OWNER)
        work.emit(WorkspaceCreated(subject_id=workspace_id, trial_credits=trial_credits))
        work.emit(MemberJoined(subject_id=member.id, role=Role.OWNER))
        work.audit("workspace.create", target_kind="workspace", target_id=workspace_id)
    return workspace_id


async def update_workspace(
    *, actor: Actor, changes: dict[str, Any], expected_version: int | None, now: datetime
) -> UUID:
    """Change name, postal address, time zone or locale; fields left out stay."""
    require(actor, Permission.MANAGE_WORKSPACE)
    async with unit_of_work(actor, now=now) as work:
        workspace = await Workspace.select_for_update().get(id=actor.workspace_id)
        if expected_version is not None and workspace.version != expected_version:
            raise StaleVersion(expected=expected_version, current=workspace.version)
        for field, parse in _EDITABLE.items():
            if changes.get(field) is not None:
                setattr(workspace, field, parse(changes[field]))
        await workspace.save(update_fields=list(_EDITABLE))
        work.emit(WorkspaceUpdated(subject_id=workspace.id))
        work.audit(
            "workspace.update", target_kind="workspace", target_id=workspace.id, fields=sorted(changes)
        )
    return workspace.id


async def invite_member(*, actor: Actor, email: str, role: Role, token_hash: bytes, now: datetime) -> UUID:
    """Offer somebody a membership; an open invitation of the same address is replaced."""
    require(actor, Permission.MANAGE_MEMBERS)
    rules.require_role_of_people(role)
    rules.require_assignable(actor=_role(actor), present=None, wanted=role)
    email = parse_account_email(email)
    async with unit_of_work(actor, now=now) as work:
        await Invitation.filter(workspace_id=actor.workspace_id, email=email, status="PENDING").update(
            status="REVOKED"
        )
        invitation = await Invitation.create(
            workspace_id=actor.workspace_id,
            email=email,
            role=role,
            token_hash=token_hash,
            invited_by=actor.user_id,
            expires_at=now + INVITATION_LIFETIME,
        )
        work.audit("member.invite", target_kind="invitation", target_id=invitation.id, role=role)
    return invitation.id


async def accept_invitation(
    *, user_id: UUID, email: str, token_hash: bytes, now: datetime
) -> tuple[UUID, UUID]:
    """Join by a mailed link, with the account the invitation was addressed to.

    Returns:
        The workspace and the member.

    Raises:
        LinkInvalid: used, revoked, too old, or for another address.
    """
    found = await queries.find_invitation(token_hash=token_hash)
    if found is None:
        raise LinkInvalid("this invitation is no longer good", field=("token",))
    workspace_id, invitation_id = found
    actor = Actor(kind=ActorKind.USER, workspace_id=workspace_id, id=user_id, user_id=user_id)
    async with unit_of_work(actor, now=now) as work:
        invitation = await Invitation.select_for_update().get(id=invitation_id)
        if invitation.status != "PENDING" or invitation.expires_at <= now or invitation.email != email:
            raise LinkInvalid("this invitation is no longer good", field=("token",))
        invitation.status = "ACCEPTED"
        await invitation.save(update_fields=["status"])
        member = await _join(work, user_id=user_id, role=Role(invitation.role))
    return workspace_id, member.id


async def change_member(
    *,
    actor: Actor,
    member_id: UUID,
    role: Role | None,
    remove: bool = False,
    expected_version: int | None = None,
    now: datetime,
) -> UUID:
    """Give a member another role, or remove them; a workspace keeps at least one owner.

    Raises:
        NotFound, LastOwner, Forbidden.
        Invalid: the role is none for people.
        StaleVersion: the member isn't what the caller saw.
    """
    require(actor, Permission.MANAGE_MEMBERS)
    if role is not None:
        rules.require_role_of_people(role)
    async with unit_of_work(actor, now=now) as work:
        members = await Member.filter(workspace_id=actor.workspace_id, status="ACTIVE").select_for_update()
        member = next((one for one in members if one.id == member_id), None)
        if member is None:
            raise NotFound("no such member", field=("id",))
        if expected_version is not None and member.version != expected_version:
            raise StaleVersion(expected=expected_version, current=member.version)
        wanted = None if remove else role
        rules.require_assignable(actor=_role(actor), present=Role(member.role), wanted=wanted)
        others = [Role(one.role) for one in members if one.id != member_id]
        rules.require_owner_left(roles_after=[*others, *([wanted] if wanted else [])])
        member.role = wanted or member.role
        member.status = "REMOVED" if remove else member.status
        await member.save(update_fields=["role", "status"])
        work.emit(MemberChanged(subject_id=member.id, role=member.role, status=member.status))
        work.audit(
            "member.change", target_kind="member", target_id=member.id, role=member.role, removed=remove
        )
    return member_id


async def _join(work: Work, *, user_id: UUID, role: Role) -> Member:
    member = await Member.filter(workspace_id=work.workspace_id, user_id=user_id).first()
    if member is None:
        member = await Member.create(id=new_id(), workspace_id=work.workspace_id, user_id=user_id, role=role)
    elif member.status != "ACTIVE":
        member.role, member.status = role, "ACTIVE"
        await member.save(update_fields=["role", "status"])
    work.emit(MemberJoined(subject_id=member.id, role=member.role))
    work.audit("member.join", target_kind="member", target_id=member.id, role=member.role)
    return member


def _role(actor: Actor) -> Role:
    return actor.role or Role.READ_ONLY


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise Invalid("not a time zone of the IANA database, such as Europe/Berlin", field=("timeZone",))
    return name


def _postal_address(text: str) -> str:
    """Every message's footer shows it (CAN-SPAM and others demand it), so it must look like an address."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if not 10 <= sum(map(len, lines)) <= 300 or len(lines) > 6:
        raise Invalid("a postal address has 10 to 300 characters on up to 6 lines", field=("postalAddress",))
    return "\n".join(lines)


def _locale(name: str) -> str:
    if name not in LOCALES:
        raise Invalid(f"not one of {', '.join(LOCALES)}", field=("locale",))
    return name


_EDITABLE: dict[str, Callable[[str], str]] = {
    "name": parse_name,
    "postal_address": _postal_address,
    "default_time_zone": _time_zone,
    "locale": _locale,
}
