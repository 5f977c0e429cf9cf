"""What enrichment needs from outside: sources of facts, and somebody who judges e-mail addresses."""

from typing import Protocol

from domain.leads.rules import SourceKind

from .rules.emails import EmailVerdict
from .rules.facts import EnrichmentQuery, EnrichmentResult, Field, Outcome, Subject


class EnrichmentSource(Protocol):
    """Finds facts about a lead and its company; the built-in one reads the company's website."""

    @property
    def name(self) -> str:
        """The stable name in provider-call records: ``website``, ``apollo``."""

    @property
    def kind(self) -> SourceKind:
        """PUBLIC when anybody can read what it reads, PROVIDER when it is bought."""

    @property
    def scope(self) -> Subject:
        """COMPANY when one answer serves everybody who works there, LEAD when it is asked person by person."""

    @property
    def provides(self) -> frozenset[Field]:
        """The fields it can bring at all."""

    def cost(self, outcome: Outcome) -> int:
        """Return the credits a call with this outcome costs (0 for what brought nothing)."""

    async def find(self, query: EnrichmentQuery, *, want: frozenset[Field]) -> EnrichmentResult:
        """Ask for the wanted fields; repeating it is safe.

        Trouble with the outside is an outcome (ERROR, BLOCKED), not an exception.

        Raises:
            Invalid: the query holds nothing this source can start from, or nothing it provides is wanted.
            NotConfigured: the source has no credentials; nothing was attempted.
        """


class EmailVerifier(Protocol):
    """Judges an address without writing to it."""

    async def verify(self, address: str) -> EmailVerdict:
        """Return a dated verdict; what can't be found out is UNKNOWN, never an exception."""
