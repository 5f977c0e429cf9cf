"""Carrying out a deletion: files first, because they can't be rolled back, then all tables at once."""

import asyncio
from contextlib import suppress as suppress_error
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.actor import Actor
from domain.errors import Invalid
from domain.ports import Ports
from domain.privacy import mails
from domain.privacy.erasing import Erased, erase
from domain.privacy.files import delete_files, find_files
from domain.privacy.locating import Located, locate
from domain.privacy.models import PrivacyRequest
from domain.privacy.moving import lock_request, move_request
from domain.privacy.recording import append_to_list, note_erasure, record_task
from domain.privacy.rules import ErasureAction, RequestState
from domain.privacy.subjects import Subject
from domain.privacy.tasks import CheckErasure
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.suppression.service import suppress
from domain.work import Work, unit_of_work

CHECK_AFTER: Final = timedelta(hours=1)
"""By then whatever was being written about the person during the erasure has been written."""


async def delete_person(
    ports: Ports, actor: Actor, request_id: UUID, *, subject: Subject, now: datetime
) -> None:
    """Erase a person from files and tables, with counts per store; the request is READY then."""
    await asyncio.to_thread(
        append_to_list, data_dir=ports.data_dir, workspace_id=actor.workspace_id, identity_hash=subject.hash
    )
    await _delete_files(ports, actor, request_id, subject=subject, now=now)
    await _delete_mails(actor, request_id, subject=subject, now=now)
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        located = await erase_rows(
            work, subject=subject, request_id=request_id, identity_key=ports.identity_key
        )
        await work.enqueue(
            CheckErasure(request_id=request_id, lead_ids=located.subject.leads), due_at=now + CHECK_AFTER
        )
        await move_request(work, request, RequestState.READY)


async def erase_rows(
    work: Work,
    *,
    subject: Subject,
    request_id: UUID | None,
    identity_key: bytes,
    known_leads: tuple[UUID, ...] = (),
) -> Located:
    """Erase a person from all tables, and remember by the hash that they were.

    Args:
        request_id: counts are kept for it; None for a replay.
        known_leads: leads that were the person's before they lost their address.
    """
    located = await locate(
        work.connection, workspace_id=work.workspace_id, subject=subject, known_leads=known_leads
    )
    await _suppress_profiles(work, located, identity_key=identity_key)
    for part in await erase(work, located, identity_key=identity_key):
        if request_id is not None:
            await _record(work, request_id, part)
    await note_erasure(work, request_id=request_id, identity_hash=subject.hash)
    return located


async def _delete_files(
    ports: Ports, actor: Actor, request_id: UUID, *, subject: Subject, now: datetime
) -> None:
    """Delete uploads and exports that mention the person, and the answers to their earlier requests."""
    files = await asyncio.to_thread(
        find_files, data_dir=ports.data_dir, workspace_id=actor.workspace_id, subject=subject
    )
    async with unit_of_work(actor, now=now) as work:
        gone = await _let_go_of(work, [str(path) for path in files])
        earlier = await PrivacyRequest.filter(
            workspace_id=work.workspace_id, subject_hash=subject.hash, result_path__isnull=False
        )
        gone += [str(ports.data_dir / str(request.result_path)) for request in earlier]
        await asyncio.to_thread(delete_files, gone)
        await record_task(
            work,
            request_id,
            store="files",
            action=ErasureAction.DELETE,
            found=len(files) + len(earlier),
            changed=len(gone),
        )


async def _let_go_of(work: Work, paths: list[str]) -> list[str]:
    """Take files away from their exports and waiting imports; returns those that nothing needs any more.

    A running import keeps its file: it skips suppressed people and deletes the file when it ends.
    """
    await work.connection.execute(
        "UPDATE lead_export SET status = 'EXPIRED', file_path = NULL WHERE workspace_id = $1 AND file_path = ANY ($2)",
        work.workspace_id,
        paths,
    )
    await work.connection.execute(
        """
        UPDATE import_job SET status = 'CANCELLED', error = 'somebody in this file was erased; upload it again'
        WHERE workspace_id = $1 AND file_path = ANY ($2) AND status IN ('UPLOADED', 'MAPPED', 'VALIDATED')
        """,
        work.workspace_id,
        paths,
    )
    running = await work.connection.fetch(
        "SELECT file_path FROM import_job WHERE workspace_id = $1 AND file_path = ANY ($2) AND status = 'IMPORTING'",
        work.workspace_id,
        paths,
    )
    return [path for path in paths if path not in {row["file_path"] for row in running}]


async def _delete_mails(actor: Actor, request_id: UUID, *, subject: Subject, now: datetime) -> None:
    count = await mails.forget_mails(subject)
    async with unit_of_work(actor, now=now) as work:
        await record_task(
            work, request_id, store="platform_mail", action=ErasureAction.DELETE, found=count, changed=count
        )


async def _suppress_profiles(work: Work, located: Located, *, identity_key: bytes) -> None:
    """Close the other personal way to reach them; a phone may be the firm's and stays open."""
    profiles = await work.connection.fetch(
        "SELECT linkedin_key FROM lead WHERE workspace_id = $1 AND id = ANY ($2) AND linkedin_key IS NOT NULL",
        work.workspace_id,
        list(located.subject.leads),
    )
    for row in profiles:
        with suppress_error(Invalid):  # what can't be folded can't be matched, and mustn't stop an erasure
            await suppress(
                work,
                kind=SuppressionKind.LINKEDIN,
                value=row["linkedin_key"],
                reason=SuppressionReason.ERASURE,
                identity_key=identity_key,
            )


async def _record(work: Work, request_id: UUID, part: Erased) -> None:
    await record_task(
        work,
        request_id,
        store=part.table,
        action=part.action,
        found=part.found,
        changed=part.changed,
        retained=" ".join(part.retained) if part.found and part.retained else None,
    )
