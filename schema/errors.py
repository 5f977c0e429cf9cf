"""Errors a caller can mend, as data; all others, as the top-level errors of the specification.

A domain error with more to say than code, message and field gets a type of its own here or beside its feature,
registered with ``@shows(TheDomainError)``.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import StreamExecutionResult

from domain.errors import DomainError, Forbidden, Invalid, StaleVersion, Unauthenticated

T = TypeVar("T", bound=type)

log = structlog.get_logger(__name__)

ERRORS_MAX = 5
"""More errors than this in one answer tell nobody more."""

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
        return cls(code=error.code, message=error.message, field=_camel(error.field))


_SHOWN[Invalid] = ValidationError.from_error


@strawberry.type(description="The object changed since it was read.")
class StaleVersionError(UserError):
    """Shows ``StaleVersion``."""

    current: int = strawberry.field(description="The object's version now.")

    @classmethod
    def from_error(cls, error: StaleVersion) -> "StaleVersionError":
        """Build it from the domain's error."""
        return cls(code=error.code, message=error.message, field=_camel(error.field), current=error.current)


_SHOWN[StaleVersion] = StaleVersionError.from_error


def user_error(error: DomainError) -> UserError:
    """Return the payload error of a domain error: the nearest registered type, else a general one."""
    for cls in type(error).__mro__:
        if cls in _SHOWN:
            return _SHOWN[cls](error)
    return GeneralError(code=error.code, message=error.message, field=_camel(error.field))


def remembered_error(record: dict[str, Any]) -> UserError:
    """Return the payload error of a repeated request."""
    return GeneralError(code=record["code"], message=record["message"], field=_camel(record["field"]))


def as_graphql_error(error: GraphQLError, *, request_id: str) -> GraphQLError:
    """Return the error as a client may see it: a domain error with its code, anything else masked.

    Syntax and validation errors have no original error and keep their message.
    """
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, DomainError):
        message, code = original.message, original.code
    elif original is None or isinstance(original, GraphQLError):
        message, code = error.message, (error.extensions or {}).get("code", "GRAPHQL_VALIDATION_FAILED")
    else:
        message, code = "Something went wrong here; the request id finds it.", "INTERNAL_SERVER_ERROR"
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, "requestId": request_id},
    )


class ShownErrors(SchemaExtension):
    """Puts codes on our errors and masks all others, in answers, subscriptions and incremental parts alike."""

    def on_operation(self) -> Iterator[None]:
        """Rewrite the errors of the finished operation."""
        yield
        self._show(self.execution_context.result)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Rewrite the errors of one streamed result before it leaves."""
        self._show(result)
        yield

    def _show(self, result: Any) -> None:
        context = self.execution_context.context
        for part in (
            result,
            *(getattr(result, "incremental", None) or ()),
            *(getattr(result, "completed", None) or ()),
        ):
            errors = getattr(part, "errors", None)
            if errors:
                part.errors = [
                    self._shown(error, request_id=context.request_id) for error in errors[:ERRORS_MAX]
                ]

    @staticmethod
    def _shown(error: GraphQLError, *, request_id: str) -> GraphQLError:
        if "requestId" in (error.extensions or {}):
            return error
        shown = as_graphql_error(error, request_id=request_id)
        if (shown.extensions or {})["code"] == "INTERNAL_SERVER_ERROR":
            log.error(
                "resolver_failed", request_id=request_id, path=error.path, exc_info=error.original_error
            )
        return shown


def _camel(path: tuple[str, ...] | list[str]) -> list[str]:
    """Field paths as the API spells them."""
    return [
        head + "".join(word.capitalize() for word in rest)
        for head, *rest in (part.split("_") for part in path)
    ]
