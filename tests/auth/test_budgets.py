"""Budgets: buckets of points that fill up with time."""

from auth.budgets import Budget, Budgets

BUDGET = Budget(points_max=100, points_per_s=10)


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_points_are_taken_and_flow_back() -> None:
    clock = Seconds()
    budgets = Budgets(clock=clock)
    assert budgets.spend("a", 60, budget=BUDGET).left == 40
    clock.now = 3
    assert budgets.look("a", budget=BUDGET) == 70
    clock.now = 1_000
    assert budgets.look("a", budget=BUDGET) == 100


def test_too_much_takes_nothing_and_says_when_to_come_back() -> None:
    budgets = Budgets(clock=Seconds())
    budgets.spend("a", 95, budget=BUDGET)
    refused = budgets.spend("a", 50, budget=BUDGET)
    assert (refused.granted, refused.left, refused.enough_in_s, refused.full_in_s) == (False, 5, 5, 10)
    assert budgets.look("a", budget=BUDGET) == 5
    assert budgets.spend("a", 5, budget=BUDGET).granted


def test_callers_have_buckets_of_their_own() -> None:
    budgets = Budgets(clock=Seconds())
    budgets.spend("a", 100, budget=BUDGET)
    assert budgets.spend("b", 100, budget=BUDGET).granted


def test_what_was_not_needed_is_given_back_once_and_never_more() -> None:
    budgets = Budgets(clock=Seconds())
    spending = budgets.spend("a", 60, budget=BUDGET)
    settled = budgets.settle("a", spending, actual=10)
    assert (settled.requested, settled.actual, settled.left) == (60, 10, 90)
    dear = budgets.spend("a", 20, budget=BUDGET)
    assert budgets.settle("a", dear, actual=500).left == 70
    assert budgets.settle("b", dear, actual=0).left == 100


def test_the_caller_that_asked_longest_ago_is_forgotten() -> None:
    budgets = Budgets(clock=Seconds(), callers_max=2)
    for caller in ("a", "b", "a", "c"):
        budgets.spend(caller, 10, budget=BUDGET)
    assert [budgets.look(caller, budget=BUDGET) for caller in ("a", "b", "c")] == [80, 100, 90]
