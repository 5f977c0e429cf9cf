from enum import StrEnum

import pytest

from domain.credits.rules import GrantStatus
from domain.errors import Conflict
from domain.states import IllegalTransition, StateMachine


class Light(StrEnum):
    RED = "RED"
    GREEN = "GREEN"
    BROKEN = "BROKEN"


LIGHT = StateMachine(noun="light", moves={Light.RED: [Light.GREEN], Light.GREEN: [Light.RED, Light.BROKEN]})


def test_only_listed_moves_are_allowed() -> None:
    allowed = {(a, b) for a in Light for b in Light if LIGHT.allows(a, b)}

    assert allowed == {
        (Light.RED, Light.GREEN),
        (Light.GREEN, Light.RED),
        (Light.GREEN, Light.BROKEN),
    }


def test_a_state_without_successors_is_terminal() -> None:
    assert [state for state in Light if LIGHT.is_terminal(state)] == [Light.BROKEN]


def test_a_forbidden_move_is_a_conflict_that_names_both_states() -> None:
    with pytest.raises(IllegalTransition, match="a light that is BROKEN can't become RED") as error:
        LIGHT.require(Light.BROKEN, Light.RED)

    assert isinstance(error.value, Conflict)
    assert error.value.code == "ILLEGAL_TRANSITION"


def test_an_allowed_move_passes() -> None:
    LIGHT.require(Light.RED, Light.GREEN)


def test_an_empty_machine_has_only_terminal_states() -> None:
    machine: StateMachine[GrantStatus] = StateMachine(noun="grant", moves={})

    assert all(machine.is_terminal(status) for status in GrantStatus)
