"""Persisted documents become known, and are switched on and off."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from domain.actor import require
from domain.api_clients import publishing
from domain.api_clients.manifests import Listed, read_manifest
from domain.api_clients.publishing import Examined, Published
from domain.errors import Invalid
from domain.workspaces.rules import Permission
from resolvers.context import Context
from resolvers.uploads import Upload, read_upload

MANIFEST_BYTES_MAX: Final = 10 << 20

Examine = Callable[[Listed], Examined]
"""Holds a document against the schema; takes milliseconds."""


async def publish_documents(
    context: Context, *, client_id: UUID | None, manifest: Upload, dry_run: bool, examine: Examine
) -> Sequence[Published]:
    """Resolve ``Mutation.documentsPublish``.

    Args:
        client_id: whose documents they are; None for the client whose token is used.

    Raises:
        Invalid: no client is named, or another one than the token's own; or it is no manifest.
    """
    require(context.actor, Permission.PUBLISH_DOCUMENTS)
    client_id = _client_id(context, client_id)
    listed = read_manifest(await read_upload(manifest, bytes_max=MANIFEST_BYTES_MAX, field="manifest"))
    examined = []
    for one in listed:
        examined.append(examine(one))
        await asyncio.sleep(0)  # others are served between two documents
    published = await publishing.publish_documents(
        actor=context.actor, client_id=client_id, examined=examined, dry_run=dry_run, now=context.now()
    )
    context.services.documents.forget()
    return published


async def enable_document(context: Context, *, document_id: UUID) -> UUID:
    """Resolve ``Mutation.persistedDocumentEnable``."""
    await publishing.enable_document(actor=context.actor, document_id=document_id, now=context.now())
    context.services.documents.forget()
    return document_id


async def disable_document(context: Context, *, document_id: UUID) -> UUID:
    """Resolve ``Mutation.persistedDocumentDisable``."""
    await publishing.disable_document(actor=context.actor, document_id=document_id, now=context.now())
    context.services.documents.forget()
    return document_id


def _client_id(context: Context, given: UUID | None) -> UUID:
    """Return the named client, or the one whose token is used; such a token publishes for no other."""
    own = context.viewer.client.id if context.viewer.client is not None else None
    if own is not None and given not in {None, own}:
        raise Invalid("this token publishes for its own client alone", field=("clientId",))
    client_id = own or given
    if client_id is None:
        raise Invalid("say for which client, or use a token of it", field=("clientId",))
    return client_id
