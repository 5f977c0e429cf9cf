import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Forbidden, Invalid
from domain.workspaces.rules import (
    WORKSPACE_STATES,
    LastOwner,
    Permission,
    Role,
    WorkspaceStatus,
    can_assign,
    may_send,
    parse_slug,
    permissions_of,
    require_assignable,
    require_owner_left,
    require_role_of_people,
    roles_with,
    suggest_slug,
)

P, R = Permission, Role


def test_everybody_but_a_build_pipeline_reads_and_the_owner_may_everything() -> None:
    assert roles_with(P.READ) == set(Role) - {R.PUBLISHER}
    assert permissions_of(R.PUBLISHER) == {P.PUBLISH_DOCUMENTS}
    assert permissions_of(R.OWNER) == set(Permission)
    assert permissions_of(R.READ_ONLY) == {P.READ}


def test_people_have_every_role_but_a_build_pipeline_s() -> None:
    for role in set(Role) - {R.PUBLISHER}:
        require_role_of_people(role)
    with pytest.raises(Invalid, match="for tokens"):
        require_role_of_people(R.PUBLISHER)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (P.WRITE_STRATEGY, {R.OWNER, R.ADMIN, R.MANAGER}),
        (P.WRITE_PLAYS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP}),
        (P.WRITE_SEQUENCES, {R.OWNER, R.ADMIN, R.MANAGER, R.REP}),
        (P.LAUNCH_RUNS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP}),
        (P.CONTROL_RUNS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP}),
        (P.WRITE_LEADS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP}),
        (P.IMPORT_LEADS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP}),
        (P.EXPORT_LEADS, {R.OWNER, R.ADMIN, R.MANAGER, R.ANALYST, R.PRIVACY_OFFICER}),
        (P.EDIT_MESSAGES, {R.OWNER, R.ADMIN, R.MANAGER, R.REP, R.REVIEWER}),
        (P.APPROVE_MESSAGES, {R.OWNER, R.ADMIN, R.MANAGER, R.REP, R.REVIEWER}),
        (P.HANDLE_REPLIES, {R.OWNER, R.ADMIN, R.MANAGER, R.REP}),
        (P.MANAGE_SENDERS, {R.OWNER, R.ADMIN, R.MANAGER}),
        (P.ADD_SUPPRESSIONS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP, R.REVIEWER, R.PRIVACY_OFFICER}),
        (P.LIFT_SUPPRESSIONS, {R.OWNER, R.ADMIN, R.MANAGER, R.PRIVACY_OFFICER}),
        (P.VIEW_CREDITS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP, R.ANALYST, R.BILLING}),
        (P.GRANT_CREDITS, {R.OWNER}),
        (P.MANAGE_BILLING, {R.OWNER, R.BILLING}),
        (P.OPEN_PRIVACY_REQUESTS, {R.OWNER, R.ADMIN, R.MANAGER, R.REP, R.REVIEWER, R.PRIVACY_OFFICER}),
        (P.HANDLE_PRIVACY_REQUESTS, {R.OWNER, R.ADMIN, R.PRIVACY_OFFICER}),
        (P.MANAGE_MEMBERS, {R.OWNER, R.ADMIN}),
        (P.MANAGE_TOKENS, {R.OWNER, R.ADMIN}),
        (P.PUBLISH_DOCUMENTS, {R.OWNER, R.ADMIN, R.PUBLISHER}),
        (P.MANAGE_WEBHOOKS, {R.OWNER, R.ADMIN}),
        (P.MANAGE_WORKSPACE, {R.OWNER, R.ADMIN}),
        (P.VIEW_AUDIT, {R.OWNER, R.ADMIN, R.PRIVACY_OFFICER}),
    ],
)
def test_the_matrix(permission: Permission, roles: set[Role]) -> None:
    assert roles_with(permission) == roles


def test_who_may_hand_out_which_role() -> None:
    assert [role for role in R if can_assign(actor=R.OWNER, present=None, wanted=role)] == list(R)
    assert [role for role in R if can_assign(actor=R.ADMIN, present=None, wanted=role)] == [
        role for role in R if role is not R.OWNER
    ]
    for actor in set(R) - {R.OWNER, R.ADMIN}:
        assert not any(can_assign(actor=actor, present=None, wanted=role) for role in R)


def test_an_admin_neither_removes_nor_demotes_an_owner() -> None:
    assert not can_assign(actor=R.ADMIN, present=R.OWNER, wanted=None)
    assert not can_assign(actor=R.ADMIN, present=R.OWNER, wanted=R.REP)
    assert can_assign(actor=R.ADMIN, present=R.ADMIN, wanted=R.REP)
    assert can_assign(actor=R.OWNER, present=R.OWNER, wanted=R.ADMIN)
    with pytest.raises(Forbidden):
        require_assignable(actor=R.ADMIN, present=R.ADMIN, wanted=R.OWNER)
    require_assignable(actor=R.OWNER, present=R.ADMIN, wanted=R.OWNER)


def test_the_last_owner_stays() -> None:
    require_owner_left(roles_after=[R.REP, R.OWNER])
    for roles in ([], [R.ADMIN, R.ADMIN]):
        with pytest.raises(LastOwner):
            require_owner_left(roles_after=roles)


def test_a_workspace_sends_until_it_is_suspended_or_closing() -> None:
    assert [status for status in WorkspaceStatus if may_send(status)] == [
        WorkspaceStatus.TRIAL,
        WorkspaceStatus.ACTIVE,
        WorkspaceStatus.PAST_DUE,
    ]


def test_a_purged_workspace_is_gone_and_only_a_closed_one_is_purged() -> None:
    assert WORKSPACE_STATES.is_terminal(WorkspaceStatus.PURGED)
    before = [state for state in WorkspaceStatus if WORKSPACE_STATES.allows(state, WorkspaceStatus.PURGED)]
    assert before == [WorkspaceStatus.CLOSED]


@pytest.mark.parametrize("slug", ["abc", "a-b", "acme-2", "0" * 40])
def test_a_good_slug(slug: str) -> None:
    assert parse_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "ab",
        "a" * 41,
        "Acme",
        "-acme",
        "acme-",
        "ac--me",
        "ac_me",
        "acmé",
        "ac me",
        "acme\n",
        "admin",
        "graphql",
    ],
)
def test_a_bad_slug_is_refused(slug: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_slug(slug)

    assert error.value.field == ("slug",)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme, Inc.", "acme-inc"),
        ("Bücher & Söhne GmbH", "bucher-sohne-gmbh"),
        ("AB", "ab-workspace"),
        ("Admin", "admin-workspace"),
        ("株式会社", "default-workspace"),
    ],
)
def test_a_slug_is_made_from_a_name(name: str, slug: str) -> None:
    assert suggest_slug(name) == slug


@settings(max_examples=100)
@given(name=st.text(max_size=80))
def test_every_suggestion_is_a_good_slug(name: str) -> None:
    suggestion = suggest_slug(name)

    assert parse_slug(suggestion) == suggestion
