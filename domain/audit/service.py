"""What people do with the audit log: read it, and verify it."""

from uuid import UUID

from domain.actor import Actor, require
from domain.audit.queries import reading_chain
from domain.audit.verifying import ChainReport, verify_chain
from domain.workspaces.rules import Permission


async def verify_audit(*, actor: Actor) -> ChainReport:
    """Verify the audit chain of the actor's workspace; takes about a second for 30,000 entries."""
    require(actor, Permission.VIEW_AUDIT)
    return await verify_workspace(actor.workspace_id)


async def verify_workspace(workspace_id: UUID) -> ChainReport:
    """Verify a workspace's audit chain; for the operator's command line."""
    async with reading_chain(workspace_id) as (head, rows):
        return await verify_chain(rows, head=head)
