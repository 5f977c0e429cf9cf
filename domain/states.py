"""State machines as data: which state may follow which."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import Conflict

State = TypeVar("State", bound=StrEnum)


class IllegalTransition(Conflict):
    """The object can't go from its present state to the wanted one."""

    code = "ILLEGAL_TRANSITION"


class StateMachine(Generic[State]):
    """The allowed moves between the members of one enum.

    Args:
        noun: what moves, as it reads in an error ("delivery").
        moves: for each state that has successors, the states that may follow; the rest are terminal.
    """

    def __init__(self, *, noun: str, moves: Mapping[State, Iterable[State]]) -> None:
        self.noun = noun
        self._next = {state: frozenset(targets) for state, targets in moves.items()}

    def after(self, state: State) -> frozenset[State]:
        """Return the states that may follow ``state``."""
        return self._next.get(state, frozenset())

    def allows(self, state: State, target: State) -> bool:
        """Tell whether ``target`` may follow ``state``; staying is no move."""
        return target in self.after(state)

    def is_terminal(self, state: State) -> bool:
        """Tell whether nothing may follow ``state``."""
        return not self.after(state)

    def require(self, state: State, target: State) -> None:
        """Do nothing when ``target`` may follow ``state``.

        Raises:
            IllegalTransition: it may not.
        """
        if not self.allows(state, target):
            raise IllegalTransition(f"a {self.noun} that is {state.value} can't become {target.value}")
