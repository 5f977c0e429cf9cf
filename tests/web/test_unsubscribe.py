"""The link in a message: GET asks, POST acts, nothing else does."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from domain.ids import new_id
from domain.suppression.tokens import make_unsubscribe_token, unsubscribe_path
from tests.steps import suppression as steps
from tests.waiting import HANGS_S
from tests.world import World


@pytest_asyncio.fixture
async def browser(server_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        yield client


def link(world: World, message_id: UUID) -> str:
    key = world.services.ports.unsubscribe_key
    return unsubscribe_path(make_unsubscribe_token(message_id=message_id, key=key))


async def entries(world: World) -> list[dict[str, object]]:
    return await world.fetch("SELECT kind, reason FROM suppression ORDER BY kind")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_nothing_but_post_changes_anything(
    world: World, browser: httpx2.AsyncClient, method: str
) -> None:
    message_id = await steps.message(world, "ada@example.com")
    before = await world.fetch("SELECT seq, audit_seq FROM log_head")
    answer = await browser.request(method, link(world, message_id))

    assert answer.status_code == (200 if method in {"GET", "HEAD"} else 405)
    assert await entries(world) == []
    assert await world.fetch("SELECT seq, audit_seq FROM log_head") == before


async def test_the_page_asks_in_the_visitors_language_and_names_nobody_but_the_workspace(
    world: World, browser: httpx2.AsyncClient
) -> None:
    message_id = await steps.message(world, "ada@example.com")
    answer = await browser.get(link(world, message_id), headers={"Accept-Language": "de-AT,en;q=0.5"})

    assert "<h1>Keine Nachrichten mehr?</h1>" in answer.text
    assert "<p>Acme Outreach</p>" in answer.text
    assert f'action="{link(world, message_id)}"' in answer.text
    assert "ada" not in answer.text.replace(link(world, message_id), "").lower().replace("adapt", "")
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {},
        {"content": b"\xff" * 100_000},
        {"content": "x=" + "y" * 5_000 + "&wish=object"},
    ],
    ids=["urlencoded", "multipart", "empty", "garbage", "too long"],
)
async def test_a_post_suppresses_the_address_without_redirect_or_cookie(
    world: World, browser: httpx2.AsyncClient, body: dict[str, object]
) -> None:
    lead_id = await steps.lead(world, "ada@example.com")
    message_id = await steps.message(world, "ada@example.com", lead_id=lead_id)
    for _ in range(2):
        answer = await browser.post(
            link(world, message_id),
            headers={"Origin": "https://mail.example"},
            **body,  # type: ignore[arg-type]
        )
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert "You are unsubscribed" in answer.text

    assert await entries(world) == [{"kind": "EMAIL", "reason": "UNSUBSCRIBE"}]
    assert await steps.entries_for(world, "ADA@example.com")
    assert await steps.entries_for(world, "bob@example.com") == []
    events = await world.fetch("SELECT payload FROM event WHERE type = 'AddressSuppressed'")
    assert events == [{"payload": {"reason": "UNSUBSCRIBE", "kind": "EMAIL"}}]
    audits = await world.fetch(
        "SELECT actor_kind, actor_id FROM audit_event WHERE action = 'suppression.add'"
    )
    assert audits == [{"actor_kind": "PERSON", "actor_id": None}]


async def test_the_second_button_objects_to_all_processing_of_the_person(
    world: World, browser: httpx2.AsyncClient
) -> None:
    lead_id = await steps.lead(world, "ada@example.com")
    message_id = await steps.message(world, "ada@example.com", lead_id=lead_id)
    await browser.post(link(world, message_id), data={"wish": "object"})

    assert await entries(world) == [
        {"kind": "EMAIL", "reason": "OBJECTION"},
        {"kind": "LEAD", "reason": "OBJECTION"},
    ]
    assert await steps.entries_for(world, "ada@elsewhere.example", lead_id=lead_id)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_changed_link_is_no_link(world: World, browser: httpx2.AsyncClient, method: str) -> None:
    message_id = await steps.message(world, "ada@example.com")
    path = link(world, message_id)
    forged = make_unsubscribe_token(message_id=message_id, key=b"another key")
    for wrong in (f"{path}A", path[:-1], unsubscribe_path(forged), "/u/x", f"/u/{'%00' * 3}"):
        answer = await browser.request(method, wrong)
        assert answer.status_code == 404
        assert "Acme" not in answer.text
    assert await entries(world) == []


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED"])
async def test_it_works_when_the_workspace_is_closed(
    world: World, browser: httpx2.AsyncClient, status: str
) -> None:
    message_id = await steps.message(world, "ada@example.com")
    await world.fetch("UPDATE workspace SET status = $1", status)
    answer = await browser.post(link(world, message_id))

    assert answer.status_code == 200
    assert await entries(world) == [{"kind": "EMAIL", "reason": "UNSUBSCRIBE"}]


async def test_a_link_whose_message_is_gone_still_answers_kindly(
    world: World, browser: httpx2.AsyncClient
) -> None:
    gone = link(world, new_id())
    assert [(await browser.get(gone)).status_code, (await browser.post(gone)).status_code] == [200, 200]
    assert await entries(world) == []
