"""The audits of the GraphQL-over-HTTP reference implementation."""

from collections import Counter

import pytest

from tests.clients.conftest import Node
from tests.web.graphql.conftest import sign_in
from tests.world import World

pytestmark = pytest.mark.clients

NEWER_THAN_THE_AUDIT = {
    "86EE": "its variable is never used, so the document doesn't validate: the first edition answers 422, the"
    " audit still wants its drafts' 400",
}


async def test_nothing_is_wrong_and_nothing_should_be_otherwise(
    world: World, server_url: str, node: Node
) -> None:
    results = await node("audit_http.mjs", f"{server_url}/graphql", await sign_in(world))
    wrong = {each["id"]: each["reason"] for each in results if each["status"] == "error"}
    odd = {each["id"]: each["reason"] for each in results if each["status"] == "warn"}
    assert wrong == {}
    assert set(odd) == set(NEWER_THAN_THE_AUDIT), odd
    assert Counter(each["status"] for each in results)["ok"] >= 42
