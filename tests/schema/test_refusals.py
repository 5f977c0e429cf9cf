"""Refusals with more to say than a code."""

from typing import Any

import pytest

from auth.throttling import TooManyAttempts
from domain.errors import Conflict, DomainError, StaleVersion
from domain.plays.rules import PlayNotReady
from domain.replies.answering import RecipientSuppressed
from domain.suppression.rules import SuppressionReason
from schema.errors import user_error
from tests.world import SCHEMA


@pytest.mark.parametrize(
    ("error", "type_", "more"),
    [
        (RecipientSuppressed(reason="OBJECTION"), "SuppressedError", {"reason": SuppressionReason.OBJECTION}),
        (PlayNotReady(("no sender",)), "PlayNotReadyError", {"missing": ["no sender"]}),
        (TooManyAttempts(retry_after_s=7), "RateLimitedError", {"retry_after_s": 7}),
        (StaleVersion(expected=1, current=3), "StaleVersionError", {"current": 3}),
        (Conflict("not now", field=("due_at",)), "GeneralError", {}),
    ],
)
def test_a_refusal_has_the_type_that_says_most(error: DomainError, type_: str, more: dict[str, Any]) -> None:
    shown = user_error(error)
    assert type(shown).__name__ == type_
    assert (shown.code, shown.message) == (error.code, error.message)
    assert {name: getattr(shown, name) for name in more} == more


def test_every_error_type_is_in_the_schema() -> None:
    root: Any = SCHEMA._schema
    possible = {type_.name for type_ in root.get_possible_types(root.type_map["UserError"])}
    assert possible >= {
        *(
            "GeneralError",
            "ValidationError",
            "StaleVersionError",
            "InsufficientCreditsError",
            "SuppressedError",
        ),
        *("PlayNotReadyError", "RateLimitedError", "ContentChangedError", "CountMismatchError"),
        "MessageNotReadyError",
    }
