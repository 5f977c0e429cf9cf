"""What a sequence does when somebody answers: the part of its ruleset that concerns replies. Pure.

``domain.replies`` carries it out, whichever sequence the mail answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from domain.errors import Invalid

OOO_DAYS_MAX: Final = 365


class OnReply(StrEnum):
    """What the lead's own reply does."""

    STOP = "STOP"
    PAUSE = "PAUSE"


class OnColleagueReply(StrEnum):
    """What a reply by somebody else at the lead's company does."""

    NONE = "NONE"
    PAUSE = "PAUSE"
    STOP = "STOP"


class OnOoo(StrEnum):
    """What an out-of-office note does."""

    RESUME_ON_RETURN = "RESUME_ON_RETURN"  # the day they named, else after the default days
    RESUME_AFTER_DAYS = "RESUME_AFTER_DAYS"  # always the default days
    CONTINUE = "CONTINUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyRules:
    """How a sequence takes replies.

    Attributes:
        ooo_default_days: days after an out-of-office note without a usable date, 1 to ``ooo_days_max``.
        ooo_days_max: days after which it goes on whatever date they named, 1 to 365.
    """

    on_reply: OnReply = OnReply.STOP
    on_colleague_reply: OnColleagueReply = OnColleagueReply.PAUSE
    on_ooo: OnOoo = OnOoo.RESUME_ON_RETURN
    ooo_default_days: int = 7
    ooo_days_max: int = 60

    @classmethod
    def of(cls, ruleset: Mapping[str, Any]) -> "ReplyRules":
        """Read the rules from a sequence's ruleset; what it leaves out has its default."""
        given = {name: parse(ruleset[name]) for name, parse in _PARSERS.items() if name in ruleset}
        return cls(**given)

    def as_data(self) -> dict[str, Any]:
        """Return every rule as JSON values, so that a version keeps its own when the defaults change."""
        return asdict(self)

    def changed(self, given: Mapping[str, Any] | None) -> "ReplyRules":
        """Return the rules after an edit: what isn't given stays, None goes back to the default."""
        if given is None:
            return DEFAULT_RULES
        values = {
            name: getattr(DEFAULT_RULES, name) if value is None else value for name, value in given.items()
        }
        return replace(self, **values)


DEFAULT_RULES: Final = ReplyRules()
"""What a sequence does that says nothing about replies."""


def check_reply_rules(rules: ReplyRules) -> None:
    """Do nothing when the rules can be followed.

    Raises:
        Invalid: a number of days out of its bounds, with its path in the input.
    """
    if not 1 <= rules.ooo_days_max <= OOO_DAYS_MAX:
        raise Invalid(f"1 to {OOO_DAYS_MAX} days", field=("replyRules", "oooDaysMax"))
    if not 1 <= rules.ooo_default_days <= rules.ooo_days_max:
        raise Invalid(
            f"1 to {rules.ooo_days_max} days, the most it waits", field=("replyRules", "oooDefaultDays")
        )


_PARSERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "on_reply": OnReply,
    "on_colleague_reply": OnColleagueReply,
    "on_ooo": OnOoo,
    "ooo_default_days": int,
    "ooo_days_max": int,
}
