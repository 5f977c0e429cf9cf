"""What goes from the API is announced: with what to use instead, and the day of its removal, half a year ahead."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from graphql import build_schema

NOTICE = timedelta(days=182)
"""At least this long between the deprecation and the removal."""

_REASON = re.compile(r"Use .+\. Removal (\d{4}-\d\d-\d\d)")


def deprecation_faults(before: str, after: str, *, today: date) -> list[str]:
    """Return a sentence for each deprecation that says too little or comes too late.

    Args:
        before: SDL from which a deprecation is new; one that stood there already keeps its day.
    """
    known = dict(_deprecated(before))
    return [
        f"{coordinate}: {fault}"
        for coordinate, reason in _deprecated(after)
        if (fault := _fault(reason, today=None if known.get(coordinate) == reason else today))
    ]


def _fault(reason: str, *, today: date | None) -> str | None:
    found = _REASON.fullmatch(reason)
    try:
        removal = date.fromisoformat(found[1]) if found else None
    except ValueError:
        removal = None
    if removal is None:
        return f'the reason must read "Use X. Removal YYYY-MM-DD", not "{reason}"'
    if today is not None and removal < today + NOTICE:
        return f"may go on {today + NOTICE} at the earliest"
    return None


def _deprecated(sdl: str) -> Iterator[tuple[str, str]]:
    """Yield coordinate and reason of everything that is deprecated."""
    for name, type_ in build_schema(sdl).type_map.items():
        for value, of_enum in getattr(type_, "values", {}).items():
            if of_enum.deprecation_reason:
                yield f"{name}.{value}", of_enum.deprecation_reason
        for field_name, field in getattr(type_, "fields", {}).items():
            if field.deprecation_reason:
                yield f"{name}.{field_name}", field.deprecation_reason
            for argument, of_field in getattr(field, "args", {}).items():
                if of_field.deprecation_reason:
                    yield f"{name}.{field_name}({argument}:)", of_field.deprecation_reason
