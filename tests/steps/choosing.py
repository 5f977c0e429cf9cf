"""Filters, searches and sort keys drawn from the input types of the schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import (
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from schema.nodes import prefix_of

COMBINATIONS = {"and", "or", "not"}
NESTED_MAX = 2
NOBODY = UUID(int=7)

FITTING: dict[str, tuple[Any, ...]] = {
    "String": ("", "a", "A", "Ada", "example", "%", "_", "\\", "it's", '"é"', "website", "TITLE", "SMTP"),
    "Int": (-1, 0, 1, 2, 3, 100, 2**31 - 1),
    "Float": (-1, 0, 0.5, 0.9, 1, 1e300),
    "Boolean": (True, False),
    "Date": ("2020-02-29", "2099-01-01"),
    "DateTime": (
        *("0001-01-02T00:00:00Z", "2020-01-01T00:00:00+02:00", "2020-01-01T00:00:00.123456-11:30"),
        *("2099-01-01t00:00:00.5z", "9999-12-30T00:00:00Z"),
    ),
}
"""Values that are in order, whatever they find; those that can be compared begin with the least."""

UNFIT: dict[str, tuple[Any, ...]] = {
    "String": (1, ["a", "b"], "a" * 300),
    "ID": ("", "x", "lead_", "lead_7", f"nobody_{NOBODY}"),
    "Int": (2**31, 0.5, "1"),
    "Float": ("0.5", True),
    "Boolean": ("true", 0),
    "Date": ("2021-02-29", "2020-01-01T00:00:00Z", 20200101),
    "DateTime": ("2020-01-01T00:00:00", "2020-01-01", "2021-02-29T00:00:00Z", 0),
    "Cursor": ("", "x", "é", "A" * 40),
}
"""Values that no filter takes, and some that are only odd."""


class Name(str):
    """A value of an enum: its name stands in a document without quotes."""


@dataclass(frozen=True, slots=True)
class Values:
    """Draws values of input types.

    Attributes:
        ids: type name -> a global id that exists.
        fitting: whether all of them are to be in order; else most are.
    """

    draw: DrawFn
    ids: Mapping[str, str]
    fitting: bool

    def of(self, type_: Any, name: str = "", depth: int = 0, *, may_be_null: bool = True) -> Any:
        """Draw a value of a type; ``name`` is that of the condition it belongs to."""
        if may_be_null and not is_non_null_type(type_) and self._happens(10):
            return None
        type_ = get_nullable_type(type_)
        if is_list_type(type_):
            longest = 2 if self.fitting else 5
            return [self.of(type_.of_type, name, depth) for _ in range(self._number(0, longest))]
        if is_input_object_type(type_):
            return self._object(type_, name, depth)
        if is_enum_type(type_):
            odd = () if self.fitting else ("NOPE",)
            return Name(self._one_of((*sorted(type_.values), *odd)))
        if not self.fitting and self._happens(8):
            return self._one_of(UNFIT[type_.name])
        return self._one_of(self._ids(name) if type_.name == "ID" else FITTING[type_.name])

    def _object(self, type_: Any, name: str, depth: int) -> dict[str, Any]:
        required = [field for field, told in type_.fields.items() if is_required_input_field(told)]
        optional = [field for field in type_.fields if field not in required]
        if COMBINATIONS & set(optional):  # a filter: conditions and, not too deep, combinations of filters
            allowed = [field for field in optional if depth < NESTED_MAX or field not in COMBINATIONS]
            chosen = self._some(allowed, 1, 2)
            return {
                field: self.of(type_.fields[field].type, field, depth + (field in COMBINATIONS))
                for field in chosen
            }
        if required:  # a range, a sort key
            chosen = [*required, *self._some(optional, 0, len(optional))]
        else:  # a condition: exactly one operator
            chosen = self._some(optional, 1, 1) if self.fitting else self._some(optional, 0, 2)
        found = {
            field: self.of(type_.fields[field].type, name, depth, may_be_null=not self.fitting)
            for field in chosen
        }
        if self.fitting and "from" in found:
            ascending = FITTING[get_named_type(type_.fields["from"].type).name].index
            found["from"], found["to"] = sorted(found.values(), key=ascending)
        return found

    def _ids(self, name: str) -> tuple[str, ...]:
        """Return ids for a condition such as ``leadId``: one that exists, and one that doesn't."""
        table = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        prefix = prefix_of(table.removesuffix("_id"))
        found = tuple(id_ for id_ in self.ids.values() if prefix in {None, id_.rpartition("_")[0]})
        return (*found, f"{prefix or 'any'}_{NOBODY}")

    def _happens(self, of: int) -> bool:
        """Draw what happens once in so many times."""
        return self._number(1, of) == 1

    def _number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def _one_of(self, values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def _some(self, values: list[str], least: int, most: int) -> list[str]:
        if not values:
            return []
        return self.draw(st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True))
