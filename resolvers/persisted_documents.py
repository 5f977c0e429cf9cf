"""Which document a request means: the text it has, a registered one by its id, or one sent before by its hash.

Registered documents belong to the client whose key is used, or to the installation's own programs; those anybody may
send. A client's policy says what else its keys may send.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Final, TypeVar
from uuid import UUID

from auth.viewer import Viewer
from domain.api_clients import queries
from domain.api_clients.first_party import find_first_party_id, find_first_party_text
from domain.api_clients.manifests import Listed
from domain.api_clients.publishing import Examined, hash_of, row_of
from domain.api_clients.rules import ClientPolicy, DocumentFacts, DocumentState, parse_document_id
from domain.errors import DomainError, Invalid
from resolvers.automatic_queries import AutomaticQueries
from resolvers.document_uses import DocumentUses

REMEMBERED_S: Final = 2.0
"""A document that was disabled elsewhere isn't answered any more after this."""
KEPT_MAX: Final = 10_000


class DocumentRefused(DomainError):
    """The document that is meant isn't answered for this caller."""

    code: ClassVar[str] = "DOCUMENT_NOT_REGISTERED"


class PersistedQueryIdRequired(DocumentRefused):
    """The client's policy takes ids of registered documents and no texts."""

    code = "PERSISTED_QUERY_ID_REQUIRED"


class PersistedQueryNotFound(DocumentRefused):
    """No document that this caller may send has this id or hash."""

    code = "PERSISTED_QUERY_NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a request says which document it means; one of the three at least.

    Attributes:
        query: a text.
        document_id: a registered document's id, as it was sent.
        query_hash: the hash of a text that may have been sent before (automatic persisted queries).
    """

    query: str | None
    document_id: str | None
    query_hash: str | None


@dataclass(frozen=True, slots=True)
class Meant:
    """The document that a request means."""

    text: str
    is_registered: bool = False


_Key = tuple[UUID | None, str | bytes]
"""A client, and a document's id or its text's hash."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Found:
    """A text by its id, or an id by its text's hash; None for what isn't there."""

    value: str | None
    is_first_party: bool
    at: float


class PersistedDocuments:
    """Finds what requests mean, and remembers it for a moment.

    Args:
        uses: told about every registered document that is sent.
        clock: monotonic seconds.
    """

    def __init__(self, uses: DocumentUses, *, clock: Callable[[], float] = monotonic) -> None:
        self.uses = uses
        self._clock = clock
        self._automatic = AutomaticQueries()
        self._kept: OrderedDict[_Key, _Found] = OrderedDict()
        self._proposed: OrderedDict[_Key, None] = OrderedDict()
        self._generation = 0

    async def find(self, asked: Asked, viewer: Viewer) -> Meant:
        """Return the document that is meant.

        Raises:
            DocumentRefused: there is none, or the caller may not send it like this.
            Invalid: the hash isn't the text's.
        """
        policy = viewer.client.policy if viewer.client is not None else ClientPolicy.OPEN
        named = asked.document_id or asked.query_hash
        if named is not None:
            text = await self._registered(parse_document_id(named), viewer)
            if text is not None:
                return Meant(text, is_registered=True)
            if asked.document_id is not None:
                raise PersistedQueryNotFound("no document that you may send has this id")
        if policy is ClientPolicy.ID_ONLY:
            raise PersistedQueryIdRequired("this client sends documents by their ids: documentId")
        if policy is ClientPolicy.OPEN and asked.query_hash is not None:
            return Meant(self._by_hash(asked, viewer))
        if asked.query is None:
            raise PersistedQueryNotFound("PersistedQueryNotFound")  # the words that clients wait for
        if policy is not ClientPolicy.REGISTERED:
            return Meant(asked.query)
        if not await self._is_registered(asked.query, viewer):
            raise DocumentRefused("this client sends documents that were published for it, and no others")
        return Meant(asked.query, is_registered=True)

    async def note(self, text: str, facts: DocumentFacts, viewer: Viewer) -> None:
        """Keep what a client under audit has sent without having published it, as a proposal."""
        client, workspace_id, hash_ = viewer.client, viewer.workspace_id, hash_of(text)
        if client is None or workspace_id is None or await self._is_registered(text, viewer):
            return
        key, id_ = (client.id, hash_), f"sha256:{hash_.hex()}"
        if key in self._proposed:
            self.uses.count(workspace_id=workspace_id, client_id=client.id, document_id=id_)
            return
        examined = Examined(listed=Listed(given_id=id_, document_id=id_, text=text), facts=facts)
        row = row_of(examined, DocumentState.PROPOSED)
        await queries.propose(workspace_id=workspace_id, client_id=client.id, row=row, at=self.uses.now())
        _keep(self._proposed, key, None)

    def forget(self) -> None:
        """Ask anew from now on, because documents were published or moved."""
        self._generation += 1
        self._kept.clear()

    def _by_hash(self, asked: Asked, viewer: Viewer) -> str:
        owner, hash_ = viewer.workspace_id or viewer.user_id, asked.query_hash or ""
        if asked.query is None:
            text = self._automatic.find(owner, hash_)
            if text is None:
                raise PersistedQueryNotFound("PersistedQueryNotFound")
            return text
        if hash_of(asked.query).hex() != hash_:
            raise Invalid("provided sha does not match query", field=("extensions", "persistedQuery"))
        self._automatic.keep(owner, hash_, asked.query)
        return asked.query

    async def _registered(self, document_id: str | None, viewer: Viewer) -> str | None:
        """Return the text of an active document of the client's, or of the installation's own programs."""
        if document_id is None:
            return None
        found = await self._find(document_id, viewer)
        if found.value is not None:
            self._count(document_id, viewer, found)
        return found.value

    async def _is_registered(self, text: str, viewer: Viewer) -> bool:
        found = await self._find(hash_of(text), viewer)
        if found.value is not None:
            self._count(found.value, viewer, found)
        return found.value is not None

    async def _find(self, wanted: str | bytes, viewer: Viewer) -> _Found:
        key = (viewer.client.id if viewer.client is not None else None, wanted)
        kept = self._kept.get(key)
        if kept is not None and self._clock() - kept.at < REMEMBERED_S:
            return kept
        generation, at = self._generation, self._clock()
        value, is_first_party = None, False
        if viewer.client is not None and viewer.workspace_id is not None:
            value = await _look_up(wanted, workspace_id=viewer.workspace_id, client_id=viewer.client.id)
        if value is None:
            value, is_first_party = await _look_up_first_party(wanted), True
        found = _Found(value, is_first_party, at)
        if generation == self._generation:  # else it may have been read before what has changed since
            _keep(self._kept, key, found)
        return found

    def _count(self, document_id: str, viewer: Viewer, found: _Found) -> None:
        if found.is_first_party or viewer.client is None:
            self.uses.count(workspace_id=None, client_id=None, document_id=document_id)
        else:
            self.uses.count(
                workspace_id=viewer.workspace_id, client_id=viewer.client.id, document_id=document_id
            )


async def _look_up(wanted: str | bytes, *, workspace_id: UUID, client_id: UUID) -> str | None:
    if isinstance(wanted, str):
        return await queries.find_text(workspace_id=workspace_id, client_id=client_id, document_id=wanted)
    return await queries.find_id(workspace_id=workspace_id, client_id=client_id, text_hash=wanted)


async def _look_up_first_party(wanted: str | bytes) -> str | None:
    if isinstance(wanted, str):
        return await find_first_party_text(document_id=wanted)
    return await find_first_party_id(text_hash=wanted)


def _keep(kept: OrderedDict[_Key, T], key: _Key, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > KEPT_MAX:
        kept.popitem(last=False)
