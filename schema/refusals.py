"""Refusals that have more to say than their code: what is missing, why, or when to try again."""

import strawberry

from auth.throttling import TooManyAttempts
from domain.plays.rules import PlayNotReady
from domain.replies.answering import RecipientSuppressed
from domain.suppression.rules import SuppressionReason
from schema.error_fields import camel_path
from schema.errors import UserError, shows


@shows(RecipientSuppressed)
@strawberry.type(description="The recipient must not be written to.")
class SuppressedError(UserError):
    """Shows ``RecipientSuppressed``."""

    reason: SuppressionReason = strawberry.field(
        description="Why; of several entries, the widest one's reason."
    )

    @classmethod
    def from_error(cls, error: RecipientSuppressed) -> "SuppressedError":
        """Build it from the domain's error."""
        reason = SuppressionReason(error.reason)
        return cls(code=error.code, message=error.message, field=camel_path(error.field), reason=reason)


@shows(PlayNotReady)
@strawberry.type(description="The play lacks something it needs before it can run.")
class PlayNotReadyError(UserError):
    """Shows ``PlayNotReady``."""

    missing: list[str] = strawberry.field(description="Everything it lacks, a sentence each.")

    @classmethod
    def from_error(cls, error: PlayNotReady) -> "PlayNotReadyError":
        """Build it from the domain's error."""
        missing = list(error.missing)
        return cls(code=error.code, message=error.message, field=camel_path(error.field), missing=missing)


@shows(TooManyAttempts)
@strawberry.type(description="The same caller or account has tried too often.")
class RateLimitedError(UserError):
    """Shows ``TooManyAttempts``."""

    retry_after_s: int = strawberry.field(description="Seconds until the next try counts; at least 1.")

    @classmethod
    def from_error(cls, error: TooManyAttempts) -> "RateLimitedError":
        """Build it from the domain's error."""
        after = error.retry_after_s
        return cls(code=error.code, message=error.message, field=camel_path(error.field), retry_after_s=after)
