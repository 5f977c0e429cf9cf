"""Documents written from the schema itself, so that a field that comes tomorrow is asked, too."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLNamedType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
)

from schema.nodes import ENTITIES, entity_of, global_id
from tests.steps.leads import SentFile
from tests.world import World

Path = tuple[str, ...]
"""Where an argument stands: ("input", "source", "leads")."""

VALUES: dict[str, Callable[[], Any]] = {
    "String": lambda: "example.com",
    "Int": lambda: 1,
    "Float": lambda: 1.0,
    "Boolean": lambda: True,
    "Credits": lambda: 1,
    "BigInt": lambda: 1,
    "DateTime": lambda: "2099-01-01T00:00:00Z",
    "Date": lambda: "2099-01-01",
    "EmailAddress": lambda: "somebody@example.com",
    "URL": lambda: "https://example.com/",
    "TimeZone": lambda: "Europe/Berlin",
    "JSON": dict,
    "Upload": lambda: SentFile(b"email\nsomebody@example.com\n"),
}
DEPTH_MAX = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One root field, asked with an id at one place (or with no id at all).

    Attributes:
        given: values of arguments, which go before invented ones.
    """

    operation: str
    name: str
    root: GraphQLField
    place: Path = ()
    given: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> str:
        """Return the operation; every argument is a variable."""
        used = {name: arg for name, arg in self.root.args.items() if self._is_used(name, arg)}
        head = ", ".join(f"${name}: {arg.type}" for name, arg in used.items())
        call = ", ".join(f"{name}: ${name}" for name in used)
        selection = _selection(get_named_type(self.root.type), depth=0)
        return (
            f"{self.operation} {f'({head})' if head else ''} "
            f"{{ {self.name}{f'({call})' if call else ''} {selection} }}"
        )

    def variables(self, id_at: Callable[[Path], str], *, key: str) -> dict[str, Any]:
        """Return sensible arguments; ``id_at`` says which id stands where, ``key`` is the idempotency key."""
        return {
            name: self.given.get(name) or self._value(arg.type, (name,), id_at, key)
            for name, arg in self.root.args.items()
            if self._is_used(name, arg)
        }

    def _is_used(self, name: str, arg: GraphQLArgument) -> bool:
        return is_required_argument(arg) or self.place[:1] == (name,) or name in self.given

    def _value(self, type_: Any, path: Path, id_at: Callable[[Path], str], key: str) -> Any:
        type_ = get_nullable_type(type_)
        if is_list_type(type_):
            return [self._value(type_.of_type, path, id_at, key)]
        if type_.name == "ID":
            return id_at(path)
        if is_enum_type(type_):
            return next(iter(type_.values))
        if not is_input_object_type(type_):
            return VALUES[type_.name]()
        values = {
            name: self._value(told.type, (*path, name), id_at, key)
            for name, told in type_.fields.items()
            if is_required_input_field(told) or self.place[: len(path) + 1] == (*path, name)
        }
        if not values and type_.extensions["strawberry-definition"].is_one_of:
            name, told = next(iter(type_.fields.items()))
            values = {name: self._value(told.type, (*path, name), id_at, key)}
        return values | ({"idempotencyKey": key} if "idempotencyKey" in type_.fields else {})


def questions(operation: str, root: Any) -> Iterator[Question]:
    """Yield every root field once per place where an id may stand, and once without."""
    for name, asked in root.fields.items():
        places = [path for arg, told in asked.args.items() for path in _id_places(told.type, (arg,), ())]
        for place in places or [()]:
            yield Question(operation, name, asked, place)


def everything_below(root: GraphQLField) -> str:
    """Return a selection of all that needs no argument, a few levels deep."""
    return _selection(get_named_type(root.type), depth=0)


def _id_places(type_: Any, path: Path, seen: tuple[str, ...]) -> Iterator[Path]:
    named = get_named_type(type_)
    if named.name == "ID":
        yield path
    elif is_input_object_type(named) and named.name not in seen:
        for name, told in named.fields.items():
            yield from _id_places(told.type, (*path, name), (*seen, named.name))


def _selection(type_: GraphQLNamedType, *, depth: int) -> str:
    """Select all that needs no argument, a few levels deep."""
    if is_leaf_type(type_):
        return ""
    parts = ["__typename"]
    if is_object_type(type_):
        for name, told in type_.fields.items():
            inner = get_named_type(told.type)
            if any(is_required_argument(arg) for arg in told.args.values()):
                continue
            if is_leaf_type(inner) or depth < DEPTH_MAX - (name not in {"nodes", "errors"}):
                parts.append(f"{name} {_selection(inner, depth=depth + 1)}")
    elif "id" in getattr(type_, "fields", {}):
        parts.append("id")
    elif "code" in getattr(type_, "fields", {}):
        parts += ["code", "message", "field"]
    return f"{{ {' '.join(parts)} }}"


async def one_of_each(world: World) -> dict[str, str]:
    """Return one id of every kind, of what is still alive if there is a choice."""
    found = {"user": global_id("user", world.user_id)}
    connection = await asyncpg.connect(world.app.settings.database_url)
    for prefix, type_ in ENTITIES.items():
        table, tenant = entity_of(type_).table, entity_of(type_).tenant
        id_ = await connection.fetchval(
            f"SELECT id FROM {table} t WHERE {tenant} = $1 "
            "ORDER BY (to_jsonb(t) ->> 'status' = 'ACTIVE') DESC NULLS LAST, id LIMIT 1",
            world.workspace_id,
        )
        if id_ is not None:
            found[prefix] = global_id(prefix, id_)
    if session := await connection.fetchval("SELECT id FROM session WHERE user_id = $1", world.user_id):
        found["sess"] = f"sess_{session}"
    await connection.close()
    return found
