"""The audit log: who did what, in a chain of hashes that can be verified."""

from typing import Any

import strawberry

from domain.workspaces.rules import Permission
from resolvers import audit
from resolvers.reading.describe import Order
from schema.filters import DateTimeFilter, IDFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.nodes import TABLES, Node, column, computed, entity, global_id
from schema.scalars import JSON, BigInt, DateTime


def _target(root: Any) -> strawberry.ID | None:
    prefix, id_ = TABLES.get(root["target_kind"]), root["target_id"]
    return strawberry.ID(global_id(prefix, id_)) if prefix and id_ else None


@entity("audit_event", prefix="audit", permission=Permission.VIEW_AUDIT)
class AuditEvent(Node):
    """Something that was done. Entries are never changed; each holds the hash of the one before."""

    seq: BigInt = column(description="1, 2, 3 … without a gap.")
    actor_kind: str = column(description="USER, API_TOKEN, JOB, or PERSON for somebody without an account.")
    actor_id: str | None = column("t.actor_id::text", description="The user's or token's own id.")
    action: str = column(description="What was done, such as `lead.update`.")
    target_kind: str = column(description="The kind of object it was done to.")
    target_id: strawberry.ID | None = computed(
        needs=("target_id", "target_kind"), description="The object, if its kind can be read in this API."
    )(_target)
    purpose: str | None = column(description="Why or how, where that was asked for.")
    detail: JSON = column(description="Small facts; never personal data.")
    request_id: str | None = column(description="The request that caused it.")
    occurred_at: DateTime = column(description="When.")
    hash: str = column(
        "encode(t.hash, 'hex')", description="SHA-256 over the entry and the one before, in hex."
    )


@strawberry.type(description="What a verification of the chain found.")
class AuditVerification:
    """The answer of `auditVerify`."""

    ok: bool = strawberry.field(description="Whether the whole chain holds.")
    count: BigInt = strawberry.field(description="Entries that hold, from the first on.")
    broken_at: BigInt | None = strawberry.field(description="The first entry that was changed or is missing.")


@conditions(AuditEvent, sort=("seq",))
class AuditEventWhere:
    """Which entries."""

    action: StringFilter | None = None
    actor_kind: StringFilter | None = None
    target_kind: StringFilter | None = None
    target_id: IDFilter | None = None
    occurred_at: DateTimeFilter | None = None


@strawberry.type
class AuditQuery:
    """Root fields about the audit log."""

    audit_events = list_of(
        AuditEvent,
        order=(Order("seq", descending=True),),
        description="The audit log, newest first.",
        permission=Permission.VIEW_AUDIT,
    )

    @strawberry.field(description="Recompute the whole chain; a second for about 30,000 entries.")
    async def audit_verify(self, info: Info) -> AuditVerification:
        """Verify it."""
        report: Any = await audit.verify_audit(info.context)
        return report
