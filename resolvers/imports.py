"""Imports and exports of leads."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from auth.download_links import DownloadGrant, read_download, sign_download
from auth.viewer import identify
from domain.accounts import queries as accounts
from domain.actor import Actor, ActorKind, require
from domain.errors import Forbidden
from domain.ids import new_id
from domain.leads import exports
from domain.leads.conditions import LeadCondition
from domain.leads.exports import ExportedFile
from domain.leads.importing import service
from domain.leads.importing.service import ImportOrder, UploadedFile
from domain.workspaces.rules import Permission, Role
from resolvers.context import Context, Services
from resolvers.reading.describe import Predicate
from resolvers.reading.sql import numbered
from resolvers.uploads import Upload, keep_upload

FILE_BYTES_MAX: Final = 50 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What a caller wants imported: a file that was uploaded before, or one that comes along."""

    import_id: UUID | None
    file: Upload | None
    order: ImportOrder
    key: str | None


async def upload_import(context: Context, *, file: Upload) -> UUID:
    """Resolve ``Mutation.leadImportUpload``."""
    import_id, _ = await _take_in(context, file)
    return import_id


async def start_import(context: Context, request: ImportRequest) -> UUID:
    """Resolve ``Mutation.leadImport``."""
    if request.file is None:
        assert request.import_id is not None  # the schema demands one of both
        return await _start(context, request, import_id=request.import_id, what=str(request.import_id))
    import_id, sha256 = await _take_in(context, request.file)
    try:
        return await _start(context, request, import_id=import_id, what=sha256)
    except BaseException:  # refused or repeated: nobody will start this copy
        await service.cancel_import(actor=context.actor, import_id=import_id, now=context.now())
        raise


async def cancel_import(context: Context, *, import_id: UUID) -> UUID:
    """Resolve ``Mutation.leadImportCancel``."""
    return await service.cancel_import(actor=context.actor, import_id=import_id, now=context.now())


async def request_export(
    context: Context, *, where: Predicate, columns: Sequence[str] | None, key: str | None
) -> UUID:
    """Resolve ``Mutation.leadsExport``."""
    condition = LeadCondition(sql=numbered(where.sql, where.values), values=where.values)
    arguments = {"sql": where.sql, "values": list(where.values), "columns": columns}
    return await exports.request_export(
        actor=context.actor,
        export_id=new_id(),
        condition=condition,
        columns=columns,
        now=context.now(),
        idempotency=context.once("leadsExport", key, arguments),
    )


def export_url(context: Context, *, export_id: UUID) -> str | None:
    """Resolve ``LeadExport.url``: a link good for five minutes, for those who may export."""
    actor = context.actor
    require(actor, Permission.EXPORT_LEADS)
    if actor.user_id is None:
        return None
    grant = DownloadGrant(file_id=export_id, workspace_id=actor.workspace_id, user_id=actor.user_id)
    token = sign_download(grant, key=download_key(context.services), now=context.now())
    return f"{context.services.base_url}/exports/{export_id}?token={token}"


async def open_download(
    services: Services,
    *,
    export_id: UUID,
    link_token: str | None,
    credential: str | None,
    workspace: str | None,
    request_id: str,
) -> ExportedFile:
    """Return the file of an export, for the bearer of a link or for a signed-in caller.

    A link acts with the rights its owner has now, not with those they had when it was shown.

    Raises:
        Unauthenticated, Forbidden, NotFound.
    """
    now = services.clock()
    if link_token is not None:
        grant = read_download(link_token, file_id=export_id, key=download_key(services), now=now)
        actor = await _owner(grant, request_id=request_id)
    else:
        viewer = await identify(credential=credential, workspace=workspace, request_id=request_id, now=now)
        actor = viewer.require_actor()
    return await exports.open_export(actor=actor, export_id=export_id, now=now)


async def _owner(grant: DownloadGrant, *, request_id: str) -> Actor:
    for membership in await accounts.list_memberships(user_id=grant.user_id):
        if membership.workspace_id == grant.workspace_id:
            return Actor(
                kind=ActorKind.USER,
                workspace_id=grant.workspace_id,
                id=grant.user_id,
                user_id=grant.user_id,
                role=Role(membership.role),
                request_id=request_id,
            )
    raise Forbidden("you aren't a member of this workspace any more")


def download_key(services: Services) -> bytes:
    """Return the key that signs download links."""
    return services.ports.keyring.derive("download links")


async def _take_in(context: Context, file: Upload) -> tuple[UUID, str]:
    actor = context.actor
    require(actor, Permission.IMPORT_LEADS)
    import_id = new_id()
    path = context.ports.data_dir / "uploads" / str(actor.workspace_id) / str(import_id)
    kept = await keep_upload(file, path=path, bytes_max=FILE_BYTES_MAX)
    uploaded = UploadedFile(path=kept.path, name=kept.name, sha256=kept.sha256, byte_size=kept.byte_size)
    try:
        await service.add_upload(actor=actor, import_id=import_id, file=uploaded, now=context.now())
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    return import_id, kept.sha256


async def _start(context: Context, request: ImportRequest, *, import_id: UUID, what: str) -> UUID:
    arguments = {"what": what, "order": repr(request.order)}
    return await service.start_import(
        actor=context.actor,
        import_id=import_id,
        order=request.order,
        now=context.now(),
        idempotency=context.once("leadImport", request.key, arguments, required=True),
    )
