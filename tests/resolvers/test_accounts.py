"""Accounts through the API: sign up, prove, sign in, reset, and what the links are good for."""

import re
import secrets
from dataclasses import replace
from itertools import count
from typing import Any

from argon2 import PasswordHasher

from auth.passwords import PasswordChecker
from domain import tenancy
from domain.accounts import queries, service
from domain.workspaces.rules import Role
from operations import first_owner
from resolvers.context import Context
from tests.world import World, ask

PASSWORD = "a password nobody has"
SIGN_UP = "mutation ($i: SignUpInput!) { signUp(input: $i) { errors { code field } } }"
SIGN_IN = "mutation ($i: SignInInput!) { signIn(input: $i) { token errors { code } } }"

_numbers = count(1)


def _nobody(world: World, *, sign_up_open: bool = True) -> Context:
    context = world.context(role=None)
    context.caller.ip = f"192.0.2.{next(_numbers)}"  # each has its own tries
    ports = replace(world.services.ports, sign_up_open=sign_up_open)
    context.services = replace(world.services, ports=ports)
    return context


async def _run(context: Context, document: str, **variables: Any) -> Any:
    answer = await ask(document, variables, context=context)
    if answer.errors:
        return answer.codes
    assert answer.data is not None
    return next(iter(answer.data.values()))


async def _mailed_token(address: str) -> str:
    async with tenancy.across_workspaces() as connection:
        body = await connection.fetchval(
            "SELECT body FROM platform_mail WHERE to_address = $1 ORDER BY created_at DESC LIMIT 1", address
        )
    found = re.search(r"plera_o_[\w-]+", body or "")
    assert found is not None, body
    return found[0]


def _account() -> dict[str, str]:
    return {"email": f"{secrets.token_hex(6)}@example.com", "password": PASSWORD, "name": "Grace"}


async def test_an_account_is_of_use_once_its_address_is_proven(world: World) -> None:
    account = _account()
    login = {"email": account["email"].upper(), "password": PASSWORD}
    assert await _run(_nobody(world), SIGN_UP, i=account) == {"errors": []}
    assert await _run(_nobody(world), SIGN_IN, i=login) == ["SIGN_IN_REFUSED"]

    token = await _mailed_token(account["email"])
    verify = "mutation ($t: String!) { emailVerify(token: $t) { errors { code } } }"
    assert await _run(_nobody(world), verify, t=token) == {"errors": []}
    assert await _run(_nobody(world), verify, t=token) == {"errors": [{"code": "LINK_INVALID"}]}

    signed_in = await _run(_nobody(world), SIGN_IN, i=login)
    assert signed_in["token"].startswith("plera_s_")
    assert await _run(_nobody(world), SIGN_IN, i={**login, "password": "wrong " * 3}) == ["SIGN_IN_REFUSED"]


async def test_a_new_password_comes_by_mail_and_the_old_one_is_gone(world: World) -> None:
    account = _account()
    await _run(_nobody(world), SIGN_UP, i=account)
    request = "mutation ($e: EmailAddress!) { passwordResetRequest(email: $e) { errors { code } } }"
    assert await _run(_nobody(world), request, e=account["email"]) == {"errors": []}
    assert await _run(_nobody(world), request, e="nobody-at-all@example.com") == {"errors": []}

    reset = (
        "mutation ($t: String!, $p: String!) { passwordReset(token: $t, password: $p) { errors { code } } }"
    )
    token = await _mailed_token(account["email"])
    assert await _run(_nobody(world), reset, t=token, p="another password of mine") == {"errors": []}
    login = {"email": account["email"], "password": PASSWORD}
    assert await _run(_nobody(world), SIGN_IN, i=login) == ["SIGN_IN_REFUSED"]
    signed_in = await _run(_nobody(world), SIGN_IN, i={**login, "password": "another password of mine"})
    assert signed_in["errors"] == []


async def _stored_hash(address: str) -> str:
    user = await queries.find_user_by_email(email=address)
    assert user is not None
    return str(user["secret_hash"])


async def test_a_sign_in_renews_a_hash_of_older_parameters_once(world: World) -> None:
    older = PasswordChecker(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    email, old = f"{secrets.token_hex(6)}@example.com", await older.hash(PASSWORD)
    await service.create_user(
        email=email, name="Grace", password_hash=old, verified_at=world.now(), now=world.now()
    )

    wrong = await _run(_nobody(world), SIGN_IN, i={"email": email, "password": "wrong " * 3})
    assert (wrong, await _stored_hash(email)) == (["SIGN_IN_REFUSED"], old)
    login = {"email": email, "password": PASSWORD}
    assert (await _run(_nobody(world), SIGN_IN, i=login))["errors"] == []
    renewed = await _stored_hash(email)
    assert not world.services.passwords.needs_rehash(renewed)
    assert (await _run(_nobody(world), SIGN_IN, i=login))["errors"] == []
    assert await _stored_hash(email) == renewed


async def test_a_closed_installation_lets_in_whom_somebody_invited(world: World) -> None:
    account = _account()
    assert await _run(_nobody(world, sign_up_open=False), SIGN_UP, i=account) == {
        "errors": [{"code": "SIGN_UP_CLOSED", "field": []}]
    }
    invite = (
        "mutation ($e: EmailAddress!) { memberInvite(input: {email: $e, role: REP}) { errors { code } } }"
    )
    assert await world.execute(invite, {"e": account["email"]}) == {"memberInvite": {"errors": []}}
    invitation = await _mailed_token(account["email"])
    closed = _nobody(world, sign_up_open=False)
    assert await _run(closed, SIGN_UP, i={**account, "invitation": invitation}) == {"errors": []}


async def test_the_set_up_link_survives_an_address_that_is_taken(world: World) -> None:
    account = _account()
    await _run(_nobody(world), SIGN_UP, i=account)
    token = await _set_up_token(world)
    set_up = "mutation ($i: SetUpInput!) { setUp(input: $i) { token errors { code } } }"
    taken = await _run(_nobody(world), set_up, i={**account, "token": token})
    assert taken == {"token": None, "errors": [{"code": "EMAIL_TAKEN"}]}
    owner = await _run(_nobody(world), set_up, i={**_account(), "token": token})
    assert (owner["errors"], owner["token"][:8]) == ([], "plera_s_")
    again = await _run(_nobody(world), set_up, i={**_account(), "token": token})
    assert again == {"token": None, "errors": [{"code": "LINK_INVALID"}]}


async def _set_up_token(world: World) -> str:
    from auth.tokens import TokenKind, issue_token
    from domain.accounts import service
    from domain.accounts.rules import LinkPurpose

    assert await first_owner.set_up_link() is None  # somebody has an account: no link is printed any more
    token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
    await service.create_link(purpose=LinkPurpose.SETUP, user_id=None, token_hash=token.hash, now=world.now())
    return token.text


async def test_only_who_manages_members_may_invite(world: World) -> None:
    invite = 'mutation { memberInvite(input: {email: "x@example.com", role: REP}) { errors { code } } }'
    assert await world.refused(invite, role=Role.REP) == ["FORBIDDEN"]


async def test_a_role_of_tokens_is_given_to_nobody(world: World) -> None:
    await world.member(Role.REP)
    found = await world.execute("{ members(where: {role: {eq: REP}}) { nodes { id } } }")
    text = """
    mutation ($id: ID!) {
      memberInvite(input: {email: "x@example.com", role: PUBLISHER}) { errors { code field } }
      memberUpdate(input: {id: $id, role: PUBLISHER}) { errors { code field } }
    }
    """
    refused = {"errors": [{"code": "BAD_USER_INPUT", "field": ["role"]}]}
    answers = await world.execute(text, {"id": found["members"]["nodes"][0]["id"]})
    assert answers == {"memberInvite": refused, "memberUpdate": refused}
    assert await world.fetch("SELECT id FROM invitation") == []
