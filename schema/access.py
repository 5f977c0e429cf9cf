"""What may be asked without an account: signing in, and what leads there."""

from typing import Final

from graphql import GraphQLError

from resolvers.context import Context
from schema.documents import BadDocument, PreparedOperation

OPEN_FIELDS: Final = frozenset(
    {
        "__typename",
        "viewer",
        "rateLimit",
        "signUp",
        "setUp",
        "emailVerify",
        "passwordResetRequest",
        "passwordReset",
        "signIn",
        "signOut",
    }
)
"""Root fields for everybody; all others, introspection among them, are for callers that are signed in."""


def is_stranger(context: Context) -> bool:
    """Return whether nobody is signed in."""
    return context.viewer.kind is None


def refuse_strangers(operation: PreparedOperation, context: Context) -> None:
    """Raise BadDocument when the operation is for signed-in callers and this one isn't."""
    if is_stranger(context) and not operation.measured.root_fields <= OPEN_FIELDS:
        closed = min(operation.measured.root_fields - OPEN_FIELDS)
        raise BadDocument("UNAUTHENTICATED", [GraphQLError(f"sign in first: {closed} is not for everybody")])
