"""Whoever says no is never written to again, by whatever way they said it and however their address comes back."""

from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from starlette.applications import Starlette

from tests.steps import journeys
from tests.steps.journeys import Stage, address, row
from web.unsubscribe import UnsubscribePage

LEAD, OTHER = address(0), address(1)
LOCAL, HOST = LEAD.split("@")
SUPPRESS = """
mutation ($input: SuppressionAddInput!) {
  suppressionAdd(input: $input) { suppression { id } errors { code message field } }
}"""
EVERYTHING = """
SELECT (SELECT json_agg(d ORDER BY id) FROM delivery d) AS deliveries,
       (SELECT json_agg(e ORDER BY id) FROM enrollment e) AS enrollments,
       (SELECT json_agg(s ORDER BY id) FROM suppression s) AS suppressions, (SELECT seq FROM log_head) AS events
"""


async def test_one_click_in_the_first_letter_stops_the_second_and_every_later_play(stage: Stage) -> None:
    run_id = await journeys.sent_run(stage, [row(0), row(1)])
    async with _browser(stage) as browser:
        path = _link(stage)
        before = await stage.world.fetch(EVERYTHING)
        for method in ("GET", "HEAD"):
            assert (await browser.request(method, path)).status_code == 200
        assert await stage.world.fetch(EVERYTHING) == before, "mail scanners open every link"
        answer = await browser.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200

    assert await _person(stage, LEAD) == {
        "enrollments": ["OPTED_OUT"],
        "messages": ["APPROVED", "CANCELLED"],
        "deliveries": ["SENT", "SUPPRESSED"],
    }
    await _is_never_written_to_again(stage)
    run = await journeys.run_of(stage, run_id)
    assert (run["status"], run["statistics"]["optedOut"]) == ("COMPLETED", 1)
    assert run["statistics"]["creditsHeld"] == 0


@pytest.mark.parametrize(
    ("entry", "ending"),
    [
        (
            {"kind": "EMAIL", "value": f"{LOCAL.title()}+fair@{HOST.upper()}", "reason": "OBJECTION"},
            "OPTED_OUT",
        ),
        ({"kind": "DOMAIN", "value": HOST, "reason": "COMPETITOR"}, "SUPPRESSED"),
    ],
    ids=["address", "domain"],
)
async def test_an_entry_made_in_the_api_takes_drafts_and_approvals_back(
    stage: Stage, entry: dict[str, str], ending: str
) -> None:
    await journeys.drafted_run(stage, [row(0), row(1)])
    await stage.ask(SUPPRESS, input=entry)
    assert await _person(stage, LEAD) == {
        "enrollments": [ending],
        "messages": ["CANCELLED", "CANCELLED"],
        "deliveries": [],
    }
    assert await journeys.approve_all(stage) == 2, "the other one's"
    await journeys.send_due(stage)
    assert journeys.letters(stage, LEAD) == []
    await _is_never_written_to_again(stage, before=0)


async def test_it_holds_between_approval_and_departure(stage: Stage) -> None:
    await journeys.drafted_run(stage, [row(0), row(1)])
    await journeys.approve_all(stage)
    await stage.ask(SUPPRESS, input={"kind": "EMAIL", "value": LEAD, "reason": "OBJECTION"})
    await journeys.send_due(stage)

    assert (await _person(stage, LEAD))["deliveries"] == ["SUPPRESSED"]
    assert (len(journeys.letters(stage, LEAD)), len(journeys.letters(stage, OTHER))) == (0, 1)


async def test_the_second_button_holds_for_the_persons_other_addresses_too(stage: Stage) -> None:
    await journeys.sent_run(stage, [row(0)])
    async with _browser(stage) as browser:
        await browser.post(_link(stage), data={"wish": "object"})
    reasons = await stage.world.fetch("SELECT kind, reason FROM suppression ORDER BY kind")
    assert reasons == [{"kind": "EMAIL", "reason": "OBJECTION"}, {"kind": "LEAD", "reason": "OBJECTION"}]
    lift = """mutation ($id: ID!) { suppressionLift(input: {id: $id, basis: PERSONS_REQUEST, comment: "please"}) {
      errors { code } } }"""
    listed = await stage.ask("{ suppressions { nodes { id } } }")
    for node in listed["suppressions"]["nodes"]:
        answer = await stage.world.execute(lift, {"id": node["id"]})
        assert answer["suppressionLift"]["errors"] == [{"code": "SUPPRESSION_KEPT"}]
    await journeys.days_pass(stage, 4)
    assert len(journeys.letters(stage, LEAD)) == 1


async def _is_never_written_to_again(stage: Stage, *, before: int = 1) -> None:
    """Time passes, and the same person comes back in other spellings, and is played over again."""
    await journeys.days_pass(stage, 4)
    assert len(journeys.letters(stage, OTHER)) == 2, "the others go on"
    spellings = [LEAD.upper(), f"{LOCAL}+news@{HOST}", f" {LOCAL.title()}@{HOST} "]
    again = await journeys.import_rows(stage, [row(0, email=spelling) for spelling in spellings])
    assert again["createdCount"] == 0, "no spelling makes another person of them"
    run_id = await journeys.launch(
        stage, await journeys.play_over(stage, filter={"titleContains": "operations"}), key="again"
    )
    await stage.world.run_tasks()
    await journeys.approve_all(stage)
    await journeys.send_due(stage)

    statistics = (await journeys.run_of(stage, run_id))["statistics"]
    assert [statistics[name] for name in ("discovered", "drafted", "sent")] == [2, 1, 1]
    assert statistics["dropped"] == [{"reason": "SUPPRESSED", "count": 1}]
    addressed = [recipient for recipient in stage.post.sent() if LOCAL in recipient.lower()]
    assert len(addressed) == before


def _browser(stage: Stage) -> httpx2.AsyncClient:
    page = UnsubscribePage(lambda: stage.world.services)
    app = Starlette(routes=[page.route])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="https://outreach.example")


def _link(stage: Stage) -> str:
    """Return the path of the link in the letter, as a mail program finds it."""
    [letter] = journeys.letters(stage, LEAD)
    return urlsplit(str(letter["List-Unsubscribe"]).split(",")[0].strip("<> ")).path


async def _person(stage: Stage, email: str) -> dict[str, Any]:
    [found] = await stage.world.fetch(
        """
        SELECT (SELECT array_agg(status ORDER BY id) FROM enrollment WHERE lead_id = l.id) AS enrollments,
               (SELECT array_agg(status ORDER BY id) FROM message WHERE lead_id = l.id) AS messages,
               (SELECT coalesce(array_agg(state ORDER BY id), '{}') FROM delivery WHERE message_id IN
                   (SELECT id FROM message WHERE lead_id = l.id)) AS deliveries
        FROM lead l WHERE l.email = $1
        """,
        email,
    )
    return found
