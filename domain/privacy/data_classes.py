"""The words of the column registry: what kind of data a column holds, for whom, how long, and how it ends."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.privacy.rules import Erasure, ErasureAction, KeepReason


class DataClass(StrEnum):
    """What a column tells about a person."""

    NONE = "NONE"
    """Nothing: keys, settings, counters."""
    IDENTITY = "IDENTITY"
    """Who somebody is."""
    CONTACT = "CONTACT"
    """How to reach them."""
    CONTENT = "CONTENT"
    """Free text, in which anybody may be named."""
    BEHAVIOUR = "BEHAVIOUR"
    """What was done to or by them, and when."""
    SECRET = "SECRET"  # noqa: S105 - a class of data
    """What must never leave: tokens, keys, hashes of codes."""
    FINANCIAL = "FINANCIAL"
    """Money and credits."""
    TECHNICAL = "TECHNICAL"
    """Traces of machines: protocol ids, error codes, addresses of clients."""


class DataRole(StrEnum):
    """On whose behalf the data are kept (GDPR Article 4(7) and (8))."""

    CONTROLLER = "CONTROLLER"
    """The operator's own: accounts, security, what the law makes them keep."""
    PROCESSOR = "PROCESSOR"
    """The workspace's: leads and everything about them."""


class Retention(StrEnum):
    """How long data stay when nobody asks for their erasure."""

    WORKSPACE = "WORKSPACE"
    """As long as the workspace, then purged with it."""
    ACCOUNT = "ACCOUNT"
    """As long as the account, and up to 24 months after its closure."""
    SHORT = "SHORT"
    """Days: until used, sent, read or expired."""
    LEDGER = "LEDGER"
    """As long as bookkeeping law asks, up to ten years."""
    AUDIT = "AUDIT"
    """36 months, to show who did what."""
    REQUEST = "REQUEST"
    """24 months after the answer (11 CCR 7101)."""
    SUPPRESSION = "SUPPRESSION"
    """For good: it keeps the person's will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What the registry says of one column."""

    data_class: DataClass
    erasure: Erasure
    role: DataRole
    retention: Retention

    @property
    def action(self) -> ErasureAction:
        """What an erasure does to it."""
        return self.erasure.action


@dataclass(frozen=True, slots=True)
class Group:
    """Columns of one table that are treated alike; ``names`` are separated by blanks."""

    data_class: DataClass
    erasure: Erasure
    names: str


ROW: Final = "id workspace_id created_at updated_at version"
"""The columns that ``tenant_table`` gives to every table."""


def kept(
    names: str, data_class: DataClass = DataClass.NONE, *, why: KeepReason = KeepReason.NOT_PERSONAL
) -> Group:
    """Columns that outlive an erasure."""
    return Group(data_class, Erasure(ErasureAction.KEEP, why), names)


def masked(names: str, data_class: DataClass) -> Group:
    """Columns whose value goes while the row stays."""
    return Group(data_class, Erasure(ErasureAction.MASK), names)


def hashed(names: str, data_class: DataClass) -> Group:
    """Columns of which only a keyed hash stays."""
    return Group(data_class, Erasure(ErasureAction.HASH), names)


def deleted(names: str, data_class: DataClass) -> Group:
    """Columns of rows that go altogether; one of them condemns the row."""
    return Group(data_class, Erasure(ErasureAction.DELETE), names)


def table(role: DataRole, retention: Retention, *groups: Group) -> Mapping[str, Column]:
    """Return a table's columns by name.

    Raises:
        ValueError: a column stands in two groups.
    """
    columns: dict[str, Column] = {}
    for name, group in _each(groups):
        if name in columns:
            raise ValueError(f"the column {name} is registered twice")
        columns[name] = Column(
            data_class=group.data_class, erasure=group.erasure, role=role, retention=retention
        )
    return columns


def _each(groups: tuple[Group, ...]) -> Iterator[tuple[str, Group]]:
    for group in groups:
        yield from ((name, group) for name in group.names.split())
