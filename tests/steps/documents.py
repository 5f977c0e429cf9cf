"""Queries drawn from the schema: any root field, any selection below it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.steps.choosing import UNFIT, Name, Values

DEPTH_MAX = 5
CHOICES = ("where", "search", "orderBy")


@dataclass(slots=True)
class Drawn:
    """A document with its variables."""

    text: str
    variables: dict[str, Any]


@dataclass(slots=True)
class _Writing:
    """A document while it is drawn."""

    draw: DrawFn
    schema: Any
    values: Values
    head: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def variable(self, type_: str, value: Any) -> str:
        """Declare a variable and return it as it is used; one that is null may be left out."""
        name = f"v{len(self.head)}"
        self.head.append(f"${name}: {type_}")
        if value is not None or self.draw(st.booleans()):
            self.variables[name] = value
        return f"${name}"

    def root(self, name: str) -> str:
        """Return a root field under a key of its own."""
        told = self.schema.query_type.fields[name]
        arguments = self.choices(told)
        if "id" in told.args:
            arguments.append(f"id: {self.variable('ID!', self.draw(st.sampled_from(self._fitting(told))))}")
        if "ids" in told.args:
            known = (*self.values.ids.values(), "nobody", "lead_nobody")
            ids = self.draw(st.lists(st.sampled_from(known), max_size=4))
            arguments.append(f"ids: {self.variable('[ID!]!', ids)}")
        if "email" in told.args:
            arguments.append('email: "jo@nord.example"')
        key = self.draw(st.sampled_from((name, "renamed")))
        return f"{key}: {name}{_call(arguments)} {self.selection(get_named_type(told.type), 0)}"

    def choices(self, told: Any) -> list[str]:
        """Return arguments that choose of a list: what of it, in what order, and which page."""
        chosen = {}
        for name in CHOICES:
            if name in told.args and self.draw(st.integers(0, 2)) == 0:
                chosen[name] = self.values.of(told.args[name].type)
        way = self.draw(st.sampled_from(("first", "last", "neither")))
        if way in told.args:
            chosen[way] = self.draw(st.integers(1 if self.values.fitting else 0, 4))
        if "after" in told.args and not self.values.fitting and self.draw(st.integers(0, 9)) == 0:
            chosen["after"] = self.draw(st.sampled_from(UNFIT["Cursor"]))
        return [f"{name}: {self.written(told.args[name].type, value)}" for name, value in chosen.items()]

    def written(self, type_: Any, value: Any) -> str:
        """Return a value as it stands in the document: a literal, or anywhere in it a variable."""
        if self.draw(st.integers(0, 3)) == 0:
            return self.variable(str(type_), value)
        inner: Any = get_nullable_type(type_)
        match value:
            case Name():
                return value
            case dict():
                fields = (f"{key}: {self.written(inner.fields[key].type, of)}" for key, of in value.items())
                return f"{{{', '.join(fields)}}}"
            case list() if hasattr(inner, "of_type"):
                return f"[{', '.join(self.written(inner.of_type, of) for of in value)}]"
        return json.dumps(value)

    def selection(self, type_: Any, depth: int) -> str:
        """Return a selection of a composite type."""
        if is_leaf_type(type_):
            return ""
        if not isinstance(type_, GraphQLObjectType):
            other = self.draw(st.sampled_from(sorted(self.values.ids)))
            return f"{{ __typename id ... on {other} {self.selection(self.schema.get_type(other), depth)} }}"
        names = [name for name, told in type_.fields.items() if self._may_select(told, depth)]
        chosen = self.draw(st.lists(st.sampled_from(names), min_size=1, max_size=5)) if names else []
        parts = [self._field(type_, name, depth, number) for number, name in enumerate(chosen)]
        parts += ["__typename"] if not parts or self.draw(st.booleans()) else []
        return f"{{ {' '.join(parts)} }}"

    def _field(self, type_: GraphQLObjectType, name: str, depth: int, number: int) -> str:
        told = type_.fields[name]
        arguments = self.choices(told)
        key = f"a{number}"  # two fields under one key would have to agree in their arguments
        text = f"{key}: {name}{_call(arguments)} {self.selection(get_named_type(told.type), depth + 1)}"
        match self.draw(st.integers(0, 9)):
            case 0:
                return f"... on {type_.name} {{ {text} }}"
            case 1:
                self.fragments.append(f"fragment f{len(self.fragments)} on {type_.name} {{ {text} }}")
                return f"...f{len(self.fragments) - 1}"
            case 2:
                directive = self.draw(st.sampled_from(("include", "skip")))
                return f"... @{directive}(if: {self.variable('Boolean!', self.draw(st.booleans()))}) {{ {text} }}"
        return text

    def _may_select(self, told: Any, depth: int) -> bool:
        if any(is_required_argument(argument) for argument in told.args.values()):
            return False
        return is_leaf_type(get_named_type(told.type)) or depth < DEPTH_MAX

    def _fitting(self, told: Any) -> list[str]:
        name = get_named_type(told.type).name
        ids = self.values.ids
        return list(ids.values()) if name == "Node" else [ids[name]]


@st.composite
def documents(
    draw: DrawFn, schema: Any, roots: tuple[str, ...], ids: Mapping[str, str], *, fitting: bool = True
) -> Drawn:
    """Draw a query of one or two root fields.

    Args:
        ids: type name -> a global id.
        fitting: whether all values are in order.
    """
    writing = _Writing(draw, schema, Values(draw, ids, fitting))
    roots = tuple(name for name in roots if _can_ask(schema.query_type.fields[name], ids))
    first = draw(st.sampled_from(roots))
    parts = [writing.root(first)]
    if draw(st.booleans()):
        other = draw(st.sampled_from([name for name in roots if name != first]))
        parts.append(f"other: {writing.root(other).partition(': ')[2]}")
    head = f"query ({', '.join(writing.head)})" if writing.head else "query"
    text = f"{head} {{ {' '.join(parts)} }}"
    return Drawn("\n".join((text, *writing.fragments)), writing.variables)


def _call(arguments: list[str]) -> str:
    return f"({', '.join(arguments)})" if arguments else ""


def _can_ask(told: Any, ids: Mapping[str, str]) -> bool:
    if "id" in told.args:
        return get_named_type(told.type).name in {"Node", *ids}
    required = {name for name, argument in told.args.items() if is_required_argument(argument)}
    return required <= {"ids", "email"}
