from itertools import pairwise

import pytest

from domain.errors import Invalid
from domain.privacy.rules import (
    REQUEST_STATES,
    DenialGround,
    Erasure,
    ErasureAction,
    KeepReason,
    RequestKind,
    RequestState,
    needs_identity,
    require_request_move,
    suppresses_at_once,
)
from domain.states import IllegalTransition

S = RequestState


def test_the_straight_way_to_an_answer_is_open() -> None:
    way = [
        S.RECEIVED,
        S.ACKNOWLEDGED,
        S.VERIFYING_IDENTITY,
        S.VERIFIED,
        S.LOCATING,
        S.ROUTED,
        S.IN_PROGRESS,
        S.AWAITING_THIRD_PARTY,
        S.READY,
        S.FULFILLED,
    ]

    for state, target in pairwise(way):
        require_request_move(state=state, target=target)


def test_the_endings_are_final() -> None:
    assert {state for state in S if REQUEST_STATES.is_terminal(state)} == {
        S.FULFILLED,
        S.PARTIALLY_FULFILLED,
        S.DENIED,
        S.REJECTED_UNVERIFIED,
        S.DUPLICATE,
        S.WITHDRAWN,
    }


def test_nobodys_data_are_looked_for_before_they_are_verified() -> None:
    assert [state for state in S if REQUEST_STATES.allows(state, S.LOCATING)] == [S.VERIFIED]
    assert not REQUEST_STATES.allows(S.VERIFYING_IDENTITY, S.LOCATING)
    with pytest.raises(IllegalTransition):
        require_request_move(state=S.REJECTED_UNVERIFIED, target=S.VERIFIED)


def test_only_a_ready_request_is_fulfilled() -> None:
    for ending in (S.FULFILLED, S.PARTIALLY_FULFILLED):
        assert [state for state in S if REQUEST_STATES.allows(state, ending)] == [S.READY]


def test_every_request_can_be_withdrawn_until_it_is_ready() -> None:
    open_states = [state for state in S if REQUEST_STATES.allows(state, S.WITHDRAWN)]

    assert open_states == [
        S.RECEIVED,
        S.ACKNOWLEDGED,
        S.VERIFYING_IDENTITY,
        S.VERIFIED,
        S.LOCATING,
        S.ROUTED,
        S.IN_PROGRESS,
        S.AWAITING_THIRD_PARTY,
    ]


def test_a_denial_names_its_ground() -> None:
    require_request_move(state=S.READY, target=S.DENIED, ground=DenialGround.LEGAL_CLAIM)
    with pytest.raises(Invalid):
        require_request_move(state=S.READY, target=S.DENIED)
    with pytest.raises(Invalid):
        require_request_move(state=S.READY, target=S.FULFILLED, ground=DenialGround.LEGAL_CLAIM)


def test_to_be_left_alone_needs_no_proof() -> None:
    assert {kind for kind in RequestKind if not needs_identity(kind)} == {
        RequestKind.OBJECT,
        RequestKind.WITHDRAW,
        RequestKind.OPT_OUT_SALE,
        RequestKind.LIMIT_SENSITIVE,
    }


def test_an_objection_a_withdrawal_and_an_erasure_act_at_once() -> None:
    assert {kind for kind in RequestKind if suppresses_at_once(kind)} == {
        RequestKind.OBJECT,
        RequestKind.DELETE,
        RequestKind.WITHDRAW,
    }


def test_only_kept_data_have_a_reason_and_they_must() -> None:
    assert Erasure(ErasureAction.KEEP, KeepReason.SUPPRESSION).reason is KeepReason.SUPPRESSION
    with pytest.raises(Invalid):
        Erasure(ErasureAction.KEEP)
    for action in (ErasureAction.DELETE, ErasureAction.MASK, ErasureAction.HASH):
        assert Erasure(action).reason is None
        with pytest.raises(Invalid):
            Erasure(action, KeepReason.AUDIT)
