"""What may be said about a company."""

from typing import Final

from domain.errors import Invalid
from domain.hidden_characters import JOINERS, has_hidden

LINE_CHARS_MAX: Final = 500
DESCRIPTION_CHARS_MAX: Final = 5_000
EMPLOYEES_MAX: Final = 10_000_000


def parse_line(text: str | None, *, field: str, longest: int = LINE_CHARS_MAX) -> str | None:
    """Return one clean line, None when it holds nothing.

    Raises:
        Invalid: it is too long or holds characters that aren't text.
    """
    line = " ".join((text or "").split())
    if len(line) > longest or has_hidden((text or "").strip(), allowed=JOINERS):
        raise Invalid(f"up to {longest} printable characters on one line", field=("input", field))
    return line or None


def parse_name(text: str | None) -> str:
    """Return a company's name; raises Invalid when it is empty or no line of text."""
    name = parse_line(text, field="name")
    if name is None:
        raise Invalid("a company has a name", field=("input", "name"))
    return name


def parse_employees(count: int | None) -> int | None:
    """Return a number of employees; raises Invalid when no employer has so many."""
    if count is not None and not 1 <= count <= EMPLOYEES_MAX:
        raise Invalid(f"from 1 to {EMPLOYEES_MAX}", field=("input", "employeeCount"))
    return count
