"""The audit log."""

from domain.audit import service
from domain.audit.verifying import ChainReport
from resolvers.context import Context


async def verify_audit(context: Context) -> ChainReport:
    """Resolve ``Query.auditVerify``."""
    return await service.verify_audit(actor=context.actor)
