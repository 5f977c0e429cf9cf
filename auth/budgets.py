"""How much one caller may ask of us: a bucket of points for each, which fills up again with time.

The buckets are this process's own: they keep one caller from taking what the others need, and that is a matter
of this process. Several processes give a caller several times as much.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A bucket's size in points, and how many flow back in each second; a size of 0 counts nothing."""

    points_max: int
    points_per_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What one operation cost, and what is left.

    Attributes:
        requested: points it might cost at most, which were taken before it ran.
        actual: points it did cost; None while it runs.
        left: points that may be spent now.
    """

    budget: Budget
    requested: int
    left: int
    granted: bool = True
    actual: int | None = None

    @property
    def full_in_s(self) -> int:
        """Whole seconds until the bucket is full again."""
        return ceil((self.budget.points_max - self.left) / self.budget.points_per_s)

    @property
    def enough_in_s(self) -> int:
        """Whole seconds, at least 1, until an operation that was refused would be granted."""
        return max(1, ceil((self.requested - self.left) / self.budget.points_per_s))


class Budgets:
    """The buckets of all callers.

    Args:
        clock: monotonic seconds.
        callers_max: so many are remembered; the one that asked longest ago starts afresh.
    """

    def __init__(self, *, clock: Callable[[], float], callers_max: int = 20_000) -> None:
        self._clock = clock
        self._callers_max = callers_max
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def spend(self, caller: Hashable, points: int, *, budget: Budget) -> Spending:
        """Take points for an operation, or nothing when there aren't enough."""
        left = self._level(caller, budget)
        granted = points <= left
        if granted:
            left -= points
        self._keep(caller, left)
        return Spending(budget=budget, requested=points, left=int(left), granted=granted)

    def settle(self, caller: Hashable, spending: Spending, *, actual: int) -> Spending:
        """Give back what an operation didn't need; it never costs more than was taken."""
        actual = min(actual, spending.requested)
        left = min(
            self._level(caller, spending.budget) + spending.requested - actual, spending.budget.points_max
        )
        self._keep(caller, left)
        return Spending(budget=spending.budget, requested=spending.requested, actual=actual, left=int(left))

    def look(self, caller: Hashable, *, budget: Budget) -> int:
        """Return how many points may be spent now."""
        return int(self._level(caller, budget))

    def _level(self, caller: Hashable, budget: Budget) -> float:
        kept = self._buckets.get(caller)
        if kept is None:
            return budget.points_max
        left, at = kept
        return min(left + (self._clock() - at) * budget.points_per_s, budget.points_max)

    def _keep(self, caller: Hashable, left: float) -> None:
        self._buckets[caller] = (left, self._clock())
        self._buckets.move_to_end(caller)
        if len(self._buckets) > self._callers_max:
            self._buckets.popitem(last=False)
