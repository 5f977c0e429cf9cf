"""The answer: written as a file, mailed as a link, downloaded, and deleted when its time has passed."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Actor
from domain.ports import Ports
from domain.privacy import mails, results
from domain.privacy.links import LINK_PURPOSE, LinkUse, PrivacyLinkInvalid, make_link_token
from domain.privacy.models import PrivacyRequest, PrivacyTask
from domain.privacy.moving import lock_request, move_request
from domain.privacy.receipts import receipt_of
from domain.privacy.rules import RequestKind, RequestState
from domain.privacy.tasks import ExpirePrivacyResult
from domain.work import Work, unit_of_work
from domain.workspaces.queries import get_settings


async def hand_out(ports: Ports, actor: Actor, request_id: UUID, *, now: datetime) -> None:
    """Write the receipt of a READY request, mail the link, and only then forget where the mail went."""
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        settings = await get_settings(work.connection, workspace_id=work.workspace_id)
        if request.kind != RequestKind.ACCESS:
            tasks = await PrivacyTask.filter(workspace_id=work.workspace_id, request_id=request_id)
            await keep_result(work, request, await write_answer(ports, request, receipt_of(request, tasks)))
    token = make_link_token(
        use=LinkUse.RESULT,
        workspace_id=actor.workspace_id,
        request_id=request_id,
        key=ports.keyring.derive(LINK_PURPOSE),
    )
    await mails.queue_result_mail(
        to_address=str(request.subject_email),
        locale=settings["locale"],
        workspace=settings["name"],
        kind=RequestKind(request.kind),
        url=f"{ports.sending.base_url}/privacy/result/{token}",
    )
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        await move_request(work, request, RequestState.FULFILLED, fulfilled_at=now, subject_email=None)


async def write_answer(
    ports: Ports, request: PrivacyRequest, document: dict[str, Any]
) -> results.WrittenResult:
    """Write a request's file without blocking others."""
    return await asyncio.to_thread(
        results.write_result,
        data_dir=ports.data_dir,
        workspace_id=request.workspace_id,
        request_id=request.id,
        document=document,
    )


async def keep_result(work: Work, request: PrivacyRequest, written: results.WrittenResult) -> None:
    """Note where the answer lies and when it goes."""
    request.result_path, request.result_hash = written.path, written.hash
    request.result_expires_at = work.now + results.RESULT_LIFETIME
    await request.save(update_fields=["result_path", "result_hash", "result_expires_at"])
    await work.enqueue(ExpirePrivacyResult(request_id=request.id), due_at=request.result_expires_at)


async def download(*, ports: Ports, actor: Actor, request_id: UUID, now: datetime) -> bytes:
    """Return the answer for whoever holds the link; each time is audited.

    Raises:
        PrivacyLinkInvalid: its time has passed, or it was erased.
    """
    async with unit_of_work(actor, now=now) as work:
        request = await PrivacyRequest.filter(workspace_id=work.workspace_id, id=request_id).first()
        content = None
        if request is not None and request.result_path and now < (request.result_expires_at or now):
            content = await asyncio.to_thread(
                results.read_result, data_dir=ports.data_dir, path=request.result_path
            )
        if content is None:
            raise PrivacyLinkInvalid("this link's time has passed", field=("token",))
        work.audit("privacy_request.download", target_kind="privacy_request", target_id=request_id)
    return content


async def expire_result(*, ports: Ports, actor: Actor, request_id: UUID, now: datetime) -> None:
    """Delete an answer whose time has passed; one that was written again meanwhile stays."""
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        path, expires_at = request.result_path, request.result_expires_at
        if path is None or expires_at is None or expires_at > now:
            return
        await asyncio.to_thread(results.delete_result, data_dir=ports.data_dir, path=path)
        request.result_path = None
        await request.save(update_fields=["result_path"])
        work.audit("privacy_request.expire_result", target_kind="privacy_request", target_id=request_id)
