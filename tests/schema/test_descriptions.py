"""Nothing in the API is left to guessing."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import specified_directives, specified_scalar_types

from domain.credits.rules import GrantStatus
from schema.enums.showing import shown_enum
from tests.world import SCHEMA

ROOT: Any = SCHEMA._schema
SPECIFIED = {directive.name for directive in specified_directives} | {"defer", "stream"}
"""Not ours to describe."""


def _described() -> Iterator[tuple[str, str | None]]:
    """Yield everything that has a description: its coordinate, and what it says."""
    for name, type_ in ROOT.type_map.items():
        if name.startswith("__"):
            continue
        yield name, type_.description
        for value, of_enum in getattr(type_, "values", {}).items():
            yield f"{name}.{value}", of_enum.description
        for field_name, field in getattr(type_, "fields", {}).items():
            yield f"{name}.{field_name}", field.description
            for argument, of_field in getattr(field, "args", {}).items():
                yield f"{name}.{field_name}({argument}:)", of_field.description
    for directive in ROOT.directives:
        if directive.name not in SPECIFIED:
            yield f"@{directive.name}", directive.description
            for argument, of_directive in directive.args.items():
                yield f"@{directive.name}({argument}:)", of_directive.description


def test_everything_is_described() -> None:
    silent = [coordinate for coordinate, said in _described() if not (said or "").strip()]
    assert silent == []


def test_a_description_is_a_sentence() -> None:
    odd = [
        coordinate
        for coordinate, said in _described()
        if said is not None and coordinate not in specified_scalar_types
        if said != said.strip() or said[-1] not in ".)`…"
    ]
    assert odd == []


def test_an_enum_can_not_forget_a_value() -> None:
    with pytest.raises(ValueError, match="EXHAUSTED"):
        shown_enum(GrantStatus, "Whether it pays.", ACTIVE="Yes.", EXPIRED="No.", REVOKED="No.")


def test_what_is_described_once_is_the_same_everywhere() -> None:
    said = {
        field.args["first"].description
        for type_ in ROOT.type_map.values()
        for field in getattr(type_, "fields", {}).values()
        if "first" in getattr(field, "args", {})
    }
    assert said == {"How many from the start: 1 to 100, 25 by default."}
