"""The API is asked what no person would: documents and values that Schemathesis makes up from the schema.

Signed in as a workspace's owner, with a fixed seed. Nothing may break: every answer is a GraphQL response
below 500, and every error in it has a code that isn't ours to be ashamed of.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any, cast

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.graphql import nodes

from auth.budgets import Budget
from tests.waiting import HANGS_S
from tests.web.graphql.conftest import sign_in
from tests.web.serving import served
from tests.world import World

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1_800)]

CASES_MIN = 1_000
EXAMPLES = 6
"""Of each root field in each mode."""

LEFT_OUT = {"Mutation.signOut"}
"""It would end the session that asks."""

ANY_TEXT = st.text(max_size=40) | st.sampled_from(["", " ", "\u202e", "a@b@c", "\r\nBcc: x", "%s", "'; --"])
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "BigInt": (st.integers() | st.sampled_from([2**63, -(2**63) - 1, 10**30])).map(nodes.Int)
    | st.integers().map(str).map(nodes.String),
    "Credits": st.integers(min_value=-3, max_value=2**53 + 1).map(nodes.Int),
    "Cursor": ANY_TEXT.map(nodes.String),
    "Date": (st.dates().map(str) | ANY_TEXT).map(nodes.String),
    "DateTime": (
        st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
        | st.sampled_from(["2026-02-30T00:00:00Z", "10000-01-01T00:00:00Z", "2026-03-29T02:30:00"])
        | ANY_TEXT
    ).map(nodes.String),
    "EmailAddress": (st.emails() | ANY_TEXT).map(nodes.String),
    "JSON": ANY_TEXT.map(nodes.String)
    | st.integers().map(nodes.Int)
    | st.just(nodes.Object(fields=[]))
    | st.just(nodes.Null),
    "TimeZone": (st.sampled_from(["Europe/Berlin", "UTC", "../etc/passwd", "Nowhere"]) | ANY_TEXT).map(
        nodes.String
    ),
    "URL": (
        st.sampled_from(["https://example.com", "http://127.0.0.1/", "file:///etc/passwd", "https://a:b@c"])
        | ANY_TEXT
    ).map(nodes.String),
    "Upload": ANY_TEXT.map(nodes.String),
}


def _fuzz(url: str, token: str) -> tuple[Counter[str], list[str]]:
    """Ask every root field; returns how often each code was answered, and what was wrong."""
    for name, strategy in SCALARS.items():
        schemathesis.graphql.scalar(name, strategy)
    credentials = {"Authorization": f"Bearer {token}"}
    schema = schemathesis.graphql.from_url(f"{url}/graphql", headers=credentials, timeout=HANGS_S)
    codes: Counter[str] = Counter()
    wrong: list[str] = []
    for found in schema.get_all_operations():
        operation: Any = cast(Any, found).ok()
        if operation.label in LEFT_OUT:
            continue
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            _ask(operation, mode, url=url, token=token, codes=codes, wrong=wrong)
    return codes, wrong


def _ask(
    operation: Any, mode: GenerationMode, *, url: str, token: str, codes: Counter[str], wrong: list[str]
) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        credentials = {"Authorization": f"Bearer {token}"}
        answer = case.call(base_url=f"{url}/graphql", headers=credentials, timeout=HANGS_S)
        body = answer.json()
        told = [error["extensions"]["code"] for error in body.get("errors", ())]
        codes.update(told or ["fine"])
        if answer.status_code >= 500 or "INTERNAL_SERVER_ERROR" in told or "UNAUTHENTICATED" in told:
            wrong.append(f"{operation.label} {answer.status_code} {told}: {str(case.body)[:2_000]}")

    ask()


async def test_nothing_breaks(world: World) -> None:
    services = replace(world.services, budget=Budget(points_max=0, points_per_s=1))
    async with served(replace(world.app, services=services), explorer=()) as url:
        codes, wrong = await asyncio.to_thread(_fuzz, url, await sign_in(world))
    print(dict(codes.most_common()))
    assert wrong == []
    assert codes["fine"] > 100
    assert codes.total() >= CASES_MIN
