"""Every GraphQL example in the features' pages fits the schema."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from tests.world import SCHEMA

PAGES = sorted((Path(__file__).parents[2] / "docs" / "features").glob("*.md"))
EXAMPLES = [
    pytest.param(example, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, example in enumerate(re.findall(r"```graphql\n(.*?)```", page.read_text(), re.DOTALL), 1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_valid(example: str) -> None:
    assert validate(SCHEMA._schema, parse(example)) == []


def test_the_page_on_live_events_names_every_stream() -> None:
    page = (PAGES[0].parent / "live.md").read_text()
    listed = re.findall(r"^\| `(\w+)[^|]*\|", page, re.MULTILINE) + re.findall(r", `(\w+)` \|", page)
    assert sorted(listed) == sorted(SCHEMA._schema.subscription_type.fields)  # type: ignore[union-attr]
