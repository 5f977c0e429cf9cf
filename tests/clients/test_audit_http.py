"""The audits of the GraphQL-over-HTTP reference implementation."""

from collections import Counter

import pytest

from tests.clients.conftest import Node
from tests.web.graphql.conftest import sign_in
from tests.world import World

pytestmark = pytest.mark.clients


async def test_nothing_is_wrong_and_nothing_should_be_otherwise(
    world: World, server_url: str, node: Node
) -> None:
    results = await node("audit_http.mjs", f"{server_url}/graphql", await sign_in(world))
    wrong = {each["id"]: each["reason"] for each in results if each["status"] == "error"}
    odd = {each["id"]: each["reason"] for each in results if each["status"] == "warn"}
    assert wrong == {}
    assert odd == {}
    assert Counter(each["status"] for each in results)["ok"] >= 43
