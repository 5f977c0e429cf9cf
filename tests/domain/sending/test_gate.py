from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sending.allowance import AllowanceScope, AllowanceUse
from domain.sending.conditions import ended, held
from domain.sending.gate import (
    ALLOWED,
    WHY_NOT,
    Gate,
    GateDecision,
    GateFacts,
    TerminalOutcome,
    evaluate,
    evaluate_all,
)
from domain.sending.windows import DEFAULT_WINDOW, LocalRange, SendingWindow

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)  # a Tuesday, 14:00 in Berlin
LATER = NOW + timedelta(minutes=30)
CLEAR = GateFacts(
    approved_hash="a1",
    content_hash="a1",
    approver_may_approve=True,
    allowances=(AllowanceUse(scope=AllowanceScope.SENDER, limit=50, used=49, frees_at=NOW),),
    window=DEFAULT_WINDOW,
    zone=BERLIN,
    are_credits_held=True,
)
FULL = AllowanceUse(scope=AllowanceScope.SENDER, limit=50, used=50, frees_at=LATER)
NEVER = SendingWindow(days=((),) * 7)

REFUSALS: list[tuple[dict[str, Any], Gate, str, datetime | None, TerminalOutcome | None]] = [
    ({"workspace": held("SUSPENDED")}, Gate.WORKSPACE, "SUSPENDED", None, None),
    ({"workspace": ended("CLOSED")}, Gate.WORKSPACE, "CLOSED", None, TerminalOutcome.CANCELLED),
    ({"play": held("PAUSED")}, Gate.PLAY, "PAUSED", None, None),
    ({"play": ended("ARCHIVED")}, Gate.PLAY, "ARCHIVED", None, TerminalOutcome.CANCELLED),
    ({"run": held("PAUSED: BUDGET")}, Gate.RUN, "PAUSED: BUDGET", None, None),
    ({"run": ended("CANCELLED")}, Gate.RUN, "CANCELLED", None, TerminalOutcome.CANCELLED),
    ({"enrollment": held("OOO", until=LATER)}, Gate.ENROLLMENT, "OOO", LATER, None),
    ({"enrollment": ended("REMOVED")}, Gate.ENROLLMENT, "REMOVED", None, TerminalOutcome.CANCELLED),
    ({"approved_hash": None}, Gate.APPROVAL, "nobody has approved it", None, None),
    ({"approved_hash": "b2"}, Gate.APPROVAL, "edited after it was approved", None, None),
    ({"approval_expires_at": NOW}, Gate.APPROVAL, "the approval has lapsed", None, None),
    (
        {"approver_may_approve": False},
        Gate.APPROVAL,
        "whoever approved it no longer has the right to",
        None,
        None,
    ),
    ({"sender": held("REAUTH_REQUIRED")}, Gate.SENDER, "REAUTH_REQUIRED", None, None),
    ({"sender": ended("DISCONNECTED")}, Gate.SENDER, "DISCONNECTED", None, None),
    ({"allowances": (FULL,)}, Gate.ALLOWANCE, "SENDER: 50 of 50 in 24 hours", LATER, None),
    (
        {"allowances": (AllowanceUse(scope=AllowanceScope.SENDER, limit=0, used=0, frees_at=None),)},
        Gate.ALLOWANCE,
        "SENDER: 0 of 0 in 24 hours",
        None,
        None,
    ),
    ({"spaced_at": LATER}, Gate.SPACING, "1800 s left", LATER, None),
    (
        {"zone": ZoneInfo("America/New_York")},
        Gate.WINDOW,
        "Tue 08:00 in America/New_York",
        NOW + timedelta(minutes=30),
        None,
    ),
    ({"window": NEVER}, Gate.WINDOW, "Tue 14:00 in Europe/Berlin; the window never opens", None, None),
    ({"suppressed_by": "OBJECTION"}, Gate.SUPPRESSION, "OBJECTION", None, TerminalOutcome.SUPPRESSED),
    ({"is_restricted": True}, Gate.RESTRICTION, "restricted", None, None),
    ({"policy_refusal": "DE asks for consent"}, Gate.POLICY, "DE asks for consent", None, None),
    ({"policy_refusal": ""}, Gate.POLICY, "", None, None),
    (
        {"replied_at": NOW - timedelta(milliseconds=1)},
        Gate.REPLY,
        "replied on 2026-06-02",
        None,
        TerminalOutcome.CANCELLED,
    ),
    ({"address": held("UNVERIFIED")}, Gate.ADDRESS, "UNVERIFIED", None, None),
    ({"address": ended("INVALID")}, Gate.ADDRESS, "INVALID", None, TerminalOutcome.CANCELLED),
    (
        {"footer_missing": ("postal address", "unsubscribe link")},
        Gate.FOOTER,
        "postal address, unsubscribe link",
        None,
        None,
    ),
    ({"are_credits_held": False}, Gate.CREDITS, "no hold", None, None),
]


def test_a_message_with_nothing_against_it_may_leave() -> None:
    assert evaluate(CLEAR, now=NOW) == ALLOWED
    assert evaluate_all(CLEAR, now=NOW) == []
    assert evaluate(CLEAR, now=NOW).sentence == ""


@pytest.mark.parametrize(("change", "gate", "value", "earliest_at", "terminal"), REFUSALS)
def test_each_gate_refuses_by_itself(
    change: dict[str, Any],
    gate: Gate,
    value: str,
    earliest_at: datetime | None,
    terminal: TerminalOutcome | None,
) -> None:
    decision = evaluate(replace(CLEAR, **change), now=NOW)

    assert decision == GateDecision(
        allowed=False, gate=gate, value=value, earliest_at=earliest_at, terminal=terminal
    )
    assert decision.sentence == WHY_NOT[gate]


def test_every_gate_is_tested_and_has_its_sentence() -> None:
    assert {gate for _, gate, *_ in REFUSALS} == set(Gate) == set(WHY_NOT)
    assert all(sentence.endswith(".") and sentence.count(".") == 1 for sentence in WHY_NOT.values())


def test_a_break_that_is_over_and_a_spacing_that_has_passed_no_longer_refuse() -> None:
    facts = replace(CLEAR, enrollment=held("OOO", until=NOW), spaced_at=NOW, approval_expires_at=LATER)

    assert evaluate(facts, now=NOW) == ALLOWED


def test_all_refusals_come_in_the_order_of_the_gates() -> None:
    everything: dict[str, Any] = {}
    for change, *_ in reversed(REFUSALS):
        everything |= change

    assert [refusal.gate for refusal in evaluate_all(replace(CLEAR, **everything), now=NOW)] == list(Gate)


def test_the_first_refusal_is_reported() -> None:
    facts = replace(CLEAR, run=held("PAUSED: USER"), footer_missing=("postal address",))

    assert evaluate(facts, now=NOW).gate is Gate.RUN


def test_suppression_ends_a_delivery_although_an_earlier_gate_would_only_delay_it() -> None:
    facts = replace(CLEAR, run=held("PAUSED: USER"), allowances=(FULL,), suppressed_by="UNSUBSCRIBE")

    decision = evaluate(facts, now=NOW)

    assert (decision.gate, decision.terminal) == (Gate.SUPPRESSION, TerminalOutcome.SUPPRESSED)


def test_the_earliest_time_takes_every_refusal_into_account() -> None:
    facts = replace(CLEAR, allowances=(FULL,), spaced_at=NOW + timedelta(hours=1))

    decision = evaluate(facts, now=NOW)

    assert decision.gate is Gate.ALLOWANCE
    assert decision.earliest_at == NOW + timedelta(hours=1)


def test_an_earliest_time_outside_of_the_window_moves_to_its_next_opening() -> None:
    night = AllowanceUse(
        scope=AllowanceScope.SENDING_DOMAIN, limit=1, used=1, frees_at=NOW + timedelta(hours=10)
    )

    decision = evaluate(replace(CLEAR, allowances=(night,)), now=NOW)

    assert decision.earliest_at == datetime(2026, 6, 3, 6, 30, tzinfo=UTC)


def test_nobody_is_promised_a_time_when_a_person_must_act_first() -> None:
    facts = replace(CLEAR, allowances=(FULL,), are_credits_held=False)

    assert evaluate(facts, now=NOW).earliest_at is None


def test_nobody_is_promised_a_time_when_the_window_has_opened_for_the_last_time() -> None:
    blackout_on = frozenset(NOW.date() + timedelta(days=day) for day in range(1, 900))
    window = replace(DEFAULT_WINDOW, blackout_on=blackout_on)
    facts = replace(CLEAR, window=window, spaced_at=NOW + timedelta(hours=3))

    decision = evaluate(facts, now=NOW)

    assert (decision.gate, decision.earliest_at) == (Gate.SPACING, None)


def test_the_slowest_of_several_full_allowances_counts() -> None:
    company = AllowanceUse(
        scope=AllowanceScope.RECIPIENT_COMPANY, limit=3, used=3, frees_at=NOW + timedelta(hours=1)
    )

    decision = evaluate(replace(CLEAR, allowances=(FULL, company)), now=NOW)

    assert decision.value == "SENDER: 50 of 50 in 24 hours; RECIPIENT_COMPANY: 3 of 3 in 24 hours"
    assert decision.earliest_at == NOW + timedelta(hours=1)


@settings(max_examples=100, deadline=None)
@given(changes=st.lists(st.sampled_from(REFUSALS), max_size=5))
def test_whatever_is_wrong_nothing_leaves(changes: list[tuple[dict[str, Any], Any, Any, Any, Any]]) -> None:
    facts = CLEAR
    for change, *_ in changes:
        facts = replace(facts, **change)

    decision = evaluate(facts, now=NOW)

    assert decision.allowed is (not changes)
    if facts.suppressed_by:
        assert decision.terminal is not None


@settings(max_examples=50, deadline=None)
@given(minutes=st.integers(0, 7 * 24 * 60), waits=st.lists(st.integers(0, 3000), min_size=1, max_size=3))
def test_at_the_promised_time_the_same_facts_pass(minutes: int, waits: list[int]) -> None:
    now = NOW + timedelta(minutes=minutes)
    window = SendingWindow(days=((LocalRange(540, 1020),),) * 5 + ((),) * 2)
    facts = replace(
        CLEAR,
        window=window,
        spaced_at=now + timedelta(minutes=waits[0]),
        enrollment=held("OOO", until=now + timedelta(minutes=waits[-1])),
    )

    decision = evaluate(facts, now=now)

    if not decision.allowed:
        assert decision.earliest_at is not None
        assert decision.earliest_at > now
        assert evaluate(facts, now=decision.earliest_at) == ALLOWED
