"""Why a request is turned away before it is read as GraphQL."""

from collections.abc import Mapping
from typing import ClassVar

from domain.errors import DomainError


class RequestRefused(DomainError):
    """What is asked isn't a request of this kind.

    Attributes:
        status: the answer's HTTP status.
        headers: what the answer says beside it.
    """

    code = "BAD_REQUEST"
    default_status: ClassVar[int] = 400

    def __init__(
        self, message: str, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status or self.default_status
        self.headers = dict(headers or {})


class MethodNotAllowed(RequestRefused):
    """The method, or this operation by this method, isn't answered here; the header Allow says what is."""

    code = "METHOD_NOT_ALLOWED"
    default_status = 405


class NotAcceptable(RequestRefused):
    """The header Accept names nothing this can be answered with."""

    code = "NOT_ACCEPTABLE"
    default_status = 406


class RequestTimeout(RequestRefused):
    """The request's body didn't arrive in time."""

    code = "REQUEST_TIMEOUT"
    default_status = 408


class RequestTooLarge(RequestRefused):
    """The request's body is larger than any that makes sense."""

    code = "REQUEST_TOO_LARGE"
    default_status = 413


class UnsupportedMediaType(RequestRefused):
    """The body is of a type, an encoding or a character set that isn't read here."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    default_status = 415


class PreflightRequired(RequestRefused):
    """A form that any site's page could post without asking its browser's leave."""

    code = "PREFLIGHT_REQUIRED"
    default_status = 403


class ServiceUnavailable(RequestRefused):
    """We can't answer just now; trying again in a moment is right."""

    code = "SERVICE_UNAVAILABLE"
    default_status = 503


def database_away() -> ServiceUnavailable:
    """Return what is answered while the database doesn't answer us."""
    return ServiceUnavailable(
        "the database doesn't answer; try again in a moment", headers={"retry-after": "2"}
    )


class TooManySubscriptions(RequestRefused):
    """The caller's sockets and streams run as many operations as they may."""

    code = "TOO_MANY_SUBSCRIPTIONS"
    default_status = 429
