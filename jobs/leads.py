"""Imports, exports and the search index of leads."""

from domain.leads import searching
from domain.leads.exports import run_export
from domain.leads.importing.running import run_import
from domain.leads.tasks import ExportLeads, ImportLeads, IndexLeads
from jobs.registry import JobContext, job


@job(ImportLeads, max_tries=5, timeout_s=3600)
async def import_leads(context: JobContext, task: ImportLeads) -> None:
    """Take in an uploaded file; a killed try has left nothing."""
    await run_import(
        actor=context.actor,
        import_id=task.import_id,
        identity_key=context.ports.identity_key,
        clock=context.clock,
    )


@job(IndexLeads, max_tries=5, timeout_s=600)
async def index_leads(context: JobContext, task: IndexLeads) -> None:
    """Make imported leads findable by their words."""
    await searching.index_import(actor=context.actor, import_id=task.import_id, now=context.now())


@job(ExportLeads, max_tries=3, timeout_s=1800)
async def export_leads(context: JobContext, task: ExportLeads) -> None:
    """Write a file of leads."""
    await run_export(
        actor=context.actor, export_id=task.export_id, data_dir=context.ports.data_dir, clock=context.clock
    )
