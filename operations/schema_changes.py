"""What a change of the schema means for those who use it: safe, dangerous or breaking.

graphql-core finds the changes between two SDLs. What breaks clients has to stand in the changelog, by name.
"""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from graphql import GraphQLSchema, build_schema, specified_scalar_types
from graphql.utilities import (
    BreakingChange,
    DangerousChange,
    SafeChangeType,
    SchemaChange,
    find_schema_changes,
)


class Severity(StrEnum):
    """What a change means for a client that was written before."""

    BREAKING = "breaking"  # it may stop working
    DANGEROUS = "dangerous"  # it may meet something it doesn't expect
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class ClassifiedChange:
    """One difference between two schemas.

    Attributes:
        coordinate: what changed, such as `Lead.email` or `Query.leads(where:)`.
    """

    severity: Severity
    coordinate: str
    description: str


def changes_between(before: str, after: str) -> list[ClassifiedChange]:
    """Return the differences of two SDLs, the worst first; changed descriptions aren't any."""
    old, new = build_schema(before), build_schema(after)
    changes = [
        ClassifiedChange(
            severity=_severity(change),
            coordinate=_coordinate(change.description, (old, new)),
            description=change.description,
        )
        for change in find_schema_changes(old, new)
        if change.type is not SafeChangeType.DESCRIPTION_CHANGED
    ]
    severities = list(Severity)
    ours = [change for change in changes if change.coordinate not in specified_scalar_types]
    return sorted(ours, key=lambda change: (severities.index(change.severity), change.coordinate))


def unannounced(changes: Iterable[ClassifiedChange], *, changelog: str) -> list[ClassifiedChange]:
    """Return the breaking changes that the changelog's unreleased part doesn't name in backticks."""
    unreleased = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:2]
    named = set(re.findall(r"`([^`]+)`", "".join(unreleased)))
    return [
        change
        for change in changes
        if change.severity is Severity.BREAKING and change.coordinate not in named
    ]


def as_markdown(changes: Iterable[ClassifiedChange]) -> str:
    """Return the changes as a list for people."""
    changes = list(changes)
    if not changes:
        return "The schema is the same."
    parts = []
    for severity in Severity:
        lines = [f"- {change.description}" for change in changes if change.severity is severity]
        if lines:
            parts.append("\n".join([f"### {severity.capitalize()}", "", *lines]))
    return "\n\n".join(parts)


def committed_sdl(path: Path, *, revision: str) -> str | None:
    """Return the SDL as a revision has it; None without git, such a revision, or the file in it."""
    command = ["git", "-C", str(path.parent), "show", f"{revision}:./{path.name}"]
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    except FileNotFoundError:
        return None
    return shown.stdout if shown.returncode == 0 else None


def _severity(change: SchemaChange) -> Severity:
    if isinstance(change, BreakingChange):
        return Severity.BREAKING
    return Severity.DANGEROUS if isinstance(change, DangerousChange) else Severity.SAFE


_COORDINATE = re.compile(r"@?\b[A-Za-z_]\w*(?:\.\w+)?(?:\(\w+:\))?")


def _coordinate(description: str, schemas: tuple[GraphQLSchema, GraphQLSchema]) -> str:
    """Return the first word of a change's description that names something of either schema."""
    types = schemas[0].type_map.keys() | schemas[1].type_map.keys()
    for word in _COORDINATE.findall(description):
        coordinate: str = word
        if coordinate.startswith("@") or re.split(r"[.(]", coordinate)[0] in types:
            return coordinate
    return description
