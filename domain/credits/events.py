"""What happens to a workspace's credits. Holds and settlements are read in the ledger, not in the log."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsGranted(DomainEvent):
    """Credits arrived."""

    subject_kind: ClassVar[str] = "credit_grant"
    source: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsExpired(DomainEvent):
    """What was left of a grant is lost, because its end has come."""

    subject_kind: ClassVar[str] = "credit_grant"
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsRefunded(DomainEvent):
    """Credits that had been paid came back; the subject is the hold they were paid from."""

    subject_kind: ClassVar[str] = "credit_hold"
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsLow(DomainEvent):
    """The balance fell below 20 or 5 per cent of what it was after the last grant; the subject is the workspace."""

    subject_kind: ClassVar[str] = "credit_account"
    percent: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalancesDiffer(DomainEvent):
    """Stored balances aren't what the ledger says: an alert for the operator; the subject is the workspace."""

    subject_kind: ClassVar[str] = "credit_account"
    differences: tuple[str, ...]
