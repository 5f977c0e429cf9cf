"""What the SDL says of a field is what happens: who may ask it, what it costs, what it tells about people."""

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from graphql import parse

from domain.workspaces.rules import Permission, Role, permissions_of
from schema.cost import measure
from tests.steps.exploring import Path, Question, questions
from tests.world import SCHEMA, World, ask

ROOT: Any = SCHEMA._schema
SDL = SCHEMA.as_str()

MISSING = "01930000-0000-7000-8000-000000000001"

OWN = {"signUp", "setUp", "emailVerify", "passwordResetRequest", "passwordReset", "signIn", "signOut"} | {
    *("sessionRevoke", "workspaceCreate", "invitationAccept", "viewer", "node", "nodes", "rateLimit")
}
"""What needs no right in a workspace, or the right to the kind of object that an id names."""

BESIDE: dict[str, dict[str, Any]] = {
    "memberInvite": {"role": "READ_ONLY"},  # nobody gives away more than they have
    "memberUpdate": {"role": "READ_ONLY"},
    "apiTokenCreate": {"role": "READ_ONLY"},
}
"""What a field wants beside its required arguments before it asks who is calling once more."""

ASKED = {
    question.name: replace(question, place=())
    for operation, root in (("query", ROOT.query_type), ("mutation", ROOT.mutation_type))
    for question in questions(operation, root)
}


def _directives(type_: str, field: str) -> dict[str, dict[str, Any]]:
    of_type = ROOT.type_map[type_].fields[field]
    shown = of_type.extensions["strawberry-definition"].directives
    return {type(directive).__name__: vars(directive) for directive in shown}


def _scopes(question: Question) -> set[Permission]:
    directives = _directives(question.operation.capitalize(), question.name)
    return set(directives.get("RequiresScope", {}).get("scopes", ()))


@pytest.mark.parametrize("name", sorted(ASKED.keys() - OWN))
async def test_exactly_the_roles_with_the_scopes_may_ask(world: World, name: str) -> None:
    question = ASKED[name]
    scopes = _scopes(question)
    assert scopes, "every field of a workspace says whom it is for"
    variables = await _sensible(world, question)
    for role in Role:
        codes = {code for code, _ in await _refused(world, question, variables, role)}
        assert ("FORBIDDEN" in codes) is not (scopes <= permissions_of(role)), (role, codes)


@pytest.mark.parametrize(
    "name", sorted(name for name in ASKED.keys() - OWN if ASKED[name].operation == "mutation")
)
async def test_rights_come_before_ids(world: World, name: str) -> None:
    """Who may not ask hears that, and nothing of what else is wrong."""
    question = ASKED[name]
    variables = question.variables(lambda _: "nonsense", key=str(uuid4()))
    for role in Role:
        if not _scopes(question) <= permissions_of(role):
            codes = [code for code, _ in await _refused(world, question, variables, role)]
            assert codes == ["FORBIDDEN"], role


async def _sensible(world: World, question: Question) -> dict[str, Any]:
    """Return arguments whose ids are of the right kinds, learnt from what is said of wrong ones."""
    kinds: dict[str, str] = {}

    def id_at(path: Path) -> str:
        return f"{kinds.get(path[-1], 'x')}_{MISSING}"

    while True:
        variables = question.variables(id_at, key=str(uuid4()))
        if "input" in variables:
            variables["input"] |= BESIDE.get(question.name, {})
        refused = await _refused(world, question, variables, Role.OWNER)
        learnt = {
            field[-1]: found[1]
            for _, (message, field) in refused
            if field and (found := re.search(r"those start with (\w+)_", message))
        }
        if not learnt.items() - kinds.items():
            return variables
        kinds |= learnt


async def _refused(
    world: World, question: Question, variables: dict[str, Any], role: Role
) -> list[tuple[str, tuple[str, list[str]]]]:
    """Return code, message and field of each error."""
    answer = await ask(question.document(), variables, context=world.context(role=role))
    on_top = [(error["message"], error["extensions"]) for error in answer.errors]
    payload = (answer.data or {}).get(question.name)
    inside = payload.get("errors", []) if isinstance(payload, dict) else []
    return [
        *((told["code"], (message, told.get("field", []))) for message, told in on_top),
        *((error["code"], (error["message"], error["field"])) for error in inside),
    ]


def test_subscriptions_say_whom_they_are_for() -> None:
    silent = [
        name
        for name in ROOT.subscription_type.fields
        if "RequiresScope" not in _directives("Subscription", name)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("mutation { signOut { errors { code } } }", 10),
        ("{ auditVerify { ok } }", 500),
        ("{ eventTypes }", 0),
        ("mutation { a: signOut { errors { code } } b: signOut { errors { code } } }", 20),
    ],
)
def test_what_a_field_costs_by_itself_is_charged(text: str, weight: int) -> None:
    definition: Any = parse(text).definitions[0]
    assert measure(definition, schema=ROOT, fragments={}, sizes={}).fixed == weight


def test_every_mutation_shows_its_cost() -> None:
    weights = {name: _directives("Mutation", name)["Cost"]["weight"] for name in ROOT.mutation_type.fields}
    assert {name: weight for name, weight in weights.items() if weight != 10} == {"documentsPublish": 500}
    assert _directives("Query", "auditVerify")["Cost"] == {"weight": 500}


@pytest.mark.parametrize(
    ("field", "data_class"),
    [
        ("Lead.email", "CONTACT"),
        ("Lead.fullName", "IDENTITY"),
        ("Lead.customFields", "CONTENT"),
        ("Lead.version", None),
        ("Member.email", "CONTACT"),
        ("Member.name", "IDENTITY"),
        ("Message.textBody", "CONTENT"),
        ("Run.seed", None),
        ("Sender.address", None),
    ],
)
def test_a_field_says_what_the_registry_says_of_its_column(field: str, data_class: str | None) -> None:
    shown = _directives(*field.split(".")).get("Pii")
    assert (shown["class_"].value if shown else None) == data_class


def test_directives_stand_in_the_sdl_once() -> None:
    assert "email: EmailAddress @pii(class: CONTACT)" in SDL
    assert re.search(
        r"leadImport\([^)]*\): ImportJobPayload! @requiresScope\(scopes: \[IMPORT_LEADS\]\) @cost\(weight: 10\)",
        SDL,
    )
    assert "@pii(class: CONTACT) @pii" not in SDL
