"""What would leave now: its facts, and the gate asked about many in turn. No I/O."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.ports import Ports
from domain.senders.rules import CAN_SEND, SenderStatus, is_loopback
from domain.sending.allowance import (
    AllowanceScope,
    AllowanceUse,
    effective_allowance,
    judge_health,
    measure_allowance,
    next_spaced_at,
    reputation_cap,
)
from domain.sending.conditions import OPEN, Condition, address_condition, ended, held
from domain.sending.gate import GateDecision, GateFacts, evaluate
from domain.sending.limits import SendingLimits, parse_limits
from domain.sending.places import window_of, zone_of
from domain.sending.ramps import ramp_allowance, read_ramp
from domain.workspaces.rules import WorkspaceStatus, may_send


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A delivery that would leave now: all of its facts but those that the others before it change.

    Attributes:
        opens_thread: its message begins a conversation.
        daily_limit: what the sender's caps leave of its sends per rolling 24 hours.
        gap_s: least and most seconds after the sender's previous message.
        refused_gate: what refused it last time.
    """

    id: UUID
    epoch: int
    message_id: UUID
    run_id: UUID | None
    sender_id: UUID
    sender_domain: str
    to_domain: str
    opens_thread: bool
    daily_limit: int
    gap_s: tuple[int, int]
    limits: SendingLimits
    refused_gate: str | None
    facts: GateFacts


@dataclass(slots=True)
class Usage:
    """When messages left in the last 24 hours, by what an allowance counts."""

    by_sender: dict[UUID, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    opened_by: dict[UUID, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    from_domain: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    to_domain: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def add(self, candidate: Candidate, *, at: datetime) -> None:
        """Count a message that is about to leave."""
        self.by_sender[candidate.sender_id].append(at)
        self.from_domain[candidate.sender_domain].append(at)
        self.to_domain[candidate.to_domain].append(at)
        if candidate.opens_thread:
            self.opened_by[candidate.sender_id].append(at)

    def applied_to(self, candidate: Candidate, *, now: datetime) -> GateFacts:
        """Return the candidate's facts with its allowances and its sender's spacing."""
        shortest_s, longest_s = candidate.gap_s
        sent_at = self.by_sender[candidate.sender_id]
        spaced_at = next_spaced_at(
            last_sent_at=max(sent_at, default=None),
            sender_id=candidate.sender_id,
            delivery_id=candidate.id,
            shortest_s=shortest_s,
            longest_s=longest_s,
        )
        return replace(candidate.facts, allowances=self._allowances(candidate, now), spaced_at=spaced_at)

    def _allowances(self, candidate: Candidate, now: datetime) -> list[AllowanceUse]:
        limits, sender_id = candidate.limits, candidate.sender_id
        counted = [
            (AllowanceScope.SENDER, candidate.daily_limit, self.by_sender[sender_id]),
            (
                AllowanceScope.RECIPIENT_COMPANY,
                limits.company_sends_per_day,
                self.to_domain[candidate.to_domain],
            ),
        ]
        if candidate.opens_thread:
            opened = self.opened_by[sender_id]
            counted.append((AllowanceScope.NEW_CONVERSATIONS, limits.conversations_per_day, opened))
        if limits.domain_sends_per_day is not None:
            from_domain = self.from_domain[candidate.sender_domain]
            counted.append((AllowanceScope.SENDING_DOMAIN, limits.domain_sends_per_day, from_domain))
        return [
            measure_allowance(scope=scope, limit=limit, sent_at=sent_at, now=now)
            for scope, limit, sent_at in counted
        ]


def judge(
    candidates: Sequence[Candidate], usage: Usage, *, now: datetime
) -> list[tuple[Candidate, GateDecision]]:
    """Ask the gate about each, in order; one that may leave uses up allowances of those after it."""
    judged = []
    for candidate in candidates:
        decision = evaluate(usage.applied_to(candidate, now=now), now=now)
        if decision.allowed:
            usage.add(candidate, at=now)
        judged.append((candidate, decision))
    return judged


def candidate_of(
    row: Any,
    *,
    suppressed_by: str | None,
    health: Any,
    ports: Ports,
    now: datetime,
) -> Candidate:
    """Return the candidate of a row of ``gathering``; its allowances and spacing come with ``judge``."""
    limits, zone = parse_limits(row["sending_limits"]), zone_of(row)
    facts = GateFacts(
        workspace=_workspace(row["workspace_status"]),
        play=_play(row["play_status"]),
        run=_run(row),
        enrollment=_enrollment(row),
        sender=_sender(row["sender_status"], row["status_reason"]),
        address=_address(row, limits, now),
        approved_hash=row["approved_hash"],
        content_hash=row["content_hash"],
        approver_may_approve=bool(row["approver_may"]),
        allowances=(),
        window=window_of(row),
        zone=zone,
        suppressed_by=suppressed_by,
        is_restricted=row["restricted_at"] is not None,
        policy_refusal=_policy(row["server"], ports),
        replied_at=row["replied_at"],
        footer_missing=_missing(row),
        are_credits_held=bool(row["is_held"]),
    )
    return Candidate(
        id=row["id"],
        epoch=row["epoch"],
        message_id=row["message_id"],
        run_id=row["run_id"],
        sender_id=row["sender_id"],
        sender_domain=row["sender_domain"],
        to_domain=row["to_domain"],
        opens_thread=row["thread_mode"] == "NEW",
        daily_limit=_daily_limit(row, health, today=now.astimezone(zone).date()),
        gap_s=(row["gap_min_s"], row["gap_max_s"]),
        limits=limits,
        refused_gate=row["refused_gate"],
        facts=facts,
    )


def _workspace(status: str) -> Condition:
    if may_send(WorkspaceStatus(status)):
        return OPEN
    return ended(status) if status in {"CLOSED", "PURGED"} else held(status)


def _play(status: str | None) -> Condition:
    if status == "ARCHIVED":
        return ended(status)
    return held(status) if status == "PAUSED" else OPEN


def _run(row: Any) -> Condition:
    status = row["run_status"]
    if status is None or status in {"QUEUED", "RUNNING"}:
        return OPEN
    if status == "PAUSED":
        return held(f"PAUSED: {row['run_pause']}")
    return held("FAILED, until somebody resumes it") if row["run_is_retryable"] else ended(status)


def _enrollment(row: Any) -> Condition:
    status = row["enrollment_status"]
    if status is None or status in {"PENDING", "ACTIVE"}:
        return OPEN
    if status == "PAUSED":
        return held(f"PAUSED: {row['enrollment_pause']}", until=row["resume_at"])
    return ended(status)


def _sender(status: str, reason: str | None) -> Condition:
    if status in CAN_SEND:
        return OPEN
    detail = f"{status}: {reason}" if reason else status
    return ended(detail) if status == SenderStatus.DISCONNECTED else held(detail)


def _address(row: Any, limits: SendingLimits, now: datetime) -> Condition:
    if row["message_kind"] == "ANSWER":
        return OPEN  # they wrote to us from it
    if row["erased_at"] is not None:
        return ended("ERASED")
    if row["lead_email"] != row["to_address"]:
        return held("the lead has another address now")
    return address_condition(
        verdict=row["email_status"],
        checked_at=row["email_checked_at"],
        risky_allowed=limits.risky_allowed,
        now=now,
    )


def _policy(server: Mapping[str, Any], ports: Ports) -> str | None:
    if ports.sending.may_leave or is_loopback(server["smtp"]["host"]):
        return None
    return "unsubscribe links need a public HTTPS address (PLERA_PUBLIC_URL)"


def _missing(row: Any) -> list[str]:
    if row["message_kind"] == "ANSWER":
        return []
    parts = (("unsubscribe link", row["has_link"]), ("postal address", row["has_postal_address"]))
    return [name for name, is_there in parts if not is_there]


def _daily_limit(row: Any, health: Any, *, today: date) -> int:
    ramp, cap = read_ramp(row["ramp"]), row["daily_limit"]
    level = judge_health(
        sent=health["sent"] if health else 0,
        hard_bounces=health["bounced"] if health else 0,
        complaints=health["complained"] if health else 0,
    )
    return effective_allowance(
        user_cap=cap,
        ramp_cap=ramp_allowance(ramp, today=today) if ramp else None,
        provider_ceiling=None,
        reputation_cap=reputation_cap(user_cap=cap, health=level),
        domain_age_days=None,
    ).limit
