"""What callers pay for operations, and from which bucket."""

from collections.abc import Hashable
from typing import Final

from auth.budgets import Budget, Spending
from resolvers.context import Context
from schema.access import is_stranger
from schema.documents import PreparedOperation

STRANGERS_BUDGET: Final = Budget(points_max=2_000, points_per_s=100)
"""Of everybody at one address who isn't signed in."""


def budget_of(context: Context) -> Budget:
    """Return the size of the caller's bucket."""
    if is_stranger(context):
        return STRANGERS_BUDGET
    client = context.viewer.client
    if client is not None and client.points_max and client.points_per_s:
        return Budget(points_max=client.points_max, points_per_s=client.points_per_s)
    return context.services.budget


def spend(context: Context, *, points: int) -> Spending:
    """Take points from the caller's bucket, and keep in the context how that went."""
    budget = budget_of(context)
    if budget.points_max:
        context.spending = context.services.budgets.spend(_caller(context), points, budget=budget)
    else:
        context.spending = Spending(budget=budget, requested=points, left=0)
    return context.spending


def settle(context: Context, *, actual: int) -> None:
    """Give back what the operation didn't need."""
    if context.spending is not None and context.spending.budget.points_max:
        context.spending = context.services.budgets.settle(_caller(context), context.spending, actual=actual)


def actual_cost(operation: PreparedOperation, data: bytes | None) -> int:
    """Return what an answer really cost: its objects, which are its braces, and the fixed part.

    A text with braces in it counts as more; what is given back is never more than was taken.
    """
    return operation.measured.fixed + max(data.count(b"{") - 1, 0) if data is not None else 0


def _caller(context: Context) -> Hashable:
    """A client in a workspace, or an address."""
    viewer = context.viewer
    if is_stranger(context):
        return context.caller.network
    return (viewer.principal_id, viewer.workspace_id)
