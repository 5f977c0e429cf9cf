"""Who may do what in a workspace, what a workspace may be called, and who can't leave it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import Conflict, Forbidden, Invalid
from domain.states import StateMachine

SLUG_LENGTH_MIN: Final = 3
SLUG_LENGTH_MAX: Final = 40
RESERVED_SLUGS: Final = frozenset(
    {"account", "admin", "api", "app", "assets", "auth", "billing", "docs", "graphiql", "graphql"}
    | {"healthz", "help", "livez", "login", "logout", "metrics", "oauth", "platform", "plera", "readyz"}
    | {"schema", "settings", "static", "status", "support", "unsubscribe", "webhooks", "workspace"}
    | {"workspaces", "www"}
)
"""Words that could be taken for a part of the product in an address."""

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class LastOwner(Conflict):
    """A workspace always keeps at least one owner."""

    code = "LAST_OWNER"


class Role(StrEnum):
    """What a member is in a workspace."""

    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    REP = "REP"
    REVIEWER = "REVIEWER"
    ANALYST = "ANALYST"
    BILLING = "BILLING"
    PRIVACY_OFFICER = "PRIVACY_OFFICER"
    READ_ONLY = "READ_ONLY"
    PUBLISHER = "PUBLISHER"


class Permission(StrEnum):
    """One thing a role may allow."""

    READ = "READ"
    WRITE_STRATEGY = "WRITE_STRATEGY"
    WRITE_PLAYS = "WRITE_PLAYS"
    WRITE_SEQUENCES = "WRITE_SEQUENCES"
    LAUNCH_RUNS = "LAUNCH_RUNS"
    CONTROL_RUNS = "CONTROL_RUNS"
    WRITE_LEADS = "WRITE_LEADS"
    IMPORT_LEADS = "IMPORT_LEADS"
    EXPORT_LEADS = "EXPORT_LEADS"
    EDIT_MESSAGES = "EDIT_MESSAGES"
    APPROVE_MESSAGES = "APPROVE_MESSAGES"
    HANDLE_REPLIES = "HANDLE_REPLIES"
    MANAGE_SENDERS = "MANAGE_SENDERS"
    ADD_SUPPRESSIONS = "ADD_SUPPRESSIONS"
    LIFT_SUPPRESSIONS = "LIFT_SUPPRESSIONS"
    VIEW_CREDITS = "VIEW_CREDITS"
    GRANT_CREDITS = "GRANT_CREDITS"
    MANAGE_BILLING = "MANAGE_BILLING"
    OPEN_PRIVACY_REQUESTS = "OPEN_PRIVACY_REQUESTS"
    HANDLE_PRIVACY_REQUESTS = "HANDLE_PRIVACY_REQUESTS"
    MANAGE_MEMBERS = "MANAGE_MEMBERS"
    MANAGE_TOKENS = "MANAGE_TOKENS"
    PUBLISH_DOCUMENTS = "PUBLISH_DOCUMENTS"
    MANAGE_WEBHOOKS = "MANAGE_WEBHOOKS"
    MANAGE_WORKSPACE = "MANAGE_WORKSPACE"
    VIEW_AUDIT = "VIEW_AUDIT"


_READ: Final = frozenset({Permission.READ})
_REVIEWER: Final = _READ | {
    Permission.EDIT_MESSAGES,
    Permission.APPROVE_MESSAGES,
    Permission.ADD_SUPPRESSIONS,
    Permission.OPEN_PRIVACY_REQUESTS,
}
_REP: Final = _REVIEWER | {
    Permission.WRITE_PLAYS,
    Permission.WRITE_SEQUENCES,
    Permission.LAUNCH_RUNS,
    Permission.CONTROL_RUNS,
    Permission.WRITE_LEADS,
    Permission.IMPORT_LEADS,
    Permission.HANDLE_REPLIES,
    Permission.VIEW_CREDITS,
}
_MANAGER: Final = _REP | {
    Permission.WRITE_STRATEGY,
    Permission.EXPORT_LEADS,
    Permission.MANAGE_SENDERS,
    Permission.LIFT_SUPPRESSIONS,
}
_PRIVACY_OFFICER: Final = _READ | {
    Permission.EXPORT_LEADS,  # answers to access requests
    Permission.ADD_SUPPRESSIONS,
    Permission.LIFT_SUPPRESSIONS,
    Permission.OPEN_PRIVACY_REQUESTS,
    Permission.HANDLE_PRIVACY_REQUESTS,
    Permission.VIEW_AUDIT,
}
_BILLING: Final = _READ | {Permission.VIEW_CREDITS, Permission.MANAGE_BILLING}
_ALL: Final = frozenset(Permission)

_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.OWNER: _ALL,
        Role.ADMIN: _ALL - {Permission.GRANT_CREDITS, Permission.MANAGE_BILLING},
        Role.MANAGER: _MANAGER,
        Role.REP: _REP,
        Role.REVIEWER: _REVIEWER,
        Role.ANALYST: _READ | {Permission.EXPORT_LEADS, Permission.VIEW_CREDITS},
        Role.BILLING: _BILLING,
        Role.PRIVACY_OFFICER: _PRIVACY_OFFICER,
        Role.READ_ONLY: _READ,
        Role.PUBLISHER: frozenset({Permission.PUBLISH_DOCUMENTS}),
    }
)


class WorkspaceStatus(StrEnum):
    """Where a workspace is between its trial and its purge."""

    TRIAL = "TRIAL"
    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    SUSPENDED = "SUSPENDED"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"
    PURGED = "PURGED"


WORKSPACE_STATES: Final = StateMachine(
    noun="workspace",
    moves={
        WorkspaceStatus.TRIAL: (WorkspaceStatus.ACTIVE, WorkspaceStatus.SUSPENDED, WorkspaceStatus.CLOSING),
        WorkspaceStatus.ACTIVE: (
            WorkspaceStatus.PAST_DUE,
            WorkspaceStatus.SUSPENDED,
            WorkspaceStatus.CLOSING,
        ),
        WorkspaceStatus.PAST_DUE: (
            WorkspaceStatus.ACTIVE,
            WorkspaceStatus.SUSPENDED,
            WorkspaceStatus.CLOSING,
        ),
        WorkspaceStatus.SUSPENDED: (WorkspaceStatus.ACTIVE, WorkspaceStatus.CLOSING),
        WorkspaceStatus.CLOSING: (WorkspaceStatus.ACTIVE, WorkspaceStatus.CLOSED),  # back within the window
        WorkspaceStatus.CLOSED: (WorkspaceStatus.PURGED,),
    },
)


def permissions_of(role: Role) -> frozenset[Permission]:
    """Return everything a role allows."""
    return _PERMISSIONS[role]


def roles_with(permission: Permission) -> frozenset[Role]:
    """Return the roles that allow something."""
    return frozenset(role for role in Role if permission in _PERMISSIONS[role])


def can_assign(*, actor: Role, present: Role | None, wanted: Role | None) -> bool:
    """Tell whether a member may change another's role; None is somebody outside of the workspace.

    Only owners touch owners, and nobody hands out a role that allows more than their own.
    """
    if Permission.MANAGE_MEMBERS not in permissions_of(actor):
        return False
    touched = [role for role in (present, wanted) if role is not None]
    if actor is Role.OWNER:
        return True
    return Role.OWNER not in touched and all(_within(actor, role) for role in touched)


def require_assignable(*, actor: Role, present: Role | None, wanted: Role | None) -> None:
    """Do nothing when the role may be changed.

    Raises:
        Forbidden: the actor's role doesn't reach that far.
    """
    if not can_assign(actor=actor, present=present, wanted=wanted):
        raise Forbidden(f"a member with the role {actor.value} can't make this change of roles")


def require_role_of_people(role: Role) -> None:
    """Raise Invalid for a role that only tokens have: a member with it couldn't even look."""
    if role is Role.PUBLISHER:
        raise Invalid("this role is for tokens, not for people", field=("role",))


def require_owner_left(*, roles_after: Iterable[Role]) -> None:
    """Do nothing when the active members that remain include an owner.

    Raises:
        LastOwner: none would be left.
    """
    if Role.OWNER not in set(roles_after):
        raise LastOwner("a workspace needs at least one owner; make somebody else an owner first")


def may_send(status: WorkspaceStatus) -> bool:
    """Tell whether a workspace may send; an overdue payment has days of grace before it is suspended."""
    return status in (WorkspaceStatus.TRIAL, WorkspaceStatus.ACTIVE, WorkspaceStatus.PAST_DUE)


def parse_slug(slug: str) -> str:
    """Return a workspace's name for addresses: 3 to 40 of a-z, 0-9 and single inner hyphens.

    Raises:
        Invalid: another form, or a reserved word.
    """
    if not SLUG_LENGTH_MIN <= len(slug) <= SLUG_LENGTH_MAX or not _SLUG.fullmatch(slug):
        raise Invalid(
            f"a slug has {SLUG_LENGTH_MIN} to {SLUG_LENGTH_MAX} characters: a-z, 0-9, single hyphens between",
            field=("slug",),
        )
    if slug in RESERVED_SLUGS:
        raise Invalid("this slug is reserved", field=("slug",))
    return slug


def suggest_slug(name: str) -> str:
    """Return a valid slug made from a workspace's name; not necessarily a free one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: SLUG_LENGTH_MAX - len("-workspace")].strip("-")
    if len(slug) >= SLUG_LENGTH_MIN and slug not in RESERVED_SLUGS:
        return slug
    return f"{slug or 'default'}-workspace"


def _within(actor: Role, role: Role) -> bool:
    """Tell whether ``role`` allows only what ``actor`` does, or billing, which admins may staff."""
    return permissions_of(role) - permissions_of(actor) <= {Permission.MANAGE_BILLING}
