"""The first of the two walls: every statement says itself which workspace it is about.

Row-level security stands behind it; a statement that leans on that alone is found here. SQL is taken from the string
literals of ``domain``, the tables from the migrations.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

HERE: Final = Path(__file__).parents[2]

ACROSS: Final = {
    "domain/accounts/queries.py": {"api_client", "api_token", "member"},
    "domain/credits/expiring.py": {"credit_grant", "credit_hold"},
    "domain/enrichment/caching.py": {"provider_call"},
    "domain/replies/cursors.py": {"sender", "mailbox_cursor"},
    "domain/sending/queries.py": {"delivery"},
    "domain/suppression/unsubscribing.py": {"message"},
    "domain/workspaces/counting.py": {"row_count"},
    "domain/workspaces/keys.py": {"data_key"},
    "domain/workspaces/queries.py": {"invitation"},
}
"""Look-ups across workspaces (``tests/domain/test_tenancy.py`` names their functions): they answer which workspace."""

_TABLE: Final = re.compile(r"(?:tenant_table\(\s*\"|CREATE TABLE |CREATE VIEW )(\w+)")
_PLATFORM: Final = re.compile(r"platform_table\(\s*\"(\w+)")
_USE: Final = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:ONLY\s+)?(\w+)")
_VERB: Final = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE)\b")
_ROOT: Final = re.compile(
    r"\bworkspace_id\s*=\s*(?:\$\d+|current_setting\('app\.workspace_id'\)::uuid|t\.workspace_id)"
    r"|\(\s*(?:\w+\.)?workspace_id,[^()]*\)\s*=\s*\(\s*\$\d+"
)
"""A predicate on a parameter or on the scope; joined tables follow by composite keys. ``t`` is the row of a statement
that a fragment is put into, which has its own."""
_WRITES: Final = re.compile(r"INSERT INTO \w+(?: AS \w+)?\s*\([^)]*\bworkspace_id\b")


class Statement(NamedTuple):
    """A piece of SQL and where it stands."""

    path: str
    line: int
    sql: str

    @property
    def tables(self) -> set[str]:
        return set(_USE.findall(self.sql)) & _tenant_tables()

    @property
    def names_its_workspace(self) -> bool:
        return bool(_ROOT.search(self.sql) or _WRITES.search(self.sql))


def _tenant_tables() -> set[str]:
    sql = "".join(path.read_text() for path in (HERE / "aerich_migrations" / "models").glob("0*.py"))
    return set(_TABLE.findall(sql)) - set(_PLATFORM.findall(sql)) - {"workspace"}


def _statements() -> Iterator[Statement]:
    for path in sorted((HERE / "domain").rglob("*.py")):
        yield from _statements_of(path.read_text(), name=str(path.relative_to(HERE)))


def _statements_of(source: str, *, name: str) -> Iterator[Statement]:
    tree = ast.parse(source)
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    inner |= set(_docstrings(tree))
    for node in ast.walk(tree):
        if id(node) not in inner and (text := _text(node)) is not None and _VERB.search(text):
            yield Statement(name, getattr(node, "lineno", 0), text)


def _docstrings(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            yield id(body[0].value)


def _text(node: ast.AST) -> str | None:
    """Return a literal's text, with ``{}`` for what an f-string fills in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def test_every_statement_about_a_tenants_table_names_its_workspace() -> None:
    leaning = [
        f"{found.path}:{found.line} {sorted(found.tables)}"
        for found in _statements()
        if found.tables - ACROSS.get(found.path, set()) and not found.names_its_workspace
    ]
    assert leaning == []


def test_no_exception_has_outlived_its_statement() -> None:
    used: dict[str, set[str]] = {}
    for found in _statements():
        if not found.names_its_workspace:
            used.setdefault(found.path, set()).update(found.tables)
    assert {path: tables & used.get(path, set()) for path, tables in ACROSS.items()} == ACROSS


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT id FROM run WHERE id = $1", False),
        ("SELECT r.workspace_id FROM run r WHERE r.id = $1", False),
        ("SELECT id FROM run r JOIN play p ON (p.workspace_id, p.id) = (r.workspace_id, r.play_id)", False),
        ("SELECT id FROM run WHERE (workspace_id, id) = ($1, $2)", True),
        ("SELECT id FROM run WHERE workspace_id = $1 AND id = $2", True),
        ("UPDATE run SET status = $2 WHERE id = $1", False),
        ("INSERT INTO run (id, workspace_id) VALUES ($1, $2)", True),
        ("INSERT INTO run (id, play_id) VALUES ($1, $2)", False),
    ],
)
def test_the_reader_tells_them_apart(sql: str, named: bool) -> None:
    [found] = _statements_of(f"QUERY = {sql!r}", name="x.py")
    assert found.tables & {"run"} == {"run"}
    assert found.names_its_workspace is named
