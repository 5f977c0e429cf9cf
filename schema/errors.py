"""Errors a caller can mend, as data; all others, as the top-level errors of the specification.

A domain error with more to say than code, message and field gets a type of its own here or beside its feature,
registered with ``@shows(TheDomainError)``.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import strawberry
import structlog
from graphql import GraphQLError

from domain.errors import DomainError, Forbidden, Invalid, StaleVersion, Unauthenticated
from schema.error_fields import camel_path, field_of, is_about_a_variable

T = TypeVar("T", bound=type)

log = structlog.get_logger(__name__)

ERRORS_MAX = 5
"""More errors than this in one answer tell nobody more."""

ECHO_MAX = 80
"""Characters of the caller's input that an error may repeat."""

MESSAGE_MAX = 400

BAD_VALUE = "BAD_USER_INPUT"

TOP_LEVEL = (Unauthenticated, Forbidden)


@strawberry.interface(description="Something the caller can mend.")
class UserError:
    """The common part of all errors in payloads."""

    code: str = strawberry.field(description="Stable, for programs; see the documentation of error codes.")
    message: str = strawberry.field(description="One sentence for a person.")
    field: list[str] = strawberry.field(description="Path of the input field that caused it; may be empty.")


@strawberry.type(description="An error whose code says it all.")
class GeneralError(UserError):
    """What most domain errors become."""


_SHOWN: dict[type[DomainError], Callable[[Any], UserError]] = {}


def shows(error: type[DomainError]) -> Callable[[T], T]:
    """Register a type that shows a domain error; its ``from_error`` builds it."""

    def register(cls: T) -> T:
        _SHOWN[error] = cls.from_error  # type: ignore[attr-defined]
        return cls

    return register


@strawberry.type(description="A value breaks a rule.")
class ValidationError(UserError):
    """Shows ``Invalid`` and what derives from it."""

    @classmethod
    def from_error(cls, error: Invalid) -> "ValidationError":
        """Build it from the domain's error."""
        return cls(code=error.code, message=error.message, field=camel_path(error.field))


_SHOWN[Invalid] = ValidationError.from_error


@strawberry.type(description="The object changed since it was read.")
class StaleVersionError(UserError):
    """Shows ``StaleVersion``."""

    current: int = strawberry.field(description="The object's version now.")

    @classmethod
    def from_error(cls, error: StaleVersion) -> "StaleVersionError":
        """Build it from the domain's error."""
        return cls(
            code=error.code, message=error.message, field=camel_path(error.field), current=error.current
        )


_SHOWN[StaleVersion] = StaleVersionError.from_error


def user_error(error: DomainError) -> UserError:
    """Return the payload error of a domain error: the nearest registered type, else a general one."""
    for cls in type(error).__mro__:
        if cls in _SHOWN:
            return _SHOWN[cls](error)
    return GeneralError(code=error.code, message=error.message, field=camel_path(error.field))


def remembered_error(record: dict[str, Any]) -> UserError:
    """Return the payload error of a repeated request."""
    return GeneralError(code=record["code"], message=record["message"], field=camel_path(record["field"]))


def shown(errors: Sequence[GraphQLError], *, request_id: str, code: str | None = None) -> list[GraphQLError]:
    """Return the first few errors as a client may see them.

    A domain error keeps its words and its code; anything of ours that broke is masked, and logged under the
    request's id.

    Args:
        code: of all that no domain error stands behind: errors of the document or the variables, found before
            anything ran.
    """
    return [_shown(error, request_id=request_id, code=code) for error in errors[:ERRORS_MAX]]


def _shown(error: GraphQLError, *, request_id: str, code: str | None) -> GraphQLError:
    original = _original(error)
    message = error.message
    if isinstance(original, DomainError):
        # a value that doesn't fit is named by the path that graphql-core puts in front
        message, code = (message if code else original.message), original.code
    elif is_about_a_variable(error) or (code is None and _is_about_an_argument(error)):
        code = BAD_VALUE
    elif code is None:
        log.error("resolver_failed", request_id=request_id, path=error.path, exc_info=original or error)
        message, code = "Something went wrong here; the request id finds it.", "INTERNAL_SERVER_ERROR"
    field = field_of(error)
    return GraphQLError(
        without_long_echo(message),
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, "requestId": request_id, **({"field": field} if field else {})},
    )


def _original(error: GraphQLError) -> Exception | None:
    """Return what was raised first, below the layers that graphql-core put around it."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return original


def _is_about_an_argument(error: GraphQLError) -> bool:
    """Return whether graphql-core refused a value while it ran: a variable where the argument takes no null."""
    return error.original_error is None and error.message.startswith("Argument ")


def without_long_echo(message: str) -> str:
    """Cut what the message repeats of the caller's input."""
    message = _QUOTED.sub(lambda found: f"{found[1]}{found[2][:ECHO_MAX]}…{found[1]}", message)
    head, found, value = _FOUND.split(message, maxsplit=1) if _FOUND.search(message) else (message, "", "")
    value = value if len(value) <= ECHO_MAX else f"{value[:ECHO_MAX]}…"
    return f"{head}{found}{value}"[:MESSAGE_MAX]


_QUOTED: Final = re.compile(r"(['\"])([^'\"]{81,})\1")
_FOUND: Final = re.compile(r"((?:, |; |\. )[Ff]ound: )")
