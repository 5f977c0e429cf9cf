"""What is remembered of callers is forgotten by every mutation that can change them: found by who may write about them."""

import re
from pathlib import Path
from typing import Any, Final

from strawberry.utils.str_converters import to_camel_case

from schema.root import FEATURES
from schema.scopes import may_change_callers

HERE: Final = Path(__file__).parents[2]

WRITERS: Final = {
    "domain/accounts/service.py",
    "domain/api_clients/service.py",
    "domain/sending/policy.py",
    "domain/workspaces/service.py",
}
"""Who writes accounts, sessions, memberships, clients, tokens and workspaces; sending only how much may be sent."""

_WRITES: Final = re.compile(
    r"(?:UPDATE|INSERT INTO|DELETE FROM)\s+(?:session|app_user|member|api_client|api_token|workspace)\b"
    r"|from domain\.(?:workspaces|api_clients)\.models import"
)
_CALLS: Final = re.compile(
    r"from domain\.(?:accounts|api_clients|workspaces)(?:\.service)? import (?:.*\b)?service\b"
)
_RESOLVERS: Final = re.compile(r"from resolvers(?:\.| import )([\w, ]+)")


def _matching(folder: str, pattern: re.Pattern[str]) -> set[str]:
    paths = (HERE / folder).rglob("*.py")
    return {str(path.relative_to(HERE)) for path in paths if pattern.search(path.read_text())}


def _mutations(module: Any) -> set[str]:
    return {
        to_camel_case(field.python_name)
        for name, value in vars(module).items()
        if name.endswith("Mutation") and value.__module__ == module.__name__
        for field in value.__strawberry_definition__.fields
    }


def _used_resolvers(module: Any) -> set[str]:
    source = Path(module.__file__).read_text()
    return {name.strip() for found in _RESOLVERS.findall(source) for name in found.split(",")}


def test_ordinary_work_changes_no_caller_and_whatever_is_unknown_may() -> None:
    may = ("sessionRevoke", "memberUpdate", "leadRestrict", "messageApprove", "__typename")
    assert [may_change_callers(name) for name in may] == [True, True, False, False, True]


def test_nobody_else_writes_about_callers() -> None:
    assert _matching("domain", _WRITES) == WRITERS


def test_mutations_that_reach_these_writers_may_change_callers() -> None:
    resolvers = {Path(path).stem for path in _matching("resolvers", _CALLS)}
    assert {"accounts", "api_tokens", "members", "workspaces"} <= resolvers
    reaching = set().union(
        *(_mutations(module) for module in FEATURES if _used_resolvers(module) & resolvers)
    )
    assert {"signOut", "memberRemove", "apiTokenRevoke", "workspaceCreate"} <= reaching
    assert {name for name in reaching if not may_change_callers(name)} == set()
