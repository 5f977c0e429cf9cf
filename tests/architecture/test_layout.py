"""The rules of the house that import-linter can't see: they are about single modules, not packages."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
PACKAGES = (
    "schema",
    "resolvers",
    "auth",
    "domain",
    "jobs",
    "integrations",
    "web",
    "operations",
    "simulators",
)
MAY_IMPORT = {
    "main": set(),
    "wiring": {"main", "tests", "benchmarks"},
    "settings": {"main", "wiring", "operations", "tests"},
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "core"}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


FILES = [path for package in PACKAGES for path in sorted((HERE / package).rglob("*.py"))]


@pytest.mark.parametrize("module", sorted(MAY_IMPORT))
def test_only_its_users_import_a_top_level_module(module: str) -> None:
    offenders = [
        str(path.relative_to(HERE))
        for path in FILES
        if module in _imports(path) and path.relative_to(HERE).parts[0] not in MAY_IMPORT[module]
    ]
    assert offenders == []


def test_the_environment_is_read_by_the_settings_alone() -> None:
    def reads_environment(path: Path) -> bool:
        return any(
            isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
            for node in ast.walk(ast.parse(path.read_text()))
        )

    # the launcher hands a cleaned environment to the servers it starts
    allowed = {"operations/embedded/child.py"}
    offenders = {str(path.relative_to(HERE)) for path in FILES if reads_environment(path)} - allowed
    assert offenders == set()


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path.relative_to(HERE)) for path in FILES if path.stem in VAGUE] == []
