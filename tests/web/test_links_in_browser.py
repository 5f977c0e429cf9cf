"""The links that are printed and mailed, in a real browser against the real server."""

import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from domain.accounts import queries
from domain.accounts.rules import LinkPurpose
from tests.steps.accounts import mailed_link, new_account, one_time_link, set_up_link, sign_in
from tests.web.browser import CHROMIUM, Page, opened_page
from tests.world import World

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

EXAMPLES_THERE = "document.querySelectorAll('#examples button').length > 5"
TABS = "[...document.querySelectorAll('#examples button')].map((tab) => tab.textContent).join()"


@pytest_asyncio.fixture
async def page(server_url: str, tmp_path: Path) -> AsyncIterator[Page]:
    async with opened_page(f"{server_url}/graphiql", profile=tmp_path) as page:
        await page.until(EXAMPLES_THERE)
        yield page


async def is_kept_nowhere(page: Page, secret: str) -> bool:
    """Whether address bar, history, storage and the next request's Referer are free of it."""
    entries = (await page.call("Page.getNavigationHistory"))["entries"]
    history = " ".join(entry["url"] for entry in entries)
    seen = await page.run(
        "location.href + document.referrer + JSON.stringify([localStorage, sessionStorage])"
    )
    return secret not in history + seen


async def test_the_printed_link_makes_the_first_owner_and_signs_them_in(page: Page, server_url: str) -> None:
    link, email = await set_up_link(), f"{secrets.token_hex(6)}@example.com"
    assert "First owner" not in await page.run(TABS)
    await page.navigate("about:blank")
    await page.navigate(f"{server_url}/graphiql#setup={link.text}")
    await page.until(EXAMPLES_THERE)

    assert (await page.run(TABS)).startswith("First owner,")
    assert "Join the workspace" not in await page.run(TABS)
    given = json.loads(await page.run("variables.value"))["input"]
    assert (given.pop("token"), list(given)) == (link.text, ["email", "name", "password"])
    assert "setUp(" in await page.run("query.value")

    changed = json.dumps({"input": {**given, "token": link.text, "email": email}})
    await page.run(f"variables.value = {json.dumps(changed)}, run.click()")
    await page.until("docs.querySelector('h3')")
    assert await page.run("who.textContent") == email
    assert await page.run("variables.value") == ""
    assert await page.run("errors.textContent") == ""
    assert (await page.call("Network.getCookies"))["cookies"] == []

    await page.run("query.value = '{ viewer { user { email } } }', run.click()")
    await page.until("result.textContent.includes('viewer')")
    answer = json.loads(await page.run("result.textContent"))
    assert answer["data"] == {"viewer": {"user": {"email": email}}}
    assert await page.run("location.href") == f"{server_url}/graphiql"
    assert await is_kept_nowhere(page, link.text)
    assert page.complaints == []


async def test_a_set_up_that_is_refused_signs_nobody_in(page: Page) -> None:
    link = await set_up_link()
    await page.run(f"location.hash = 'setup={link.text}'")
    await page.until("variables.value.includes('plera_o_')")

    await page.run("variables.value = variables.value.replace(/at least[^\"]*/, 'short'), run.click()")

    await page.until("result.textContent.includes('PASSWORD_TOO_WEAK')")
    assert await page.run("who.textContent") == "not signed in"
    assert link.text in await page.run("variables.value")
    assert await is_kept_nowhere(page, link.text)


async def test_the_join_page_leads_to_the_explorer_where_the_invited_person_accepts(
    world: World, page: Page, server_url: str
) -> None:
    ada = await new_account()
    await world.execute(
        "mutation ($email: EmailAddress!) { memberInvite(input: {email: $email, role: REP}) { errors { code } } }",
        {"email": ada.email},
    )
    link = await mailed_link(ada.email, "INVITATION")
    await page.navigate(f"{server_url}{link}")
    await page.until("document.querySelector('a')")
    await page.run("document.querySelector('a').click()")
    await page.until(EXAMPLES_THERE)
    assert (await page.run(TABS)).startswith("Join the workspace,")
    assert "Sign up" in await page.run(TABS)
    assert await page.run("location.href + document.referrer") == f"{server_url}/graphiql"

    await page.run(f"token.value = {json.dumps(await sign_in(ada))}, pasted.requestSubmit()")
    await page.run("run.click()")

    await page.until('result.textContent.includes(\'"role": "REP"\')')
    [membership] = await queries.list_memberships(user_id=ada.id)
    assert membership.workspace_id == world.workspace_id
    assert page.complaints == []


async def test_the_reset_form_works_by_keyboard_and_fits_a_phone(server_url: str, tmp_path: Path) -> None:
    ada = await new_account()
    link = await one_time_link(ada, LinkPurpose.RESET_PASSWORD)
    async with opened_page(f"{server_url}{link}", profile=tmp_path, width=360) as page:
        await page.until("document.activeElement.labels")  # the focus comes when it is drawn
        assert await page.run("document.activeElement.labels[0].textContent") == "New password"
        assert await page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        await page.call("Input.insertText", text="short")
        await page.run("document.forms[0].requestSubmit()")
        assert await page.run("document.activeElement.validity.tooShort")

        await page.call("Input.insertText", text=" walks by the sea")
        await page.run("document.forms[0].requestSubmit()")
        await page.until("document.title === 'Your password is set'")
        # Chromium would like the address on the page, too; the page doesn't name anybody.
        assert [text for text in page.complaints if "username fields" not in text] == []
    user = await queries.find_user_by_email(email=ada.email)
    assert user is not None
    assert user["secret_hash"].startswith("$argon2id$")
