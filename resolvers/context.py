"""What every resolver gets: who asks, what time it is, the outside world, and a reader for this request."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from auth.budgets import Budget, Budgets, Spending
from auth.passwords import PasswordChecker
from auth.throttling import AttemptThrottle, network_of
from auth.viewer import Viewer
from domain.actor import Actor, require
from domain.errors import Invalid
from domain.idempotency import Idempotency
from domain.ports import Ports
from domain.workspaces.rules import Permission
from resolvers.loaders import Key, Loader, Value
from resolvers.persisted_documents import PersistedDocuments
from resolvers.reading.cursors import CursorKey
from resolvers.reading.ordinary import Reader
from resolvers.reading.pool import LeanPool
from resolvers.sharing import Shared
from resolvers.tails import Tails


class IdempotencyKeyRequired(Invalid):
    """This mutation needs a key, because doing it twice would cost something."""

    code = "IDEMPOTENCY_KEY_REQUIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What lives as long as the process.

    Attributes:
        web_origins: other origins whose pages may ask, with tokens.
        tails: the logs that are followed.
        shared: the answers to events, made once for all who asked alike.
    """

    ports: Ports
    passwords: PasswordChecker
    throttle: AttemptThrottle
    cursor_key: CursorKey
    reads: LeanPool
    budgets: Budgets
    budget: Budget
    clock: Callable[[], datetime]
    base_url: str
    web_origins: frozenset[str]
    tails: Tails
    shared: Shared
    documents: PersistedDocuments


@dataclass(slots=True, kw_only=True)
class Caller:
    """Where a request came from, and what to send back beside its answer.

    Attributes:
        credential: the token it was made with.
        session_token: set by sign-in to hand the browser its cookie; "" clears it.
    """

    ip: str | None = None
    user_agent: str | None = None
    credential: str | None = None
    idempotency_key: str | None = None
    session_token: str | None = None

    @property
    def network(self) -> str:
        """What one caller without an account is told from another by."""
        return network_of(self.ip)


@dataclass(slots=True, kw_only=True)
class Context:
    """One request, or one socket.

    Attributes:
        extensions: what goes into the answer's ``extensions``.
        spending: what the operation costs and leaves.
        payload_is_planned: whether a mutation leaves the object it changed to the read engine.
        changed_id: that object.
        declined: why the read engine didn't answer, in words of the schema.
    """

    viewer: Viewer
    caller: Caller
    services: Services
    request_id: str
    extensions: dict[str, Any] = field(default_factory=dict)
    spending: Spending | None = None
    payload_is_planned: bool = False
    changed_id: UUID | None = None
    declined: str | None = None
    _reader: Reader | None = None
    _loaders: dict[Any, Loader[Any, Any]] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return self.services.clock()

    @property
    def ports(self) -> Ports:
        """The outside world."""
        return self.services.ports

    @property
    def actor(self) -> Actor:
        """The caller in its workspace; raises Unauthenticated or WorkspaceRequired."""
        return self.viewer.require_actor()

    @property
    def reader(self) -> Reader:
        """Reads in the caller's workspace; raises like ``actor``, and Forbidden without the right to read."""
        if self._reader is None:
            actor = self.actor
            require(actor, Permission.READ)
            self._reader = Reader(workspace_id=actor.workspace_id, cursor_key=self.services.cursor_key)
        return self._reader

    def loader(
        self, load_many: Callable[["Context", Sequence[Key]], Awaitable[Sequence[Value]]]
    ) -> Loader[Key, Value]:
        """Return this request's loader over a function that answers many keys at once."""
        if load_many not in self._loaders:
            self._loaders[load_many] = Loader(partial(load_many, self))
        return self._loaders[load_many]

    def forget_reads(self) -> None:
        """Read everything afresh from now on, because a use case has changed something."""
        self._loaders.clear()
        if self._reader is not None:
            self._reader.forget()

    def read_in(self, workspace_id: UUID) -> None:
        """Answer the rest of this request from another workspace: one that was just created or joined."""
        self._reader = Reader(workspace_id=workspace_id, cursor_key=self.services.cursor_key)

    def once(
        self, mutation: str, key: str | None, arguments: Any, *, required: bool = False
    ) -> Idempotency | None:
        """Return the caller's idempotency key for a mutation, from its input or the request's header."""
        key = key or self.caller.idempotency_key
        if key is None:
            if required:
                raise IdempotencyKeyRequired(
                    f"{mutation} needs an idempotencyKey", field=("input", "idempotencyKey")
                )
            return None
        return Idempotency.of(caller_id=self.actor.id, mutation=mutation, key=key, arguments=arguments)
