"""Registers an enum of the domain, which knows nothing of the API, with a description for every value."""

from enum import Enum
from typing import Any

import strawberry


def shown_enum(cls: type[Enum], description: str, /, *, name: str | None = None, **values: str) -> None:
    """Register an enum.

    Args:
        description: what it is about.
        name: its name in the API, where it differs.
        values: name of each value -> what it means; none may be missing or unknown.
    """
    if values.keys() != cls.__members__.keys():
        raise ValueError(f"{cls.__name__}: {sorted(values.keys() ^ cls.__members__.keys())}")
    strawberry.enum(cls, name=name, description=description)
    definition: Any = cls.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]
