"""Enums of API clients and their documents."""

from domain.api_clients.publishing import PublishOutcome
from domain.api_clients.rules import ClientPolicy, ClientState, DocumentKind, DocumentState
from schema.enums.showing import shown_enum

shown_enum(
    ClientPolicy,
    "Which documents an API client's tokens may send.",
    OPEN="Any document, ids of published ones, and hashes of texts that were sent before.",
    AUDIT="Any document; what isn't published is noted as PROPOSED, up to 500 of a client.",
    REGISTERED="Published documents alone, by their texts or their ids.",
    ID_ONLY="Published documents alone, by their ids.",
)
shown_enum(
    ClientState,
    "Whether an API client's tokens work.",
    ACTIVE="They do.",
    SUSPENDED="They don't, until it is resumed.",
    REVOKED="They don't, for good.",
)
shown_enum(
    DocumentState,
    "Whether a persisted document is answered.",
    PROPOSED="Not as a published one: its client has sent it under AUDIT, and nobody has published it.",
    ACTIVE="Yes.",
    DISABLED="No: somebody has switched it off.",
)
shown_enum(
    DocumentKind,
    "What a document's operation does.",
    QUERY="It reads.",
    MUTATION="It changes something.",
    SUBSCRIPTION="It listens.",
)
shown_enum(
    PublishOutcome,
    "What becomes of one document of a manifest.",
    CREATED="It is new.",
    UNCHANGED="It was published before; one that is disabled stays so.",
    REJECTED="It can't be published, and so nothing of its manifest is.",
)
