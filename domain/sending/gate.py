"""The send gate: everything that must hold at the moment a message leaves, asked last, inside the lock.

It decides over facts that were read in the same transaction; it reads nothing itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from domain.sending.allowance import AllowanceUse
from domain.sending.conditions import OPEN, Condition, Standing
from domain.sending.windows import SendingWindow, WindowNeverOpens, next_send_at


class Gate(StrEnum):
    """One thing that must hold before a message leaves, in the order they are asked."""

    WORKSPACE = "WORKSPACE"
    PLAY = "PLAY"
    RUN = "RUN"
    ENROLLMENT = "ENROLLMENT"
    APPROVAL = "APPROVAL"
    SENDER = "SENDER"
    ALLOWANCE = "ALLOWANCE"
    SPACING = "SPACING"
    WINDOW = "WINDOW"
    SUPPRESSION = "SUPPRESSION"
    RESTRICTION = "RESTRICTION"
    POLICY = "POLICY"
    REPLY = "REPLY"
    ADDRESS = "ADDRESS"
    FOOTER = "FOOTER"
    CREDITS = "CREDITS"


WHY_NOT: Final[Mapping[Gate, str]] = MappingProxyType(
    {
        Gate.WORKSPACE: "The workspace isn't active.",
        Gate.PLAY: "The play is paused or archived.",
        Gate.RUN: "The run is paused or has ended.",
        Gate.ENROLLMENT: "The lead is paused in this sequence or has left it.",
        Gate.APPROVAL: "What would leave isn't what somebody with the right to approve has approved.",
        Gate.SENDER: "The sender isn't able to send.",
        Gate.ALLOWANCE: "An allowance for the last 24 hours is used up.",
        Gate.SPACING: "The sender's previous message has only just left.",
        Gate.WINDOW: "It is outside of the sending window where the lead lives.",
        Gate.SUPPRESSION: "The recipient must not be contacted.",
        Gate.RESTRICTION: "The lead's data may only be stored, not used (a restriction was asked for).",
        Gate.POLICY: "The installation has no public HTTPS address, which its unsubscribe links need.",
        Gate.REPLY: "The lead has replied.",
        Gate.ADDRESS: "The address isn't verified, or the check is too old.",
        Gate.FOOTER: "A required part of the message's footer is missing.",
        Gate.CREDITS: "No credits are held for this message.",
    }
)
"""One sentence per gate, for ``message.whyNot``."""


class TerminalOutcome(StrEnum):
    """How a delivery ends that can never pass the gate."""

    SUPPRESSED = "SUPPRESSED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """Everything the gate needs to know about one delivery.

    Args:
        workspace: whether it may send.
        play: whether it goes on.
        run: whether it goes on.
        enrollment: whether the lead goes on in its sequence.
        sender: whether its mailbox can send.
        address: whether it may be sent to, see ``address_condition``.
        approved_hash: content hash somebody approved; None when nobody has.
        content_hash: hash of what would leave.
        approval_expires_at: when the approval lapses; None never.
        approver_may_approve: whoever approved still has the right to.
        allowances: all that apply to this message.
        spaced_at: earliest moment the sender's spacing allows; None at once.
        window: when messages may leave, with the holidays of the lead's country.
        zone: the lead's.
        suppressed_by: reason of the suppression entry that matches; None when none does.
        is_restricted: the lead's data are under a restriction (GDPR Article 18).
        policy_refusal: why the country's rules refuse this message; None when they don't.
        replied_at: when the lead replied; None when they haven't.
        footer_missing: required parts that aren't there ("postal address").
        are_credits_held: the hold of the approval still stands.
    """

    workspace: Condition = OPEN
    play: Condition = OPEN
    run: Condition = OPEN
    enrollment: Condition = OPEN
    sender: Condition = OPEN
    address: Condition = OPEN
    approved_hash: str | None
    content_hash: str
    approval_expires_at: datetime | None = None
    approver_may_approve: bool
    allowances: Sequence[AllowanceUse]
    spaced_at: datetime | None = None
    window: SendingWindow
    zone: ZoneInfo
    suppressed_by: str | None = None
    is_restricted: bool = False
    policy_refusal: str | None = None
    replied_at: datetime | None = None
    footer_missing: Sequence[str] = ()
    are_credits_held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """What the gate says.

    Args:
        allowed: the message may leave now.
        gate: what refuses; None when allowed.
        value: what was found there, for people ("50 of 50 in 24 hours").
        earliest_at: when this may pass by itself; None when a person must act, or it never will.
        terminal: how the delivery ends, when it can never pass.
    """

    allowed: bool
    gate: Gate | None = None
    value: str = ""
    earliest_at: datetime | None = None
    terminal: TerminalOutcome | None = None

    @property
    def sentence(self) -> str:
        """Return why the message may not leave, in one sentence; empty when it may."""
        return WHY_NOT[self.gate] if self.gate else ""


ALLOWED: Final = GateDecision(allowed=True)


def evaluate(facts: GateFacts, *, now: datetime) -> GateDecision:
    """Return whether a message may leave now, else what stands in its way.

    The first refusal in the gates' order, except that one which can never pass goes before those that may:
    nobody waits for a window to learn that the lead is suppressed. Its ``earliest_at`` takes all refusals
    into account, and is None if any of them needs a person.
    """
    refusals = evaluate_all(facts, now=now)
    if not refusals:
        return ALLOWED
    final = next((refusal for refusal in refusals if refusal.terminal), None)
    return final or replace(refusals[0], earliest_at=_earliest(refusals, facts=facts))


def evaluate_all(facts: GateFacts, *, now: datetime) -> list[GateDecision]:
    """Return every refusal in the gates' order, each with its own earliest time; empty when allowed."""
    return [decision for decision in _ask_gates(facts, now) if decision is not None]


def _ask_gates(facts: GateFacts, now: datetime) -> Iterator[GateDecision | None]:
    """Yield each gate's refusal or None, in the order of ``Gate``."""
    yield _check_condition(Gate.WORKSPACE, facts.workspace, now)
    yield _check_condition(Gate.PLAY, facts.play, now)
    yield _check_condition(Gate.RUN, facts.run, now)
    yield _check_condition(Gate.ENROLLMENT, facts.enrollment, now)
    yield _check_approval(facts, now)
    yield _check_sender(facts, now)
    yield _check_allowances(facts)
    yield _check_spacing(facts, now)
    yield _check_window(facts, now)
    yield _check_suppression(facts)
    yield _refuse(Gate.RESTRICTION, "restricted") if facts.is_restricted else None
    yield _refuse(Gate.POLICY, facts.policy_refusal) if facts.policy_refusal is not None else None
    yield _check_reply(facts)
    yield _check_condition(Gate.ADDRESS, facts.address, now)
    yield _refuse(Gate.FOOTER, ", ".join(facts.footer_missing)) if facts.footer_missing else None
    yield None if facts.are_credits_held else _refuse(Gate.CREDITS, "no hold")


def _earliest(refusals: Sequence[GateDecision], *, facts: GateFacts) -> datetime | None:
    times = [refusal.earliest_at for refusal in refusals]
    known = [at for at in times if at is not None]
    if len(known) < len(times):
        return None
    try:
        return next_send_at(due_at=max(known), window=facts.window, zone=facts.zone)
    except WindowNeverOpens:
        return None


def _refuse(
    gate: Gate, value: str, *, until: datetime | None = None, terminal: TerminalOutcome | None = None
) -> GateDecision:
    return GateDecision(allowed=False, gate=gate, value=value, earliest_at=until, terminal=terminal)


def _check_condition(gate: Gate, condition: Condition, now: datetime) -> GateDecision | None:
    if condition.standing is Standing.ENDED:
        return _refuse(gate, condition.detail, terminal=TerminalOutcome.CANCELLED)
    is_over = condition.until is not None and condition.until <= now
    if condition.standing is Standing.OPEN or is_over:
        return None
    return _refuse(gate, condition.detail, until=condition.until)


def _check_approval(facts: GateFacts, now: datetime) -> GateDecision | None:
    if facts.approved_hash is None:
        return _refuse(Gate.APPROVAL, "nobody has approved it")
    if facts.approved_hash != facts.content_hash:
        return _refuse(Gate.APPROVAL, "edited after it was approved")
    if facts.approval_expires_at is not None and facts.approval_expires_at <= now:
        return _refuse(Gate.APPROVAL, "the approval has lapsed")
    if not facts.approver_may_approve:
        return _refuse(Gate.APPROVAL, "whoever approved it no longer has the right to")
    return None


def _check_sender(facts: GateFacts, now: datetime) -> GateDecision | None:
    # A thread never changes its sender, so even a sender that is gone leaves the decision to a person.
    condition = facts.sender
    if condition.standing is Standing.ENDED:
        return _refuse(Gate.SENDER, condition.detail)
    return _check_condition(Gate.SENDER, condition, now)


def _check_allowances(facts: GateFacts) -> GateDecision | None:
    full = [use for use in facts.allowances if not use.is_free]
    if not full:
        return None
    value = "; ".join(f"{use.scope.value}: {use.used} of {use.limit} in 24 hours" for use in full)
    frees = [use.frees_at for use in full if use.frees_at is not None]
    return _refuse(Gate.ALLOWANCE, value, until=max(frees) if len(frees) == len(full) else None)


def _check_spacing(facts: GateFacts, now: datetime) -> GateDecision | None:
    if facts.spaced_at is None or facts.spaced_at <= now:
        return None
    return _refuse(
        Gate.SPACING, f"{(facts.spaced_at - now).total_seconds():.0f} s left", until=facts.spaced_at
    )


def _check_window(facts: GateFacts, now: datetime) -> GateDecision | None:
    value = f"{now.astimezone(facts.zone):%a %H:%M} in {facts.zone.key}"
    try:
        opens_at = next_send_at(due_at=now, window=facts.window, zone=facts.zone)
    except WindowNeverOpens:
        return _refuse(Gate.WINDOW, f"{value}; the window never opens")
    return None if opens_at == now else _refuse(Gate.WINDOW, value, until=opens_at)


def _check_suppression(facts: GateFacts) -> GateDecision | None:
    if facts.suppressed_by is None:
        return None
    return _refuse(Gate.SUPPRESSION, facts.suppressed_by, terminal=TerminalOutcome.SUPPRESSED)


def _check_reply(facts: GateFacts) -> GateDecision | None:
    if facts.replied_at is None:
        return None
    value = f"replied on {facts.replied_at:%Y-%m-%d}"
    return _refuse(Gate.REPLY, value, terminal=TerminalOutcome.CANCELLED)
