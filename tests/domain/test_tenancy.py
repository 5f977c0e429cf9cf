"""Who may look across workspaces: a named list, and nobody else."""

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[2]
LAYERS = ("domain", "resolvers", "auth", "jobs", "web", "integrations", "operations", "schema")

DOORS = {"across_workspaces", "looking_across_workspaces"}

IDENTITY = {
    "domain.accounts.mailing.claim_due",
    "domain.accounts.mailing.finish",
    "domain.accounts.mailing.put_back",
    "domain.accounts.queries.find_api_token",
    "domain.accounts.queries.find_session",
    "domain.accounts.queries.find_user_by_email",
    "domain.accounts.queries.get_user",
    "domain.accounts.queries.has_link",
    "domain.accounts.queries.has_users",
    "domain.accounts.queries.list_memberships",
    "domain.accounts.queries.list_sessions",
    "domain.accounts.service.close_session",
    "domain.accounts.service.create_link",
    "domain.accounts.service.create_user",
    "domain.accounts.service.open_session",
    "domain.accounts.service.queue_mail",
    "domain.accounts.service.renew_password_hash",
    "domain.accounts.service.reset_password",
    "domain.accounts.service.select_workspace",
    "domain.accounts.service.touch_session",
    "domain.accounts.service.use_setup_link",
    "domain.accounts.service.verify_email",
}
"""Accounts belong to no workspace."""

FIRST_PARTY = {
    "domain.api_clients.first_party.add_first_party_uses",
    "domain.api_clients.first_party.find_first_party_id",
    "domain.api_clients.first_party.find_first_party_text",
    "domain.api_clients.first_party.list_first_party",
    "domain.api_clients.first_party.move_first_party",
    "domain.api_clients.first_party.publish_first_party",
}
"""Documents of the installation's own programs belong to no workspace."""

SYSTEM_LOOKUPS = {
    "domain.credits.expiring.list_workspaces_due",
    "domain.enrichment.caching.give_up_lost_calls",
    "domain.privacy.mails.forget_mails",
    "domain.replies.cursors.find_due",
    "domain.replies.cursors.find_watchable",
    "domain.sending.queries.count_open_deliveries",
    "domain.sending.queries.list_deliveries_in_doubt",
    "domain.sending.queries.list_workspaces_with_due_deliveries",
    "domain.suppression.platform.add_platform_suppression",
    "domain.suppression.unsubscribing.find_origin",
    "domain.workspaces.counting.list_workspaces_to_fold",
    "domain.workspaces.keys.require_master_key",
    "domain.workspaces.keys.rewrap_data_keys",
    "domain.workspaces.queries.find_invitation",
    "domain.workspaces.queries.find_workspace_id",
    "domain.workspaces.queries.list_all_workspaces",
    "domain.workspaces.queries.list_workspaces",
    "jobs.queue.count_open",
    "jobs.queue.find_due",
    "jobs.queue.measure_overdue_s",
}
"""Find in which workspace there is work, how much of it there is in all, or to which one a token or a link leads; the work then goes on inside it."""


def _functions_that_look_across() -> Iterator[str]:
    for path in (path for layer in LAYERS for path in (HERE / layer).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _looks_across(node):
                yield ".".join((*path.relative_to(HERE).with_suffix("").parts, node.name))


def _looks_across(function: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in DOORS
        for node in ast.walk(function)
    )


def test_only_the_named_functions_look_across_workspaces() -> None:
    assert sorted(set(_functions_that_look_across())) == sorted(IDENTITY | FIRST_PARTY | SYSTEM_LOOKUPS)
