"""Whether answers say the same: contents are compared, not how ids, cursors and moments are spelled."""

import re
from datetime import UTC, datetime
from typing import Any

_GLOBAL_ID = re.compile(r"[a-z]+_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_CURSORS = {"cursor", "startCursor", "endCursor"}


def content(value: Any, *, key: str = "") -> Any:
    """Return an answer's content: bare ids, UTC moments, cursors only as present or absent."""
    match value:
        case dict():
            return {name: content(item, key=name) for name, item in value.items()}
        case list():
            return [content(item, key=key) for item in value]
        case str() if key in _CURSORS:
            return "a cursor" if value else "an empty cursor"
        case str() if key == "restrictedAt":
            return "a moment"  # each change has its own
        case str() if key.endswith("At"):
            return datetime.fromisoformat(value).astimezone(UTC).isoformat()
        case str() if found := _GLOBAL_ID.fullmatch(value):
            return found[1]
    return value


def difference(expected: Any, found: Any, *, path: str = "data") -> str | None:
    """Return where two contents differ first, in words; None when they are equal."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            return f"{path} has {sorted(found)} instead of {sorted(expected)}"
        pairs = [(expected[name], found[name], f"{path}.{name}") for name in expected]
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return f"{path} has {len(found)} items instead of {len(expected)}"
        pairs = [
            (left, right, f"{path}[{index}]")
            for index, (left, right) in enumerate(zip(expected, found, strict=True))
        ]
    else:
        return None if expected == found else f"{path} is {found!r} instead of {expected!r}"
    return next((told for left, right, at in pairs if (told := difference(left, right, path=at))), None)
