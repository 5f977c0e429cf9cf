"""What the caller may still ask of the API."""

import strawberry

from schema.info import Info
from schema.spending import budget_of


@strawberry.type(description="A bucket of points that operations are paid from; it fills up again with time.")
class RateLimit:
    """One caller's bucket in one workspace."""

    requested_query_cost: int = strawberry.field(
        description="Points this operation may cost at most; they were taken before it ran."
    )
    maximum_available: int = strawberry.field(
        description="Points a full bucket has; 0 when nothing is counted."
    )
    currently_available: int = strawberry.field(
        description="Points that are left; what this operation doesn't need is still to come back."
    )
    restore_rate: int = strawberry.field(description="Points that flow back in each second.")


@strawberry.type
class RateLimitsQuery:
    """The root field."""

    @strawberry.field(description="What you may still ask of the API here, after this operation was paid.")
    def rate_limit(self, info: Info) -> RateLimit:
        """Look into the caller's bucket."""
        budget, spending = budget_of(info.context), info.context.spending
        return RateLimit(
            requested_query_cost=spending.requested if spending else 0,
            maximum_available=budget.points_max,
            currently_available=spending.left if spending else budget.points_max,
            restore_rate=budget.points_per_s,
        )
