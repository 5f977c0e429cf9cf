"""What came of an operation, and what a transport may ask of whoever executes it.

The words that `schema`, which executes, and `web`, which answers, share without knowing each other.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from auth.budgets import Spending
from domain.api_clients.rules import DocumentFacts
from resolvers.context import Context


class OperationKind(StrEnum):
    """What an operation does."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


class PlannedPart(StrEnum):
    """How much of an answer the read engine gave; of a mutation's it can be the object that was changed."""

    ALL = "all"
    PAYLOAD = "payload"
    NONE = "none"


@dataclass(slots=True, kw_only=True)
class Outcome:
    """One answer.

    Attributes:
        data: the response's ``data`` as JSON; None when nothing ran, so that the response has no such entry.
        errors: as the caller may see them, ready for JSON.
        extensions: what goes beside them, ready for JSON.
        spending: what it cost, where it was counted.
        planned: what the read engine answered of it; None when nothing ran.
        declined: why it answered nothing, in words of the schema.
        frames: instead of ``data``, the parts of an answer that is delivered bit by bit, ready for JSON.
    """

    data: bytes | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)
    spending: Spending | None = None
    planned: PlannedPart | None = None
    declined: str | None = None
    frames: AsyncGenerator[dict[str, Any], None] | None = None

    @property
    def code(self) -> str | None:
        """The first error's code."""
        return self.errors[0]["extensions"]["code"] if self.errors else None

    @property
    def codes(self) -> set[str]:
        """All errors' codes."""
        return {error["extensions"]["code"] for error in self.errors}


class Refused(Exception):
    """The operation was refused before anything ran; ``outcome`` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome


class Operation(Protocol):
    """An operation that may run."""

    @property
    def kind(self) -> OperationKind:
        """What it does."""

    @property
    def name(self) -> str | None:
        """What the document calls it."""

    @property
    def sha256(self) -> str:
        """The document's, in hexadecimal."""

    @property
    def may_change_callers(self) -> bool:
        """Whether it may change who callers are or what they may do."""


class Prepared(Operation, Protocol):
    """An operation whose document is understood."""

    @property
    def facts(self) -> DocumentFacts:
        """What is known of it before it runs."""


class Execution(Protocol):
    """Runs operations; stateless but for its caches."""

    def prepare(
        self,
        *,
        query: str,
        operation_name: str | None,
        context: Context,
        variables: Mapping[str, Any] | None = None,
        is_registered: bool = False,
    ) -> Any:
        """Return what is ``Prepared``; raises Refused."""

    async def run(
        self,
        operation: Any,
        *,
        variables: Mapping[str, Any] | None,
        context: Context,
        incrementally: bool = False,
    ) -> Outcome:
        """Run a query or a mutation."""

    def subscribe(
        self, operation: Any, *, variables: Mapping[str, Any] | None, context: Context
    ) -> AsyncGenerator[Outcome, None]:
        """Run a subscription; raises Refused. One that can't start yields its errors alone, without data."""
