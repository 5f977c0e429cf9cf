"""Whoever answers gets no follow-up; whoever is away gets it when they are back."""

from datetime import timedelta
from typing import Any

import pytest

from simulators.mail.people import Reaction
from tests.steps import journeys
from tests.steps.journeys import Stage, address, row

LEAD = address(0)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Thanks for writing. Could you tell me more on Thursday at 10?", "INTERESTED"),
        ("No thank you, we are not interested.", "NOT_INTERESTED"),
        ("Which systems do you support?", "QUESTION"),
        ("Hm.", "HUMAN"),
    ],
)
async def test_an_answer_of_a_person_ends_the_sequence(stage: Stage, text: str, label: str) -> None:
    stage.react(LEAD, Reaction.REPLY, text=text)
    run_id = await journeys.sent_run(stage, [row(0), row(1)])
    await journeys.read_mail(stage)
    await journeys.days_pass(stage, 4)

    assert await journeys.replies(stage) == {label: 1}
    assert await _enrollments(stage) == {LEAD: "REPLIED", address(1): "FINISHED"}
    assert (len(journeys.letters(stage, LEAD)), len(journeys.letters(stage, address(1)))) == (1, 2)
    assert await journeys.deliveries(stage) == {"SENT": 3, "CANCELLED": 1}
    run = await journeys.run_of(stage, run_id)
    assert (run["status"], run["statistics"]["replied"]) == ("COMPLETED", 1)
    assert run["statistics"]["creditsHeld"] == 0, "what wasn't sent is given back"


async def test_an_out_of_office_only_pauses_until_they_are_back(stage: Stage) -> None:
    back_on = stage.world.now() + timedelta(days=10)
    away = f"I am out of the office until {back_on:%d %B %Y}."
    stage.react(LEAD, Reaction.OUT_OF_OFFICE, text=away, times=1)
    run_id = await journeys.sent_run(stage, [row(0), row(1)])
    await journeys.read_mail(stage)
    assert await journeys.replies(stage) == {"OOO": 1}

    await journeys.days_pass(stage, 5)
    assert await _enrollments(stage) == {LEAD: "PAUSED", address(1): "FINISHED"}
    assert (len(journeys.letters(stage, LEAD)), len(journeys.letters(stage, address(1)))) == (1, 2)

    await journeys.days_pass(stage, 10)
    assert await _enrollments(stage) == {LEAD: "FINISHED", address(1): "FINISHED"}
    assert len(journeys.letters(stage, LEAD)) == 2
    run = await journeys.run_of(stage, run_id)
    assert (run["status"], run["statistics"]["replied"]) == ("COMPLETED", 0)


async def test_an_answer_that_comes_while_the_follow_up_is_due_wins(stage: Stage) -> None:
    await journeys.sent_run(stage, [row(0)])
    [letter] = journeys.letters(stage, LEAD)
    await stage.world.fetch(
        "UPDATE delivery SET due_at = clock_timestamp() WHERE state = 'SCHEDULED' RETURNING true"
    )
    stage.post.account().inbox.add(_answer_to(letter), received_at=stage.world.now())
    await journeys.read_mail(stage)
    await journeys.send_due(stage)

    assert await _enrollments(stage) == {LEAD: "REPLIED"}
    assert len(journeys.letters(stage, LEAD)) == 1


def _answer_to(letter: Any) -> bytes:
    return (
        f"From: Ada <{LEAD}>\r\nTo: {journeys.US}\r\nSubject: Re: {letter['Subject']}\r\n"
        f"Message-ID: <late@{LEAD.partition('@')[2]}>\r\nIn-Reply-To: {letter['Message-ID']}\r\n\r\nLet us talk.\r\n"
    ).encode()


async def _enrollments(stage: Stage) -> dict[str, str]:
    rows = await stage.world.fetch(
        "SELECT l.email, e.status FROM enrollment e JOIN lead l ON l.id = e.lead_id ORDER BY 1"
    )
    return {found["email"]: found["status"] for found in rows}
