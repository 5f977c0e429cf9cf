"""Persisted documents: what API clients are known to send, and how it becomes known."""

from typing import Any

import strawberry
from strawberry.file_uploads import Upload

from domain.api_clients.publishing import Published, PublishOutcome, is_whole
from domain.api_clients.rules import DocumentKind, DocumentState
from domain.workspaces.rules import Permission
from resolvers import publishing
from resolvers.reading.describe import Order
from schema.api_clients import ApiClient
from schema.errors import ECHO_MAX
from schema.examining import Examiner
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, IntFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, one, read_optional_id, reference
from schema.reads import object_of
from schema.scalars import BigInt, DateTime
from schema.writes import change_of

COST = "Points that it costs at most, pages of unknown size taken at their largest."
SCOPES = "What a caller needs for all of it."
DEPRECATED = "What it uses that will go, such as `Lead.phone`."


@entity(
    "persisted_document",
    prefix="doc",
    permission=Permission.MANAGE_TOKENS,
    search="t.name ILIKE '%' || {} || '%'",
)
class PersistedDocument(Node):
    """A GraphQL document that an API client is known to send, by its text or by an id."""

    document_id: str = column(description="What clients send: `sha256:` and 64 hexadecimal digits.")
    name: str | None = column(description="What its operation is called.")
    kind: DocumentKind = column(description="What its operation does.")
    text: str = column(description="The document.")
    cost: int = column(description=f"{COST} As of when it was published.")
    scopes: list[Permission] = column(description=f"{SCOPES} As of when it was published.")
    deprecated_fields: list[str] = column(description=f"{DEPRECATED} As of when it was published.")
    status: DocumentState = column(description="Whether it is answered.")
    uses: BigInt = column(description="How often it was sent; counted every few seconds.")
    last_used_at: DateTime | None = column(description="When it was sent last.")
    created_at: DateTime = column(description="When it was published, or sent first under AUDIT.")
    client_id: strawberry.ID = reference("client", sql="t.api_client_id", description="Who sends it.")
    client: ApiClient = one(key="api_client_id", target=lambda: ApiClient, description="Who sends it.")


@conditions(
    PersistedDocument,
    search="Part of the name.",
    sort=("created_at", "name", "cost", "uses", "last_used_at"),
)
class PersistedDocumentWhere:
    """Which persisted documents."""

    client_id: IDFilter | None = None
    document_id: StringFilter | None = None
    status: EnumFilter[DocumentState] | None = None
    name: StringFilter | None = None
    kind: EnumFilter[DocumentKind] | None = None
    cost: IntFilter | None = None
    last_used_at: DateTimeFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.type(description="The answer of persisted document mutations.")
class PersistedDocumentPayload(Payload):
    """A document after a change."""

    persisted_document: PersistedDocument | None = strawberry.field(default=None, description="As it is now.")


@strawberry.input(description="Documents to publish.")
class DocumentsPublishInput:
    """Arguments of `documentsPublish`."""

    manifest: Upload = strawberry.field(
        description="What the application's build writes, up to 10 MB and 2,000 documents, by the multipart request"
        " spec: Apollo's persisted query manifest, or the object from ids to texts of Relay, graphql-codegen and"
        " gql.tada."
    )
    client_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose documents they are; a token of a client publishes for that client."
    )
    dry_run: bool = strawberry.field(default=False, description="Say what would become of them, and no more.")


@strawberry.type(description="What becomes of one document of a manifest.")
class DocumentResult:
    """Shows ``Published``."""

    document_id: str = strawberry.field(description="As the manifest has it, up to 80 characters.")
    name: str | None = strawberry.field(description="What its operation is called.")
    outcome: PublishOutcome = strawberry.field(description="What becomes of it.")
    reasons: list[str] = strawberry.field(description="Why it is REJECTED, a sentence each.")
    cost: int | None = strawberry.field(description=f"{COST} Null when it can't be told.")
    scopes: list[Permission] = strawberry.field(description=SCOPES)
    deprecated_fields: list[str] = strawberry.field(description=DEPRECATED)

    @classmethod
    def of(cls, published: Published) -> "DocumentResult":
        """Build it from the domain's."""
        facts = published.examined.facts
        return cls(
            document_id=published.examined.listed.given_id[:ECHO_MAX],
            name=facts.name if facts else None,
            outcome=published.outcome,
            reasons=list(published.reasons),
            cost=facts.cost if facts else None,
            scopes=list(facts.scopes) if facts else [],
            deprecated_fields=list(facts.deprecated_fields) if facts else [],
        )


@strawberry.type(description="The answer of documentsPublish.")
class DocumentsPublishPayload(Payload):
    """What became of a manifest."""

    published: bool = strawberry.field(
        default=False,
        description="Whether all of them are published now; false in a dry run, and when one of them is REJECTED.",
    )
    results: list[DocumentResult] = strawberry.field(
        default_factory=list, description="What becomes of each document, in the manifest's order."
    )


@strawberry.type
class PersistedDocumentsQuery:
    """Root fields about persisted documents."""

    persisted_documents = list_of(
        PersistedDocument,
        order=(Order("created_at", descending=True),),
        description="Documents of API clients, newest first.",
        permission=Permission.MANAGE_TOKENS,
    )

    persisted_document = object_of(
        PersistedDocument,
        description="One persisted document; null when it is absent.",
        permission=Permission.MANAGE_TOKENS,
    )


@strawberry.type
class PersistedDocumentsMutation:
    """Root fields that publish documents and switch them on and off."""

    @strawberry.mutation(
        description="Publish the documents of an API client: all of a manifest or, when one is rejected, none."
        " Publishing the same again changes nothing."
    )
    async def documents_publish(self, info: Info, input: DocumentsPublishInput) -> DocumentsPublishPayload:
        """Publish them."""
        manifest: Any = input.manifest
        results: list[Published] = []

        async def use_case() -> None:
            results.extend(
                await publishing.publish_documents(
                    info.context,
                    client_id=read_optional_id(input.client_id, ApiClient, field="clientId"),
                    manifest=manifest,
                    dry_run=input.dry_run,
                    examine=Examiner(info.schema._schema).examine,
                )
            )

        payload = await answer(info, DocumentsPublishPayload, use_case())
        payload.published = not (payload.errors or input.dry_run) and is_whole(results)
        payload.results = [DocumentResult.of(one) for one in results]
        return payload

    persisted_document_enable = change_of(
        PersistedDocument,
        PersistedDocumentPayload,
        publishing.enable_document,
        description="Answer a document that was proposed or disabled.",
    )

    persisted_document_disable = change_of(
        PersistedDocument,
        PersistedDocumentPayload,
        publishing.disable_document,
        description="Answer a document no longer: everywhere within two seconds.",
    )
