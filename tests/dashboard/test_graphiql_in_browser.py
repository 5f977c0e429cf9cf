"""GraphiQL does the main things, and complains about nothing and asks nobody else while it does."""

import json
import secrets

import pytest

from domain.accounts import queries
from domain.workspaces.rules import Role
from tests.dashboard.conftest import READY, Explorer
from tests.steps.accounts import Account, mailed_link, new_account, set_up_link, sign_in
from tests.steps.happening import until_followed
from tests.world import World

pytestmark = pytest.mark.clients

INVITE = (
    "mutation ($email: EmailAddress!) { memberInvite(input: {email: $email, role: REP}) { errors { code } } }"
)
RENAME = 'mutation { workspaceUpdate(input: {name: "Acme"}) { errors { code } } }'
STORED = "JSON.stringify([localStorage, sessionStorage]) + document.cookie"


async def is_kept_nowhere(explorer: Explorer, secret: str) -> bool:
    """Whether address bar, history, storage and the next request's Referer are free of it."""
    entries = (await explorer.page.call("Page.getNavigationHistory"))["entries"]
    history = " ".join(entry["url"] for entry in entries)
    seen = await explorer.page.run(f"location.href + document.referrer + {STORED}")
    return secret not in history + seen


async def test_a_first_visitor_sees_the_docs_the_examples_and_how_to_sign_in(explorer: Explorer) -> None:
    page = explorer.page
    assert await page.run("document.title") == "GraphiQL · Plera"
    assert (
        await page.run("fetch(document.querySelector('link[rel=icon]').href).then((a) => a.status)")
    ) == 200
    assert await explorer.who() == "Sign in"
    assert "Sign in to run the examples" in await page.run("document.querySelector('.plera-pane').innerText")
    tabs = await page.run(
        "[...document.querySelectorAll('.graphiql-tab-button')].map((tab) => tab.innerText)"
    )
    assert tabs[:4] == ["WhoAmI", "CreateWorkspace", "FindLeads", "LaunchPlay"]

    await page.run("document.querySelector('[aria-label=\"Show Documentation Explorer\"]').click()")
    await page.until("document.querySelector('.graphiql-plugin').innerText.includes('Mutation')")
    await page.run("document.querySelector('[aria-label=\"Show GraphiQL Explorer\"]').click()")
    await page.until("document.querySelector('.graphiql-plugin').innerText.includes('viewer')")

    await explorer.choose_tab("FindLeads")
    assert "leads(first: 25" in await explorer.read(editor="operation.graphql")
    assert json.loads(await explorer.read(editor="variables.json")) == {"search": "head of sales"}
    await page.run("document.querySelector('.plera-who').click()")
    await page.until("document.querySelector('.plera-pane')")
    await explorer.assert_quiet()


async def test_the_printed_link_makes_the_first_owner_who_makes_a_workspace_and_asks(
    explorer: Explorer,
) -> None:
    link, email, password = await set_up_link(), f"{secrets.token_hex(6)}@example.com", "a walk by the sea"
    await explorer.open(fragment=f"#setup={link.text}")

    await explorer.submit("Make the first account", email=email, name="Ada", password="walks by the sea 1")
    await explorer.page.until(f"document.querySelector('.plera-who').innerText.includes({email!r})")
    await explorer.choose_tab("CreateWorkspace")
    given = json.loads(await explorer.read(editor="variables.json"))["input"]
    name = f"Acme {secrets.token_hex(3)}"
    await explorer.write(editor="variables.json", text=json.dumps({"input": {**given, "name": name}}))
    await explorer.run()
    made = await explorer.answer(about='"slug"')
    assert made["data"]["workspaceCreate"]["errors"] == []
    await explorer.page.until(f"document.querySelector('.plera-who').innerText === {f'{email} · {name}'!r}")

    await explorer.choose_tab("WhoAmI")
    await explorer.run()
    viewer = (await explorer.answer(about=email))["data"]["viewer"]
    assert [workspace["name"] for workspace in viewer["workspaces"]] == [name]
    await explorer.choose_tab("FindLeads")
    await explorer.run()
    assert (await explorer.answer(about="totalCount"))["data"]["leads"]["totalCount"] == 0

    assert await explorer.page.run("location.href") == f"{explorer.url}/graphiql"
    for secret in (link.text, "plera_s_", password, "walks by the sea 1"):
        assert await is_kept_nowhere(explorer, secret)
    assert (await explorer.page.call("Network.getCookies"))["cookies"] == []
    await explorer.assert_quiet()


async def test_a_refused_set_up_says_why_and_signs_nobody_in(explorer: Explorer) -> None:
    link = await set_up_link()
    await explorer.page.run(f"location.hash = 'setup={link.text}'")
    await explorer.submit("Make the first account", email="no", name="Ada", password="short")
    form = "[...document.forms].find((form) => form.elements.name)"
    assert await explorer.page.run(f"{form}.checkValidity()") is False  # the browser itself refuses

    await explorer.page.run(f"{form}.noValidate = true")
    await explorer.submit("Make the first account", email="a@example.com", name="Ada", password="short")

    await explorer.page.until(
        "document.querySelector('.plera-pane [role=alert]')?.textContent.includes('PASSWORD_TOO_WEAK')"
    )
    assert await explorer.who() == "Sign in"
    assert await is_kept_nowhere(explorer, link.text)


async def test_a_subscription_shows_what_happens_and_can_be_stopped(world: World, explorer: Explorer) -> None:
    owner = await queries.get_user(user_id=world.user_id)
    token = await sign_in(Account(id=world.user_id, email=owner["email"]))
    await explorer.submit("Use the token", token=token)
    await explorer.page.until("document.querySelector('.plera-who').innerText.includes('@')")

    await explorer.run("subscription Everything { workspaceEvents { seq type } }")
    await explorer.page.until(
        "document.querySelector('.graphiql-execute-button').ariaLabel.startsWith('Stop')"
    )
    await until_followed(world)
    await world.execute(RENAME)
    event = (await explorer.answer(about="workspaceEvents"))["data"]["workspaceEvents"]
    assert event["type"] == "WorkspaceUpdated"
    await explorer.page.run("document.querySelector('.graphiql-execute-button').click()")
    await explorer.page.until(
        "document.querySelector('.graphiql-execute-button').ariaLabel.startsWith('Execute')"
    )

    assert f"{explorer.url.replace('http', 'ws', 1)}/graphql" in explorer.page.addresses
    assert await is_kept_nowhere(explorer, token)
    await explorer.assert_quiet()


async def test_the_invited_person_signs_in_and_joins(world: World, explorer: Explorer) -> None:
    ada = await new_account()
    await world.execute(INVITE, {"email": ada.email})
    link = await mailed_link(ada.email, "INVITATION")
    await explorer.page.navigate(f"{explorer.url}{link}")
    await explorer.page.until("document.querySelector('a')")
    await explorer.page.run("document.querySelector('a').click()")
    await explorer.page.until(READY)
    assert "You were invited" in await explorer.page.run("document.querySelector('.plera-pane').innerText")

    await explorer.submit("Use the token", token=await sign_in(ada))
    await explorer.submit("Join the workspace")

    await explorer.page.until("document.querySelector('.plera-pane select')")
    [membership] = await queries.list_memberships(user_id=ada.id)
    assert (membership.workspace_id, membership.role) == (world.workspace_id, Role.REP)
    seen = await explorer.page.run(f"location.href + document.referrer + {STORED}")
    assert link.partition("=")[2] not in seen
    await explorer.assert_quiet()


async def test_headers_are_kept_only_when_asked_and_passwords_never(explorer: Explorer) -> None:
    page = explorer.page
    await explorer.write(editor="request-headers.json", text='{"X-Mine": "header one"}')
    await explorer.run(
        "mutation In($input: SignInInput!) { signIn(input: $input) { token errors { code } } }",
        {"input": {"email": "a@example.com", "password": 'kept in no " storage'}},
    )
    await explorer.answer(about="errors")
    await page.until("localStorage.getItem('graphiql:tabState')?.includes('mutation In')")
    await page.until("localStorage.getItem('graphiql:queries')?.includes('mutation In')")
    kept = await page.run(STORED)
    assert "header one" not in kept
    assert "kept in no" not in kept
    assert "storage" not in kept

    await page.run("document.querySelector('[aria-label=\"Open settings dialog\"]').click()")
    await page.until("document.querySelector('#enable-persist-headers')")
    await page.run("document.querySelector('#enable-persist-headers').click()")
    # GraphiQL writes each state of the tabs half a second late: one from before the tick may come after it, without
    # headers, but never after the state of a later change.
    headers = '{"X-Mine": "header two"}'
    await explorer.write(editor="request-headers.json", text=headers)
    await page.until("localStorage.getItem('graphiql:tabState').includes('header two')")
    await explorer.open()
    assert await explorer.read(editor="request-headers.json") == headers
    await explorer.assert_quiet()


async def test_staying_signed_in_survives_a_reload_and_ends_with_signing_out(explorer: Explorer) -> None:
    email, password = f"{secrets.token_hex(6)}@example.com", "a walk by the sea"
    await explorer.open(fragment=f"#setup={(await set_up_link()).text}")
    await explorer.submit("Make the first account", email=email, name="Ada", password=password)
    await explorer.page.until(f"document.querySelector('.plera-who').innerText === {email!r}")
    await explorer.open()
    assert await explorer.who() == "Sign in"

    await explorer.page.run("document.querySelector('[name=keep]').click()")
    await explorer.submit("Sign in", email=email, password=password)
    await explorer.page.until(f"document.querySelector('.plera-who').innerText === {email!r}")
    await explorer.open()
    await explorer.page.until(f"document.querySelector('.plera-who').innerText === {email!r}")

    token = await explorer.page.run("sessionStorage.getItem('plera.token')")
    await explorer.page.run("[...document.querySelectorAll('.plera-pane button')].at(-1).click()")
    await explorer.page.until("document.querySelector('.plera-who').innerText === 'Sign in'")
    await explorer.submit("Use the token", token=token)
    await explorer.page.until(
        "document.querySelector('.plera-pane [role=alert]')?.textContent.includes('UNAUTHENTICATED')"
    )
    assert await is_kept_nowhere(explorer, token)
