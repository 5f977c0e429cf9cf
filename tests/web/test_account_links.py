"""The links that are mailed: they lead to a page that asks, and its button does what the mail said."""

import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import structlog

from auth.tokens import TokenKind, issue_token
from domain import tenancy
from domain.accounts import queries, service
from domain.accounts.rules import LINK_LIFETIME, LinkPurpose
from domain.workspaces import service as workspaces
from domain.workspaces.rules import Role
from operations.logs import configure_logs
from tests.steps.accounts import Account, mailed_link, new_account, one_time_link, sign_in
from tests.waiting import HANGS_S
from tests.world import World

STRONG = "a long walk by the sea"
OWN = {"Origin": "http://127.0.0.1:8000"}
"""Where a browser says that our own page made a request."""


@pytest_asyncio.fixture
async def browser(server_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        yield client


@pytest_asyncio.fixture
async def ada() -> Account:
    """Has an account whose address isn't proven yet."""
    return await new_account()


async def open_links(world: World, account: Account) -> dict[str, str]:
    """One link of each kind that would work, by path."""
    verify = await one_time_link(account, LinkPurpose.VERIFY_EMAIL)
    reset = await one_time_link(account, LinkPurpose.RESET_PASSWORD)
    return {"/verify": verify, "/reset": reset, "/join": await invite(world, account.email)}


async def invite(world: World, email: str) -> str:
    await world.execute(
        "mutation ($email: EmailAddress!) { memberInvite(input: {email: $email, role: REP}) { errors { code } } }",
        {"email": email},
    )
    return await mailed_link(email, "INVITATION")


async def late_link(world: World, account: Account, path: str) -> str:
    """A link that ends this very moment."""
    if path == "/join":
        token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
        await workspaces.invite_member(
            actor=world.actor,
            email=account.email,
            role=Role.REP,
            token_hash=token.hash,
            now=world.now() - workspaces.INVITATION_LIFETIME,
        )
        return f"/join?token={token.text}"
    purpose = LinkPurpose.VERIFY_EMAIL if path == "/verify" else LinkPurpose.RESET_PASSWORD
    return await one_time_link(account, purpose, ago=LINK_LIFETIME[purpose])


def token_of(link: str) -> str:
    return link.partition("?token=")[2]


async def rows(account: Account) -> dict[str, Any]:
    """What a link could change."""
    async with tenancy.across_workspaces() as connection:
        links = "SELECT purpose, used_at FROM one_time_token WHERE user_id = $1 ORDER BY id"
        sessions = "SELECT revoked_at, revoked_reason FROM session WHERE user_id = $1"
        return {
            "links": await connection.fetch(links, account.id),
            "sessions": await connection.fetch(sessions, account.id),
            "user": await queries.find_user_by_email(email=account.email),
            "memberships": await queries.list_memberships(user_id=account.id),
        }


async def test_an_address_is_confirmed_by_the_mailed_link(world: World, browser: httpx2.AsyncClient) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    await world.execute(
        "mutation ($input: SignUpInput!) { signUp(input: $input) { errors { code } } }",
        {"input": {"email": email, "password": STRONG, "name": "Ada"}},
        role=None,
    )
    link = await mailed_link(email, LinkPurpose.VERIFY_EMAIL)

    page = await browser.get(link, headers={"Accept-Language": "de"})
    assert (page.status_code, "E-Mail-Adresse bestätigen" in page.text) == (200, True)
    assert f'<form method="post" action="{link}">' in page.text
    done = await browser.post(link)

    assert (done.status_code, "Your address is confirmed" in done.text) == (200, True)
    user = await queries.find_user_by_email(email=email)
    assert user is not None
    assert user["email_verified_at"] is not None
    assert (await browser.get(link)).status_code == (await browser.post(link)).status_code == 404


async def test_a_new_password_ends_every_session(
    world: World, browser: httpx2.AsyncClient, ada: Account
) -> None:
    await sign_in(ada)
    await world.execute(
        "mutation ($email: EmailAddress!) { passwordResetRequest(email: $email) { errors { code } } }",
        {"email": ada.email},
        role=None,
    )
    link = await mailed_link(ada.email, LinkPurpose.RESET_PASSWORD)
    assert 'type="password"' in (await browser.get(link)).text

    typed = "dünn & klar + 100% süß"
    done = await browser.post(link, data={"password": typed})

    assert (done.status_code, "set-cookie" in done.headers) == (200, False)
    after = await rows(ada)
    assert [row["revoked_reason"] for row in after["sessions"]] == ["PASSWORD_RESET"]
    stored = after["user"]["secret_hash"]
    assert await world.services.passwords.verify(typed, stored=stored)
    assert (await browser.post(link, data={"password": STRONG})).status_code == 404
    assert (await rows(ada))["user"]["secret_hash"] == stored


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"password": "short"}},
        {"data": {"password": "password1234"}},
        {"data": {"password": "long enough " * 100_000}},
        {"data": {"word": STRONG}},
        {"content": b"\xff\x00" * 40},
        {},
    ],
    ids=["short", "common", "too long", "another field", "garbage", "empty"],
)
async def test_a_weak_password_is_asked_for_again_and_the_link_still_works(
    browser: httpx2.AsyncClient, ada: Account, body: dict[str, Any]
) -> None:
    link = await one_time_link(ada, LinkPurpose.RESET_PASSWORD)
    await sign_in(ada)
    before = await rows(ada)

    page = await browser.post(link, headers={"Accept-Language": "fr"}, **body)

    assert page.status_code == 422
    assert "Ce mot de passe est trop faible" in page.text
    assert f'action="{link}"><label>Autre mot de passe<input type="password"' in page.text
    assert "value=" not in page.text
    assert await rows(ada) == before
    assert (await browser.post(link, data={"password": STRONG})).status_code == 200


@pytest.mark.parametrize("path", ["/verify", "/reset", "/join"])
async def test_nothing_but_post_changes_anything(
    world: World, browser: httpx2.AsyncClient, ada: Account, path: str
) -> None:
    link = (await open_links(world, ada))[path]
    cookie = {"Cookie": f"plera_session={await sign_in(ada)}", **OWN}
    before = await rows(ada)

    for method, status in {"GET": 200, "HEAD": 200, "OPTIONS": 405, "PUT": 405, "DELETE": 405}.items():
        answer = await browser.request(method, link, headers=cookie)
        assert (method, answer.status_code) == (method, status)
        assert (answer.content == b"") is (method == "HEAD")
    assert await rows(ada) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("path", ["/verify", "/reset", "/join"])
async def test_a_link_that_does_not_work_says_nothing_but_that(
    world: World, browser: httpx2.AsyncClient, ada: Account, path: str, method: str
) -> None:
    late = await late_link(world, ada, path)
    links = await open_links(world, ada)
    foreign = [token_of(link) for own, link in links.items() if own != path]
    never = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes).text
    headers = {"Cookie": f"plera_session={await sign_in(ada)}", **OWN}
    before = await rows(ada)

    wrong = (*foreign, token_of(late), never, "", "x%00", "plera_o_<script>", f"{token_of(links[path])}A")
    for link in (path, *(f"{path}?token={token}" for token in wrong)):
        form = {"password": STRONG} if method == "POST" else None
        answer = await browser.request(method, link, headers=headers, data=form)
        assert (link, answer.status_code) == (link, 404)
        assert method == "HEAD" or answer.text.partition("<main>")[2] == (
            "<h1>This link does not work</h1><p>It is incomplete, was used already, or its time has passed.</p>"
            "</main></body></html>"
        )
    assert await rows(ada) == before


async def test_a_signed_in_browser_joins_once(
    world: World, browser: httpx2.AsyncClient, ada: Account
) -> None:
    link = await invite(world, ada.email)
    cookie = {"Cookie": f"plera_session={await sign_in(ada)}"}
    page = await browser.get(link)
    assert f'href="/graphiql#join={token_of(link)}"' in page.text

    done = await browser.post(link, headers={**cookie, **OWN})

    assert (done.status_code, "Welcome to the workspace" in done.text) == (200, True)
    [membership] = await queries.list_memberships(user_id=ada.id)
    assert (membership.workspace_id, membership.role) == (world.workspace_id, "REP")
    for method in ("GET", "POST"):
        assert (await browser.request(method, link, headers={**cookie, **OWN})).status_code == 404


@pytest.mark.parametrize(
    ("origin", "session", "status", "says"),
    [
        (OWN, None, 401, "Please sign in first"),
        (OWN, "plera_s_" + "x" * 43, 401, "Please sign in first"),
        ({"Origin": "https://evil.example"}, "own", 403, "You are invited"),
        ({"Sec-Fetch-Site": "cross-site"}, "own", 403, "You are invited"),
        ({}, "own", 403, "You are invited"),
        (OWN, "another's", 404, "This link does not work"),
    ],
    ids=["nobody", "an ended session", "another site", "a hidden origin", "no origin", "another person"],
)
async def test_nobody_joins_for_somebody_else(
    world: World,
    browser: httpx2.AsyncClient,
    ada: Account,
    origin: dict[str, str],
    session: str | None,
    status: int,
    says: str,
) -> None:
    link, eve = await invite(world, ada.email), await new_account()
    tokens = {"own": await sign_in(ada), "another's": await sign_in(eve)}
    cookie = {"Cookie": f"plera_session={tokens.get(session, session)}"} if session else {}

    answer = await browser.post(link, headers={**origin, **cookie})

    assert (answer.status_code, says in answer.text) == (status, True)
    for person in (ada, eve):
        assert await queries.list_memberships(user_id=person.id) == []
    assert (await browser.get(link)).status_code == 200


async def test_a_link_can_be_tried_only_so_often_and_by_nobody_for_all(server_url: str, ada: Account) -> None:
    link = await one_time_link(ada, LinkPurpose.RESET_PASSWORD)
    other = await one_time_link(await new_account(), LinkPurpose.RESET_PASSWORD)
    caller = httpx2.AsyncHTTPTransport(local_address="127.0.0.7")  # other tests' tries count for 127.0.0.1
    async with httpx2.AsyncClient(base_url=server_url, transport=caller, timeout=HANGS_S) as browser:
        tries = [await browser.post(link, data={"password": "weak"}) for _ in range(10)]
        refused = await browser.post(link, data={"password": STRONG})
        welcome = await browser.post(other, data={"password": STRONG})

    assert {answer.status_code for answer in tries} == {422}
    assert (refused.status_code, "Too many attempts" in refused.text) == (429, True)
    assert 1 <= int(refused.headers["retry-after"]) <= 900
    assert welcome.status_code == 200


async def test_the_pages_keep_their_address_to_themselves(
    world: World, browser: httpx2.AsyncClient, ada: Account
) -> None:
    links = await open_links(world, ada)
    for answer in [await browser.get(link) for link in (*links.values(), "/reset?token=wrong")]:
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert "set-cookie" not in answer.headers
        assert not re.search(r"https?://|<script|<img", answer.text)


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_failure_is_ours_and_its_log_holds_no_token_and_no_password(
    browser: httpx2.AsyncClient,
    ada: Account,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    as_json: bool,
) -> None:
    link = await one_time_link(ada, LinkPurpose.RESET_PASSWORD)

    async def fail(**_: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(service, "reset_password", fail)
    before = structlog.get_config()
    try:
        configure_logs(as_json=as_json)
        answer = await browser.post(link, data={"password": STRONG})
    finally:
        structlog.configure(**before)

    said = "".join(capfd.readouterr())
    assert (answer.status_code, "Please try again" in answer.text) == (503, True)
    assert "account_link_failed" in said
    assert "the database is away" in said
    assert token_of(link) not in said
    assert STRONG not in said
    assert "plera_o_" not in said
