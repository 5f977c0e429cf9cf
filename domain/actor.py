"""Who acts, in which workspace, with which rights."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.errors import Forbidden
from domain.workspaces.rules import Permission, Role, permissions_of


class ActorKind(StrEnum):
    """What kind of caller stands behind a change."""

    USER = "USER"
    API_TOKEN = "API_TOKEN"  # noqa: S105 - a kind of caller
    JOB = "JOB"
    PERSON = "PERSON"  # a recipient acting for themselves: one-click unsubscribe, a privacy code


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The caller of one use case.

    Attributes:
        id: the user's or token's id; None for jobs and recipients.
        role: None for jobs, which may do everything, and for recipients, who may do nothing but
            what a signed token or a code in their hand allows.
        request_id: ties audit entries to the request that caused them.
    """

    kind: ActorKind
    workspace_id: UUID
    id: UUID | None = None
    user_id: UUID | None = None
    role: Role | None = None
    request_id: str | None = None

    @classmethod
    def job(cls, workspace_id: UUID) -> "Actor":
        """Return the background worker acting in a workspace."""
        return cls(kind=ActorKind.JOB, workspace_id=workspace_id)

    @classmethod
    def person(cls, workspace_id: UUID, *, request_id: str | None = None) -> "Actor":
        """Return a recipient who acts for themselves."""
        return cls(kind=ActorKind.PERSON, workspace_id=workspace_id, request_id=request_id)


def may(actor: Actor, permission: Permission) -> bool:
    """Tell whether the actor has the permission in its workspace."""
    if actor.kind is ActorKind.JOB:
        return True
    return actor.role is not None and permission in permissions_of(actor.role)


def require(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden unless the actor has the permission."""
    if not may(actor, permission):
        raise Forbidden(f"this needs the permission {permission.value}")
