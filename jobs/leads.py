"""Imports, exports and the search index of leads."""

from collections.abc import Callable
from datetime import datetime

from domain.actor import Actor
from domain.leads import searching
from domain.leads.exports import expire_exports, give_up_export, run_export
from domain.leads.importing.running import give_up_import, run_import
from domain.leads.importing.service import forget_uploads
from domain.leads.tasks import ExportLeads, ImportLeads, IndexLeads
from domain.ports import Ports
from domain.privacy.stray_files import delete_stray_files
from domain.work import Work
from domain.workspaces.queries import list_all_workspaces
from jobs.registry import JobContext, job

DELETE_EVERY_S = 3_600.0


async def tell_import_failed(work: Work, task: ImportLeads, _reason: str) -> None:
    """Say so where the import is shown."""
    await give_up_import(work, import_id=task.import_id)


@job(ImportLeads, max_tries=5, timeout_s=3600, when_parked=tell_import_failed)
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


async def tell_export_failed(work: Work, task: ExportLeads, _reason: str) -> None:
    """Say so where the export is shown."""
    await give_up_export(work, export_id=task.export_id)


@job(ExportLeads, max_tries=3, timeout_s=1800, when_parked=tell_export_failed)
async def export_leads(context: JobContext, task: ExportLeads) -> None:
    """Write a file of leads."""
    await run_export(
        actor=context.actor, export_id=task.export_id, data_dir=context.ports.data_dir, clock=context.clock
    )


async def delete_old_files(ports: Ports, clock: Callable[[], datetime]) -> None:
    """Delete exported files whose time is over, uploads that nobody started, and what dead workers left behind."""
    for workspace_id in await list_all_workspaces():
        actor = Actor.job(workspace_id)
        await expire_exports(actor=actor, now=clock())
        await forget_uploads(actor=actor, now=clock())
        await delete_stray_files(actor=actor, data_dir=ports.data_dir, now=clock())
