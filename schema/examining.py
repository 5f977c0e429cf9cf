"""Holds documents against a schema before anybody sends them: those of a manifest, and those that are published."""

from collections.abc import Iterable
from typing import Final

from graphql import GraphQLError, GraphQLSchema, parse, validate

from domain.api_clients.manifests import Listed
from domain.api_clients.publishing import Examined
from domain.api_clients.rules import DocumentFacts
from schema.document_size import TOKENS_MAX, TooComplex
from schema.documents import RULES, BadDocument, Documents
from schema.errors import without_long_echo

PROBLEMS_MAX: Final = 3
"""More of one document's problems tell nobody more."""


class Examiner:
    """Examines documents as they would be refused or answered if they were sent.

    Args:
        schema: the live one.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._documents = Documents(schema, suggestions=True, kept_max=0)

    def examine(self, listed: Listed) -> Examined:
        """Say what a manifest's document is, or what is wrong with it."""
        facts, problems = self.look_at(listed.text)
        return Examined(listed=listed, facts=facts, problems=problems)

    def look_at(self, text: str) -> tuple[DocumentFacts | None, tuple[str, ...]]:
        """Return what is known of a document, or None and why it would be refused, a sentence each.

        It is too dear only when it is so with pages of one.
        """
        try:
            operations = [*self._documents.prepare(text).operations.values()]
            if len(operations) != 1:
                return None, ("a persisted document has exactly one operation",)
            operations[0].cost(dict.fromkeys(operations[0].measured.size_variables, 1))
        except BadDocument as bad:
            return None, _sentences(bad.errors)
        except TooComplex as reason:
            return None, (str(reason),)
        return operations[0].facts, ()


def invalidities(text: str, *, schema: GraphQLSchema) -> tuple[str, ...]:
    """Return what makes a document invalid in a schema that may be another one than ours, a sentence each."""
    try:
        errors = validate(schema, parse(text, max_tokens=TOKENS_MAX), RULES, max_errors=PROBLEMS_MAX)
    except GraphQLError as error:
        errors = [error]
    return _sentences(errors)


def _sentences(errors: Iterable[GraphQLError]) -> tuple[str, ...]:
    return tuple(without_long_echo(error.message) for error in [*errors][:PROBLEMS_MAX])
