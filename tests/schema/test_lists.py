"""Every list of the API is chosen from in the same way, at the root and below objects."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLList, get_named_type

from tests.world import SCHEMA

ROOT: Any = SCHEMA._schema
CHOICES = ("where", "search", "orderBy")
SHORT = {
    "Message.approvals",
    "Play.senders",
    "PrivacyRequest.tasks",
    "Reply.bounces",
    "Reply.classifications",
    "Sequence.steps",
    "SequenceStep.variants",
}
"""Lists that fit on a page: they are paged, and nothing else."""


def _lists() -> Iterator[tuple[str, GraphQLField]]:
    for type_ in ROOT.type_map.values():
        for name, field in getattr(type_, "fields", {}).items():
            if "first" in getattr(field, "args", {}):
                yield f"{type_.name}.{name}", field


def _page(of: GraphQLField) -> str:
    return get_named_type(of.type).name


def _choices(of: GraphQLField) -> dict[str, tuple[str, str | None]]:
    return {name: (str(told.type), told.description) for name, told in of.args.items() if name in CHOICES}


LISTS = dict(_lists())
AT_ROOT = {_page(of): of for name, of in LISTS.items() if name.startswith("Query.")}


@pytest.mark.parametrize("name", sorted(LISTS.keys() - SHORT))
def test_a_list_can_be_filtered_sorted_and_paged(name: str) -> None:
    field = LISTS[name]
    assert {"where", "orderBy", "first", "after", "last", "before"} <= field.args.keys()
    where, key = (get_named_type(field.args[argument].type) for argument in ("where", "orderBy"))
    assert isinstance(where, GraphQLInputObjectType)
    assert {"and", "or", "not"} <= where.fields.keys()
    assert isinstance(field.args["orderBy"].type, GraphQLList)
    assert isinstance(key, GraphQLInputObjectType)
    assert list(key.fields) == ["field", "direction", "nulls"]


def test_a_list_below_an_object_is_chosen_from_like_the_one_at_the_root() -> None:
    below = {name: of for name, of in LISTS.items() if not name.startswith("Query.") and _page(of) in AT_ROOT}
    assert below.keys() == {
        *("Lead.messages", "Enrollment.messages", "Thread.replies", "ApiClient.tokens", "ApiClient.documents")
    }
    for name, of in below.items():
        assert _choices(of) == _choices(AT_ROOT[_page(of)]), name


@pytest.mark.parametrize("name", sorted(SHORT))
def test_a_short_list_is_only_paged(name: str) -> None:
    assert list(LISTS[name].args) == ["first", "after", "last", "before"]
