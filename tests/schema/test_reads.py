"""Every list of the API is chosen from in the same way."""

from typing import Any

import pytest
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLList, get_named_type

from tests.world import SCHEMA

ROOT: Any = SCHEMA._schema
LISTS = {
    name: field
    for name, field in ROOT.query_type.fields.items()
    if get_named_type(field.type).name.endswith("Connection")
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_can_be_filtered_sorted_and_paged(name: str) -> None:
    field: GraphQLField = LISTS[name]
    assert {"where", "orderBy", "first", "after", "last", "before"} <= field.args.keys()
    where, key = (get_named_type(field.args[argument].type) for argument in ("where", "orderBy"))
    assert isinstance(where, GraphQLInputObjectType)
    assert {"and", "or", "not"} <= where.fields.keys()
    assert isinstance(field.args["orderBy"].type, GraphQLList)
    assert isinstance(key, GraphQLInputObjectType)
    assert list(key.fields) == ["field", "direction", "nulls"]
