"""What a sequence does when somebody answers, as the API shows and takes it."""

from typing import Any

import strawberry

from domain.sequences.reply_rules import OnColleagueReply, OnOoo, OnReply, ReplyRules
from schema.mutations import fields_of


@strawberry.type(description="What a sequence does when somebody answers.")
class SequenceReplyRules:
    """The part of a sequence's ruleset that concerns replies; what was never set shows its default."""

    @strawberry.field(description="The lead's own answer.")
    def on_reply(self) -> OnReply:
        """Read it."""
        return _rules(self).on_reply

    @strawberry.field(description="An answer by somebody else at the lead's company.")
    def on_colleague_reply(self) -> OnColleagueReply:
        """Read it."""
        return _rules(self).on_colleague_reply

    @strawberry.field(description="An out-of-office note.")
    def on_ooo(self) -> OnOoo:
        """Read it."""
        return _rules(self).on_ooo

    @strawberry.field(description="Days it pauses after a note that names no usable date.")
    def ooo_default_days(self) -> int:
        """Read it."""
        return _rules(self).ooo_default_days

    @strawberry.field(description="Days after which it goes on, whatever date the note names.")
    def ooo_days_max(self) -> int:
        """Read it."""
        return _rules(self).ooo_days_max


@strawberry.input(
    description="What a sequence does when somebody answers; what is left out stays, null is the default."
)
class SequenceReplyRulesInput:
    """Reply rules that are set."""

    on_reply: OnReply | None = strawberry.field(
        default=strawberry.UNSET, description="The lead's own answer; STOP by default."
    )
    on_colleague_reply: OnColleagueReply | None = strawberry.field(
        default=strawberry.UNSET,
        description="An answer by somebody else at the lead's company; PAUSE by default.",
    )
    on_ooo: OnOoo | None = strawberry.field(
        default=strawberry.UNSET, description="An out-of-office note; RESUME_ON_RETURN by default."
    )
    ooo_default_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="1 to `oooDaysMax` days without a usable date; 7 by default."
    )
    ooo_days_max: int | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 365 days at most, whatever date they name; 60 by default."
    )


def read_rules(given: SequenceReplyRulesInput | None) -> dict[str, Any] | None:
    """Return the rules that are set, by name; None means the defaults."""
    return None if given is None else fields_of(given)


def _rules(ruleset: Any) -> ReplyRules:
    return ReplyRules.of(ruleset)
