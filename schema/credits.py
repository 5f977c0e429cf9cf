"""The credit account, its ledger and its grants. Credits are granted by the operator's command line alone."""

from typing import Any

import strawberry

from domain.credits.ledger import EntryKind, LedgerAccount
from domain.credits.rules import GrantSource, GrantStatus, InsufficientCredits
from domain.workspaces.rules import Permission
from resolvers.credits import get_account
from resolvers.reading.describe import Order
from schema.errors import UserError, shows
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, IntFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.nodes import Node, column, entity, reference
from schema.scalars import BigInt, Credits, DateTime


@shows(InsufficientCredits)
@strawberry.type(description="There are fewer credits than the operation needs; nothing was taken.")
class InsufficientCreditsError(UserError):
    """Shows ``InsufficientCredits``."""

    required: Credits = strawberry.field(description="What the operation needs.")
    available: Credits = strawberry.field(description="What can be spent now.")

    @classmethod
    def from_error(cls, error: InsufficientCredits) -> "InsufficientCreditsError":
        """Build it from the domain's error."""
        return cls(
            code=error.code,
            message=error.message,
            field=list(error.field),
            required=Credits(error.required),
            available=Credits(error.available),
        )


@strawberry.type(description="What a workspace has to spend.")
class CreditAccount:
    """The balance, as the ledger's entries moved it."""

    available: Credits = strawberry.field(description="Free to be spent.")
    held: Credits = strawberry.field(description="Set aside for work that runs.")
    consumed: Credits = strawberry.field(description="Paid so far.")
    expired: Credits = strawberry.field(description="Lost with grants that have ended.")
    next_expiry: DateTime | None = strawberry.field(
        description="When the next grant with something left ends."
    )
    low_water_mark: Credits = strawberry.field(
        description="20 % of what was there after the last grant; falling below it, and below 5 %, is an event."
    )


@entity("ledger_entry", prefix="entry", permission=Permission.VIEW_CREDITS, counted=True)
class LedgerEntry(Node):
    """One side of a movement of credits; the entries of a movement sum to zero and never change."""

    kind: EntryKind = column(description="What moved them.")
    account: LedgerAccount = column(description="The account that changed.")
    amount: BigInt = column(description="By how many credits; negative when they left it.")
    operation_key: str = column(description="The operation it belongs to.")
    transaction_id: str = column("t.transaction_id::text", description="Common to all sides of the movement.")
    occurred_at: DateTime = column(description="When.")
    run_id: strawberry.ID | None = reference("run", description="The run it belongs to.")
    provider_call_id: strawberry.ID | None = reference("provider_call", description="The call it paid for.")
    ai_call_id: strawberry.ID | None = reference("ai_call", description="The AI call it paid for.")
    delivery_id: strawberry.ID | None = reference("delivery", description="The delivery it paid for.")


@entity("credit_grant", prefix="grant", permission=Permission.VIEW_CREDITS)
class CreditGrant(Node):
    """Credits that arrived together."""

    source: GrantSource = column(description="Where they come from.")
    amount: Credits = column(description="How many arrived.")
    remaining: Credits = column(description="Of them, neither spent nor set aside.")
    priority: int = column(description="0 pays first, 100 last.")
    effective_at: DateTime = column(description="Since when they pay.")
    expires_at: DateTime | None = column(description="Until when; absent for ever.")
    status: GrantStatus = column(description="Whether it can still pay.")
    reference: str = column(description="What it was granted for; unique in the workspace.")


@conditions(LedgerEntry, sort=("occurred_at", "amount"))
class LedgerEntryWhere:
    """Which ledger entries."""

    kind: EnumFilter[EntryKind] | None = None
    account: EnumFilter[LedgerAccount] | None = None
    operation_key: StringFilter | None = None
    run_id: IDFilter | None = None
    provider_call_id: IDFilter | None = None
    ai_call_id: IDFilter | None = None
    delivery_id: IDFilter | None = None
    occurred_at: DateTimeFilter | None = None


@conditions(CreditGrant, sort=("effective_at", "expires_at", "priority", "amount", "remaining"))
class CreditGrantWhere:
    """Which grants."""

    source: EnumFilter[GrantSource] | None = None
    status: EnumFilter[GrantStatus] | None = None
    remaining: IntFilter | None = None
    effective_at: DateTimeFilter | None = None
    expires_at: DateTimeFilter | None = None


@strawberry.type
class CreditsQuery:
    """Root fields about credits."""

    @strawberry.field(description="What the workspace has to spend.")
    async def credit_account(self, info: Info) -> CreditAccount:
        """Read it."""
        account: Any = await get_account(info.context)
        return account

    ledger_entries = list_of(
        LedgerEntry,
        order=(Order("occurred_at", descending=True),),
        description="Every movement of credits, newest first.",
        permission=Permission.VIEW_CREDITS,
    )

    credit_grants = list_of(
        CreditGrant,
        order=(Order("effective_at", descending=True),),
        description="Where credits came from, newest first.",
        permission=Permission.VIEW_CREDITS,
    )
