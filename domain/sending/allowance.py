"""How much may leave, from whom and to whom: rolling allowances and spacing.

No provider publishes what a healthy pace is; the numbers are conventions and every one of them is a setting.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Invalid

ROLLING: Final = timedelta(hours=24)
DEFAULT_SENDS_PER_DAY: Final = 50
DEFAULT_CONVERSATIONS_PER_DAY: Final = 30
DEFAULT_COMPANY_SENDS_PER_DAY: Final = 3
SENDS_PER_DAY_MAX: Final = 150
SPACING_S_MIN: Final = 60.0
SPACING_S_MAX: Final = 300.0
NEW_DOMAIN_DAYS: Final = 30


class AllowanceScope(StrEnum):
    """What an allowance counts."""

    SENDER = "SENDER"
    NEW_CONVERSATIONS = "NEW_CONVERSATIONS"
    SENDING_DOMAIN = "SENDING_DOMAIN"
    RECIPIENT_COMPANY = "RECIPIENT_COMPANY"


class AllowanceBound(StrEnum):
    """Which of the caps is the one that binds."""

    USER_CAP = "USER_CAP"
    RAMP = "RAMP"
    PROVIDER = "PROVIDER"
    REPUTATION = "REPUTATION"


class HealthLevel(StrEnum):
    """What a sender's bounces and complaints say about its reputation."""

    GOOD = "GOOD"
    WARNING = "WARNING"
    STOP = "STOP"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceUse:
    """How much of one allowance the last 24 hours have used.

    ``frees_at`` is when one more may leave: now when it is free, None when never.
    """

    scope: AllowanceScope
    limit: int
    used: int
    frees_at: datetime | None

    @property
    def is_free(self) -> bool:
        """Tell whether one more may leave."""
        return self.used < self.limit


@dataclass(frozen=True, slots=True)
class EffectiveAllowance:
    """Sends per rolling 24 hours, and the cap that made it so."""

    limit: int
    bound_by: AllowanceBound


def measure_allowance(
    *, scope: AllowanceScope, limit: int, sent_at: Sequence[datetime], now: datetime
) -> AllowanceUse:
    """Return the use of an allowance.

    Args:
        scope: what is counted.
        limit: sends per rolling 24 hours.
        sent_at: when messages left (or were handed over and may have left), in any order.
        now: the present; a send exactly 24 hours ago no longer counts.
    """
    recent = _recent(sent_at, now=now)
    frees_at = _slot_after(recent, limit=limit, now=now)
    return AllowanceUse(scope=scope, limit=limit, used=len(recent), frees_at=frees_at)


def _recent(sent_at: Sequence[datetime], *, now: datetime) -> list[datetime]:
    since = now - ROLLING
    return sorted([at for at in sent_at if at > since])


def _slot_after(recent: Sequence[datetime], *, limit: int, now: datetime) -> datetime | None:
    if limit < 1:
        return None
    return now if len(recent) < limit else recent[len(recent) - limit] + ROLLING


def judge_health(*, sent: int, hard_bounces: int, complaints: int) -> HealthLevel:
    """Return what a sender's recent past says.

    Above 3 % of hard bounces or from 0.3 % of complaints on, stop (Google's sender guidelines for the
    latter); from 2 % and 0.1 % on, warn. A rate is taken of at least 100 sends for bounces and 1,000 for
    complaints, so that one bad address of five doesn't stop a young mailbox.

    Args:
        sent: messages in the period that is judged.
        hard_bounces: of those.
        complaints: of those.
    """
    bounce_rate, complaint_rate = hard_bounces / max(sent, 100), complaints / max(sent, 1000)
    if bounce_rate > 0.03 or complaint_rate >= 0.003:
        return HealthLevel.STOP
    if bounce_rate >= 0.02 or complaint_rate >= 0.001:
        return HealthLevel.WARNING
    return HealthLevel.GOOD


def reputation_cap(*, user_cap: int, health: HealthLevel) -> int:
    """Return what a sender's reputation leaves of its cap: all, half, or nothing."""
    return {HealthLevel.GOOD: user_cap, HealthLevel.WARNING: user_cap // 2, HealthLevel.STOP: 0}[health]


def effective_allowance(
    *,
    user_cap: int,
    ramp_cap: int | None,
    provider_ceiling: int | None,
    reputation_cap: int,
    domain_age_days: int | None,
) -> EffectiveAllowance:
    """Return the smallest of a sender's caps, in sends per rolling 24 hours.

    Args:
        user_cap: what the workspace has set.
        ramp_cap: what the warm-up allows today; halved while the domain is young. None: no warm-up.
        provider_ceiling: the mailbox provider's own limit, or None if unknown.
        reputation_cap: what bounces and complaints leave.
        domain_age_days: age of the sending domain; None counts as old.
    """
    is_new = domain_age_days is not None and domain_age_days < NEW_DOMAIN_DAYS
    caps = [(user_cap // 2 if is_new else user_cap, AllowanceBound.USER_CAP)]
    if ramp_cap is not None:
        caps.append((ramp_cap // 2 if is_new else ramp_cap, AllowanceBound.RAMP))
    if provider_ceiling is not None:
        caps.append((provider_ceiling, AllowanceBound.PROVIDER))
    caps.append((reputation_cap, AllowanceBound.REPUTATION))
    limit, bound_by = min(caps, key=lambda cap: cap[0])
    return EffectiveAllowance(max(0, limit), bound_by)


def parse_daily_cap(cap: int, *, ceiling: int = SENDS_PER_DAY_MAX) -> int:
    """Return a sender's daily cap.

    Raises:
        Invalid: below 1 or above the installation's ceiling.
    """
    if not 1 <= cap <= ceiling:
        raise Invalid(f"a daily cap lies between 1 and {ceiling}", field=("dailyCap",))
    return cap


def spacing_s(
    *,
    sender_id: UUID,
    delivery_id: UUID,
    shortest_s: float = SPACING_S_MIN,
    longest_s: float = SPACING_S_MAX,
) -> float:
    """Return the seconds to keep after a sender's last message: by chance, but the same for the same ids.

    Args:
        sender_id: whose message left last.
        delivery_id: what would leave next.
        shortest_s: the sender's least gap, in seconds.
        longest_s: the most that chance may make of it.
    """
    digest = hashlib.sha256(sender_id.bytes + delivery_id.bytes).digest()
    return shortest_s + (longest_s - shortest_s) * int.from_bytes(digest[:6], "big") / 2**48


def next_spaced_at(
    *,
    last_sent_at: datetime | None,
    sender_id: UUID,
    delivery_id: UUID,
    shortest_s: float = SPACING_S_MIN,
    longest_s: float = SPACING_S_MAX,
) -> datetime | None:
    """Return the earliest moment the spacing allows; None when the sender has never sent."""
    if last_sent_at is None:
        return None
    gap_s = spacing_s(
        sender_id=sender_id, delivery_id=delivery_id, shortest_s=shortest_s, longest_s=longest_s
    )
    return last_sent_at + timedelta(seconds=gap_s)
