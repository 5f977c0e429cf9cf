"""The errors of the domain, and how they relate.

::

    DomainError
    ├── Invalid                the caller sent something wrong      -> payload error
    ├── NotFound               absent, or another workspace's       -> payload error / null
    ├── Conflict               the object's state forbids it        -> payload error
    │   └── StaleVersion       somebody changed it meanwhile
    ├── LimitReached           a cap of the product or the plan     -> payload error
    ├── Unauthenticated        nobody is signed in                  -> top-level error
    ├── Forbidden              the role doesn't allow it            -> top-level error
    ├── ProviderUnavailable    an outside party fails, may pass     -> retry
    └── NotConfigured          an adapter has no credentials        -> payload error

A feature's own errors stand beside the rule that raises them and derive from one of these.
``code`` is part of the API: unique per class, documented, never renamed.
"""

from collections.abc import Sequence
from typing import ClassVar


class DomainError(Exception):
    """Something the domain refuses, in words a caller may read.

    Args:
        message: one sentence for a person; never contains secrets or another workspace's data.
        field: path of the input field that caused it, outermost first; empty when none did.
    """

    code: ClassVar[str] = "DOMAIN_ERROR"

    def __init__(self, message: str, *, field: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = tuple(field)


class Invalid(DomainError):
    """A value breaks a rule the caller can look up."""

    code = "BAD_USER_INPUT"


class NotFound(DomainError):
    """No such object in this workspace; another workspace's object answers the same."""

    code = "NOT_FOUND"


class Conflict(DomainError):
    """The object's present state doesn't allow this."""

    code = "CONFLICT"


class StaleVersion(Conflict):
    """The object has changed since the caller read it."""

    code = "STALE_VERSION"

    def __init__(self, *, expected: int, current: int) -> None:
        super().__init__(f"expected version {expected}, but it is {current} now", field=("expectedVersion",))
        self.expected = expected
        self.current = current


class LimitReached(DomainError):
    """A cap of the product, the plan or the installation is reached."""

    code = "LIMIT_REACHED"


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credentials are no longer good."""

    code = "UNAUTHENTICATED"


class Forbidden(DomainError):
    """The caller is known, but may not do this."""

    code = "FORBIDDEN"


class ProviderUnavailable(DomainError):
    """An outside party failed in a way that may pass; trying again later is right."""

    code = "PROVIDER_UNAVAILABLE"

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotConfigured(DomainError):
    """The installation has no credentials for this; nothing was attempted."""

    code = "NOT_CONFIGURED"
