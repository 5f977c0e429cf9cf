"""Carrying out a request whose person is proven: in steps, each of which may be repeated.

A crash anywhere leaves a state from which the same task goes on: IN_PROGRESS does the work again, READY hands
the answer out again.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.ports import Ports
from domain.privacy.bundling import read_bundle
from domain.privacy.deleting import delete_person
from domain.privacy.handing_out import hand_out, keep_result, write_answer
from domain.privacy.locating import locate
from domain.privacy.models import PrivacyRequest
from domain.privacy.moving import is_over, lock_request, move_request
from domain.privacy.recording import record_task
from domain.privacy.rules import RequestKind, RequestState
from domain.privacy.subjects import Subject, subject_of
from domain.work import unit_of_work
from domain.workspaces.queries import get_settings


async def fulfil(*, ports: Ports, actor: Actor, request_id: UUID, clock: Callable[[], datetime]) -> None:
    """Carry out a request and mail its answer; nothing happens when it is over already."""
    request = await _begin(actor, request_id, now=clock())
    if request is None or request.subject_email is None:
        return
    if request.status != RequestState.READY:
        subject = subject_of(request.subject_email, key=ports.identity_key)
        match RequestKind(request.kind):
            case RequestKind.DELETE:
                await delete_person(ports, actor, request_id, subject=subject, now=clock())
            case RequestKind.ACCESS:
                await _bundle(ports, actor, request, subject=subject, now=clock())
            case _:
                await _confirm(actor, request_id, subject=subject, now=clock())
    await hand_out(ports, actor, request_id, now=clock())


async def _begin(actor: Actor, request_id: UUID, *, now: datetime) -> PrivacyRequest | None:
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        if is_over(request):
            return None
        if request.status == RequestState.VERIFIED:
            await move_request(
                work, request, RequestState.LOCATING, RequestState.ROUTED, RequestState.IN_PROGRESS
            )
    return request


async def _bundle(
    ports: Ports, actor: Actor, request: PrivacyRequest, *, subject: Subject, now: datetime
) -> None:
    """Write everything about the person into a file."""
    async with tenancy.reading(actor.workspace_id) as connection:
        settings = await get_settings(connection, workspace_id=actor.workspace_id)
        located = await locate(connection, workspace_id=actor.workspace_id, subject=subject)
        bundle = await read_bundle(connection, request=request, located=located, workspace=settings)
    written = await write_answer(ports, request, bundle)
    async with unit_of_work(actor, now=now) as work:
        fresh = await lock_request(work, request_id=request.id)
        for table, keys in located.rows.items():
            shown = len(bundle["data"].get(table, ()))
            await record_task(
                work, request.id, store=table, action=RequestKind.ACCESS, found=len(keys), changed=shown
            )
        await keep_result(work, fresh, written)
        await move_request(work, fresh, RequestState.READY)


async def _confirm(actor: Actor, request_id: UUID, *, subject: Subject, now: datetime) -> None:
    """Count what has been closed since the objection was opened."""
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        located = await locate(work.connection, workspace_id=work.workspace_id, subject=subject)
        for store in ("suppression", "enrollment", "delivery"):
            await record_task(
                work,
                request_id,
                store=store,
                action=RequestKind.OBJECT,
                found=len(located.rows[store]),
                changed=0,
            )
        await move_request(work, request, RequestState.READY)
