"""A workspace's own limits of sending, beside those of its senders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Invalid
from domain.sending.allowance import DEFAULT_COMPANY_SENDS_PER_DAY, DEFAULT_CONVERSATIONS_PER_DAY

LIMIT_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingLimits:
    """Caps per rolling 24 hours.

    Attributes:
        conversations_per_day: messages of one sender that open a thread.
        company_sends_per_day: messages to one company's domain.
        domain_sends_per_day: messages from all senders of one domain; None is no cap.
        risky_allowed: addresses whose check says risky or catch-all may be written to.
    """

    conversations_per_day: int = DEFAULT_CONVERSATIONS_PER_DAY
    company_sends_per_day: int = DEFAULT_COMPANY_SENDS_PER_DAY
    domain_sends_per_day: int | None = None
    risky_allowed: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON data that ``parse_limits`` reads back."""
        return {
            "conversations_per_day": self.conversations_per_day,
            "company_sends_per_day": self.company_sends_per_day,
            "domain_sends_per_day": self.domain_sends_per_day,
            "risky_allowed": self.risky_allowed,
        }


def parse_limits(data: Mapping[str, Any]) -> SendingLimits:
    """Return the limits of ``workspace.sending_limits``; what is missing keeps its default.

    Raises:
        Invalid: a number below 1 or above 100,000.
    """
    limits = SendingLimits(**{name: data[name] for name in SendingLimits.__slots__ if name in data})
    for name in ("conversations_per_day", "company_sends_per_day", "domain_sends_per_day"):
        value = getattr(limits, name)
        if value is not None and not 1 <= value <= LIMIT_MAX:
            raise Invalid(f"a limit lies between 1 and {LIMIT_MAX}", field=(name,))
    return limits
