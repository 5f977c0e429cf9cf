"""Which leads an export is about, kept as JSON until it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCondition:
    """Which leads: SQL over ``t`` that we wrote, with ``$1…`` where the caller's values go."""

    sql: str
    values: Sequence[Any]

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON data that ``from_data`` reads back."""
        return {"sql": self.sql, "values": [_tagged(value) for value in self.values]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "LeadCondition":
        """Return the condition that was kept."""
        return cls(sql=data["sql"], values=[_untagged(value) for value in data["values"]])


def _tagged(value: Any) -> Any:
    """Return a filter's value as JSON that keeps its type."""
    match value:
        case UUID():
            return {"uuid": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case list() | tuple():
            return [_tagged(item) for item in value]
    return value


def _untagged(value: Any) -> Any:
    match value:
        case {"uuid": str(text)}:
            return UUID(text)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case list():
            return [_untagged(item) for item in value]
    return value
