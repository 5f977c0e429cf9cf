"""Error codes are API: each stands for one thing, and docs/errors.md lists them all."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from domain.errors import DomainError

HERE = Path(__file__).parents[2]
LAYERS = ("domain", "auth", "resolvers", "integrations", "web", "operations")


def _errors(of: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for error in of.__subclasses__():
        yield error
        yield from _errors(error)


def _codes() -> list[str]:
    for layer in LAYERS:
        package = importlib.import_module(layer)
        for module in pkgutil.walk_packages(package.__path__, f"{layer}."):
            importlib.import_module(module.name)
    return [error.code for error in set(_errors())]


def test_every_error_has_a_code_of_its_own() -> None:
    assert [code for code, count in Counter(_codes()).items() if count > 1] == []


def test_every_code_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \|", (HERE / "docs" / "errors.md").read_text(), re.MULTILINE)
    assert sorted(set(_codes()) | FRONT_DOOR) == sorted(documented)


FRONT_DOOR = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "INTERNAL_SERVER_ERROR",
    "OPERATION_RESOLUTION_FAILURE",
    "QUERY_TOO_COMPLEX",
}
"""Codes of errors that no domain error stands behind."""
