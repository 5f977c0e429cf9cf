from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.suppression.rules import (
    SUPPRESSION_STATES,
    Channel,
    Entry,
    IdentityKey,
    LiftBasis,
    SuppressionKept,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
    SuppressionStatus,
    matching_entries,
    require_liftable,
)

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
ADA = IdentityKey(SuppressionKind.EMAIL, b"a" * 32)
BOB = IdentityKey(SuppressionKind.EMAIL, b"b" * 32)
PLAY, SENDER, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def entry(
    number: int = 1,
    *,
    scope: SuppressionScope = SuppressionScope.WORKSPACE,
    key: IdentityKey = ADA,
    channels: frozenset[Channel] = frozenset(),
    play_id: UUID | None = None,
    sender_id: UUID | None = None,
    expires_at: datetime | None = None,
    status: SuppressionStatus = SuppressionStatus.ACTIVE,
) -> Entry:
    return Entry(
        id=UUID(int=number),
        scope=scope,
        key=key,
        reason=SuppressionReason.MANUAL,
        channels=channels,
        play_id=play_id,
        sender_id=sender_id,
        expires_at=expires_at,
        status=status,
    )


def matches(*entries: Entry, channel: Channel = Channel.EMAIL) -> list[int]:
    found = matching_entries(
        entries=entries, keys=frozenset({ADA}), channel=channel, play_id=PLAY, sender_id=SENDER, now=NOW
    )
    return [match.id.int for match in found]


@pytest.mark.parametrize(
    ("candidate", "is_matched"),
    [
        (entry(), True),
        (entry(key=BOB), False),
        (entry(key=IdentityKey(SuppressionKind.PHONE, ADA.key_hash)), False),
        (entry(scope=SuppressionScope.PLATFORM), True),
        (entry(scope=SuppressionScope.PLAY, play_id=PLAY), True),
        (entry(scope=SuppressionScope.PLAY, play_id=OTHER), False),
        (entry(scope=SuppressionScope.PLAY), False),
        (entry(scope=SuppressionScope.SENDER, sender_id=SENDER), True),
        (entry(scope=SuppressionScope.SENDER, sender_id=OTHER), False),
        (entry(channels=frozenset({Channel.EMAIL, Channel.SMS})), True),
        (entry(channels=frozenset({Channel.SMS})), False),
        (entry(expires_at=NOW), False),
        (entry(expires_at=NOW + timedelta(microseconds=1)), True),
        (entry(status=SuppressionStatus.LIFTED), False),
        (entry(status=SuppressionStatus.EXPIRED), False),
    ],
)
def test_an_entry_matches_whom_it_names_where_it_reaches_while_it_lasts(
    candidate: Entry, is_matched: bool
) -> None:
    assert matches(candidate) == ([1] if is_matched else [])


def test_an_entry_without_play_never_matches_a_message_without_play() -> None:
    found = matching_entries(
        entries=[entry(scope=SuppressionScope.PLAY), entry(scope=SuppressionScope.SENDER)],
        keys=frozenset({ADA}),
        channel=Channel.EMAIL,
        play_id=None,
        sender_id=None,
        now=NOW,
    )

    assert found == []


def test_the_widest_scope_comes_first() -> None:
    entries = [
        entry(1, scope=SuppressionScope.SENDER, sender_id=SENDER),
        entry(2, scope=SuppressionScope.PLAY, play_id=PLAY),
        entry(3),
        entry(5, scope=SuppressionScope.PLATFORM),
        entry(4, scope=SuppressionScope.PLATFORM),
    ]

    assert matches(*entries) == [4, 5, 3, 2, 1]


KEPT_FROM_CUSTOMERS = {SuppressionReason.OBJECTION, SuppressionReason.ERASURE}
PERSONS = KEPT_FROM_CUSTOMERS | {
    SuppressionReason.UNSUBSCRIBE,
    SuppressionReason.COMPLAINT,
    SuppressionReason.REGISTRY,
}


def is_liftable(
    reason: SuppressionReason, scope: SuppressionScope, basis: LiftBasis, *, by_operator: bool
) -> bool:
    try:
        require_liftable(reason=reason, scope=scope, basis=basis, by_operator=by_operator)
    except SuppressionKept:
        return False
    return True


@pytest.mark.parametrize("reason", SuppressionReason)
@pytest.mark.parametrize("basis", LiftBasis)
def test_a_customer_never_lifts_an_objection_or_an_erasure_nor_overrules_the_person(
    reason: SuppressionReason, basis: LiftBasis
) -> None:
    expected = reason not in KEPT_FROM_CUSTOMERS and (
        reason not in PERSONS or basis is not LiftBasis.CORRECTION
    )

    assert is_liftable(reason, SuppressionScope.WORKSPACE, basis, by_operator=False) is expected
    assert not is_liftable(reason, SuppressionScope.PLATFORM, basis, by_operator=False)


@settings(max_examples=60)
@given(
    reason=st.sampled_from(SuppressionReason),
    scope=st.sampled_from(SuppressionScope),
    basis=st.sampled_from(LiftBasis),
)
def test_not_even_the_operator_overrules_the_person(
    reason: SuppressionReason, scope: SuppressionScope, basis: LiftBasis
) -> None:
    expected = reason not in PERSONS or basis is not LiftBasis.CORRECTION

    assert is_liftable(reason, scope, basis, by_operator=True) is expected


def test_a_lifted_entry_stays_lifted() -> None:
    assert SUPPRESSION_STATES.is_terminal(SuppressionStatus.LIFTED)
    assert SUPPRESSION_STATES.is_terminal(SuppressionStatus.EXPIRED)
