"""What the SDL shows beside types: who may, what it costs, and what tells about a person."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from domain.privacy.columns import REGISTRY
from domain.privacy.data_classes import Column as RegisteredColumn
from domain.privacy.data_classes import DataClass
from domain.workspaces.rules import Permission
from resolvers.reading.describe import Column
from schema.rights import RightsFirst
from schema.scopes import scopes_of
from schema.weights import weight_of

PERSONAL: Final = (DataClass.CONTACT, DataClass.IDENTITY, DataClass.CONTENT, DataClass.BEHAVIOUR)
"""Classes that tell about a person, the plainest first."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The caller's role or token must allow all of these; else the answer is FORBIDDEN.",
)
class RequiresScope:
    """Who may ask."""

    scopes: list[Permission]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Points that the field costs beside the objects it answers, of which each costs 1.",
)
class Cost:
    """What a field costs by itself."""

    weight: int


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="pii",
    description="The field tells about a person; an access bundle shows it, and an erasure deals with it.",
)
class Pii:
    """A field with personal data."""

    class_: DataClass = strawberry.directive_field(name="class")


def direct_roots(roots: Iterable[type]) -> None:
    """Show on the fields of the root types who may ask them and what they cost, and hold callers to it."""
    for root in roots:
        for field in _fields(root):
            name = _api_name(field.python_name)
            declared = field.metadata.get("permission")
            scopes = [declared] if declared else [*scopes_of(name)]
            weight = weight_of(_definition(root).name, name)
            _show(field, [RequiresScope(scopes=scopes)] if scopes else [])
            if scopes and not (declared or field.is_subscription or field.extensions):
                field.extensions = [RightsFirst()]
            _show(field, [Cost(weight=weight)] if weight else [])


def direct_entities(entities: Iterable[Any]) -> None:
    """Show on the fields of entities what the registry of columns says of the columns they read."""
    for type_ in entities:
        for field in _fields(type_):
            columns = _columns_of(field, table=type_.__entity__.table)
            classes = {column.data_class for column in columns}
            found = [data_class for data_class in PERSONAL if data_class in classes]
            _show(field, [Pii(class_=found[0])] if found else [])


def _show(field: StrawberryField, directives: list[Any]) -> None:
    """Add directives that the field doesn't have; a schema is built more than once."""
    kinds = {type(directive) for directive in field.directives}
    field.directives = [
        *field.directives,
        *(directive for directive in directives if type(directive) not in kinds),
    ]


def _columns_of(field: StrawberryField, *, table: str) -> Iterator[RegisteredColumn]:
    """Yield what is registered of the columns that a field is read from."""
    reading = field.metadata.get("reading")
    sql = (reading.sql or f"t.{field.python_name}") if isinstance(reading, Column) else ""
    tables = {"t": table} | {alias: name for name, alias in _FROM.findall(sql)}
    named = {("t", name) for name in field.metadata.get("needs", ())} | set(_COLUMN.findall(sql))
    for alias, name in named:
        registered = REGISTRY.get(tables.get(alias, ""), {}).get(name)
        if registered is not None:
            yield registered


_FROM: Final = re.compile(r"\bFROM (\w+) (\w+)")
_COLUMN: Final = re.compile(r"\b(\w+)\.(\w+)")


def _definition(type_: Any) -> Any:
    return type_.__strawberry_definition__


def _fields(type_: Any) -> list[StrawberryField]:
    fields: list[StrawberryField] = _definition(type_).fields
    return fields


def _api_name(python_name: str) -> str:
    head, *rest = python_name.split("_")
    return head + "".join(word.capitalize() for word in rest)
