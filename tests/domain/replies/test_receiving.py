"""Mail that comes back acts at once, in one transaction, and only once."""

from datetime import UTC, datetime

import pytest

from domain.replies import receiving
from tests.steps.replies import (
    a_reply,
    begun_conversation,
    enrollment_of,
    events_of,
    poll,
    receives,
)
from tests.steps.sending import delivery, running_post
from tests.world import World, new_world

INTERESTED = "Thanks for writing. That sounds interesting, tell me more!"


async def test_a_person_s_reply_ends_the_sequence_and_opens_a_thread(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply(INTERESTED, to=talk.message_id))

    assert (reply["label"], reply["matched_by"], reply["participant"], reply["status"]) == (
        "INTERESTED",
        "REFERENCES",
        "LEAD",
        "CLASSIFIED",
    )
    assert (reply["lead_id"], reply["delivery_id"], reply["run_id"]) == (
        talk.lead_id,
        talk.first_id,
        talk.campaign.run_id,
    )
    assert (await enrollment_of(world, talk))["status"] == "REPLIED"
    assert (await delivery(world, talk.second_id))["state"] == "CANCELLED"
    assert (await delivery(world, talk.first_id))["replied_at"] == reply["received_at"]
    [thread] = await world.fetch("SELECT subject, status, unread, lead_id FROM thread")
    assert thread == {"subject": "A question", "status": "OPEN", "unread": True, "lead_id": talk.lead_id}
    assert [row["status"] for row in await world.fetch("SELECT status FROM lead")] == ["ENGAGED"]
    assert [kind for kind, _ in await events_of(world, "ReplyReceived", "EnrollmentEnded")] == [
        "EnrollmentEnded",
        "ReplyReceived",
    ]
    assert await world.fetch("SELECT 1 FROM suppression") == []


async def test_an_out_of_office_note_pauses_and_doesn_t_end(world: World) -> None:
    note = a_reply(
        "I am out of the office and back in the office on 14 December 2026.",
        to=talk_id,
        subject="Automatic reply: A question",
        Auto_Submitted="auto-replied",
    ) if (talk_id := "") else None
    assert note is None
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_reply(
            "I am out of the office and will be back next week.",
            to=talk.message_id,
            subject="Automatic reply: A question",
            Auto_Submitted="auto-replied",
        )
        [reply] = await receives(world, post, talk, raw)

    assert reply["label"] == "OOO"
    enrollment = await enrollment_of(world, talk)
    assert (enrollment["status"], enrollment["pause_reason"]) == ("PAUSED", "OOO")
    assert enrollment["resume_at"] > world.now()
    assert (await delivery(world, talk.second_id))["state"] == "SCHEDULED"
    assert (await delivery(world, talk.first_id))["replied_at"] is None
    [thread] = await world.fetch("SELECT status, unread FROM thread")
    assert thread == {"status": "CLOSED", "unread": False}
    assert [row["status"] for row in await world.fetch("SELECT status FROM lead")] == ["NEW"]
