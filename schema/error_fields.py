"""Which input value an error is about, as a path that a form can use: `["input", "email"]`."""

import re
from collections.abc import Iterator
from typing import Final

from graphql import ArgumentNode, GraphQLError, ListValueNode, Node, ObjectFieldNode, parse

from domain.errors import DomainError

_OF_VARIABLE: Final = re.compile(r"Variable '\$(\w+)' has invalid value(?: at (\S+))?: ")
_OF_ARGUMENT: Final = re.compile(r"Argument '[\w.]+\((\w+):\)'")
_MISSING_OR_UNKNOWN: Final = re.compile(r" (?:required|unknown) field '(\w+)'")


def camel_path(path: tuple[str, ...] | list[str]) -> list[str]:
    """Return a path as the API spells it."""
    return [
        head + "".join(word.capitalize() for word in rest)
        for head, *rest in (part.split("_") for part in path)
    ]


def is_about_a_variable(error: GraphQLError) -> bool:
    """Tell whether a variable's value was refused before anything ran."""
    return _OF_VARIABLE.match(error.message) is not None


def field_of(error: GraphQLError) -> list[str]:
    """Return the path of the value that a top-level error is about; empty when it is about none.

    A path begins with the variable or the argument; places in lists count from 0.
    """
    if found := _OF_VARIABLE.match(error.message):
        parts = re.findall(r"\w+", found[2] or "")
        named = _MISSING_OR_UNKNOWN.search(error.message, found.end())
        return [found[1], *parts, *([named[1]] if named else [])]
    if error.path is None and (in_document := _of_literal(error)):
        return in_document
    if found := _OF_ARGUMENT.match(error.message):
        return [found[1]]
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return camel_path(original.field) if isinstance(original, DomainError) else []


def _of_literal(error: GraphQLError) -> list[str]:
    """Return the path of a value that stands in the document itself."""
    location = error.nodes[0].loc if error.nodes else None
    if location is None:
        return []
    return list(_names_around(parse(location.source), location.start))


def _names_around(node: Node, start: int) -> Iterator[str]:
    if isinstance(node, ArgumentNode | ObjectFieldNode):
        yield node.name.value
    for place, child in _children(node):
        if child.loc is not None and child.loc.start <= start < child.loc.end:
            if isinstance(node, ListValueNode):
                yield str(place)
            yield from _names_around(child, start)


def _children(node: Node) -> Iterator[tuple[int, Node]]:
    for key in node.keys:
        value = getattr(node, key, None)
        children = value if isinstance(value, list | tuple) else [value]
        yield from ((place, child) for place, child in enumerate(children) if isinstance(child, Node))
