"""From what a request names to the operation that runs: the same for HTTP and for sockets."""

from typing import cast

from domain.api_clients.rules import ClientPolicy
from domain.tenancy import AWAY
from resolvers.context import Context
from resolvers.outcome import Prepared, Refused
from resolvers.persisted_documents import Asked, DocumentRefused, Meant
from web.graphql.answering import refusal_of
from web.graphql.door import GraphQLRequest
from web.graphql.refusals import database_away
from web.graphql.shared import Shared


async def prepare(request: GraphQLRequest, context: Context, shared: Shared) -> Prepared:
    """Return the operation that a request means.

    Raises:
        Refused: there is no such document, this caller may not send it, or it isn't right.
        Invalid: it isn't the document whose hash was sent with it.
        ServiceUnavailable: whether it is registered can't be told just now.
    """
    client, meant = context.viewer.client, None
    if request.query is None or client is not None or request.query_hash is not None:
        try:
            meant = await _find(request, context)
        except DocumentRefused as error:
            raise Refused(refusal_of(error, request_id=context.request_id)) from None
    operation: Prepared = shared.execution.prepare(
        query=meant.text if meant is not None else cast(str, request.query),
        operation_name=request.operation_name,
        variables=request.variables,
        context=context,
        is_registered=meant is not None and meant.is_registered,
    )
    if (
        meant is not None
        and not meant.is_registered
        and client is not None
        and client.policy is ClientPolicy.AUDIT
    ):
        await context.services.documents.note(meant.text, operation.facts, context.viewer)
    return operation


async def _find(request: GraphQLRequest, context: Context) -> Meant:
    asked = Asked(query=request.query, document_id=request.document_id, query_hash=request.query_hash)
    try:
        return await context.services.documents.find(asked, context.viewer)
    except AWAY:
        raise database_away() from None
