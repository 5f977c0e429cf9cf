"""The words of leads and their imports, and which of their states may follow which."""

from enum import StrEnum
from typing import Final

from domain.states import StateMachine


class LeadStatus(StrEnum):
    """How far a person has come."""

    NEW = "NEW"
    ENRICHING = "ENRICHING"
    QUALIFIED = "QUALIFIED"
    DISQUALIFIED = "DISQUALIFIED"
    ENROLLED = "ENROLLED"
    CONTACTED = "CONTACTED"
    ENGAGED = "ENGAGED"
    MEETING = "MEETING"
    OPPORTUNITY = "OPPORTUNITY"
    WON = "WON"
    LOST = "LOST"
    MERGED = "MERGED"
    ERASED = "ERASED"


class LeadEmailStatus(StrEnum):
    """What verification said about the address; enrichment's verdicts and UNVERIFIED before any."""

    UNVERIFIED = "UNVERIFIED"
    VALID = "VALID"
    RISKY = "RISKY"
    CATCH_ALL = "CATCH_ALL"
    INVALID = "INVALID"
    DISPOSABLE = "DISPOSABLE"
    UNKNOWN = "UNKNOWN"


class SourceKind(StrEnum):
    """Where something was learnt."""

    PUBLIC = "PUBLIC"
    PROVIDER = "PROVIDER"
    UPLOAD = "UPLOAD"
    CONNECTED_ACCOUNT = "CONNECTED_ACCOUNT"
    REPLY = "REPLY"
    USER_EDIT = "USER_EDIT"


class FactState(StrEnum):
    """Whether a fact is the one that counts."""

    CANDIDATE = "CANDIDATE"
    CURRENT = "CURRENT"
    SUPERSEDED = "SUPERSEDED"
    REJECTED = "REJECTED"
    ERASED = "ERASED"


class ImportStatus(StrEnum):
    """Where an import stands."""

    UPLOADED = "UPLOADED"
    MAPPED = "MAPPED"
    VALIDATED = "VALIDATED"
    IMPORTING = "IMPORTING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    ROLLED_BACK = "ROLLED_BACK"


class RowErrorPolicy(StrEnum):
    """What a bad row means for the others."""

    REJECT_ALL = "REJECT_ALL"
    REJECT_ROWS = "REJECT_ROWS"


class DuplicatePolicy(StrEnum):
    """What a row about a lead that is there already does."""

    UPDATE = "UPDATE"
    SKIP = "SKIP"


class LegalBasis(StrEnum):
    """What allows the customer to write to these people (GDPR Article 6(1))."""

    LEGITIMATE_INTERESTS = "LEGITIMATE_INTERESTS"
    CONSENT = "CONSENT"
    CONTRACT = "CONTRACT"


class ExportStatus(StrEnum):
    """Where an export stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


IMPORT_STATES: Final = StateMachine(
    noun="import",
    moves={
        ImportStatus.UPLOADED: (ImportStatus.MAPPED, ImportStatus.CANCELLED),
        ImportStatus.MAPPED: (ImportStatus.IMPORTING, ImportStatus.FAILED, ImportStatus.CANCELLED),
        ImportStatus.IMPORTING: (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.CANCELLED),
        ImportStatus.FAILED: (ImportStatus.MAPPED, ImportStatus.CANCELLED),
    },
)
