"""Mail that comes back acts at once, in one transaction, and only once."""

from typing import Any

import pytest

from domain.replies import polling, receiving, storing
from domain.replies.tasks import ReceiveMail
from tests.domain.replies.samples import FIXTURES, SENT_ID
from tests.steps.replies import (
    LEAD,
    US,
    Conversation,
    a_reply,
    arrives,
    begun_conversation,
    enrollment_of,
    events_of,
    poll,
    receives,
)
from tests.steps.sending import delivery, running_post
from tests.world import World, new_world

INTERESTED = "Thanks for writing. That sounds interesting, tell me more!"
OPT_OUT = "Please remove me from your list and don't write to me again."


def fixture(name: str, talk: Conversation) -> bytes:
    """Return a raw mail that answers the conversation's first message."""
    raw = (FIXTURES / f"{name}.eml").read_bytes()
    return raw.replace(SENT_ID.encode(), talk.message_id.strip("<>").encode())


def away(talk: Conversation) -> bytes:
    return a_reply(
        "I am out of the office and will be back next week.",
        to=talk.message_id,
        subject="Automatic reply: A question",
        message_id="<away@lead.example>",
        Auto_Submitted="auto-replied",
    )


async def suppressions(world: World) -> list[tuple[str, str]]:
    rows = await world.fetch("SELECT kind, reason FROM suppression ORDER BY reason, kind")
    return [(row["kind"], row["reason"]) for row in rows]


async def test_a_person_s_reply_ends_the_sequence_and_opens_a_thread(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply(INTERESTED, to=talk.message_id))

    found = (reply["label"], reply["matched_by"], reply["participant"], reply["status"])
    assert found == ("INTERESTED", "REFERENCES", "LEAD", "CLASSIFIED")
    assert (reply["lead_id"], reply["delivery_id"]) == (talk.lead_id, talk.first_id)
    assert reply["run_id"] == talk.campaign.run_id
    assert (await enrollment_of(world, talk))["status"] == "REPLIED"
    assert (await delivery(world, talk.second_id))["state"] == "CANCELLED"
    assert (await delivery(world, talk.first_id))["replied_at"] == reply["received_at"]
    [thread] = await world.fetch("SELECT subject, status, unread, lead_id FROM thread")
    assert thread == {"subject": "A question", "status": "OPEN", "unread": True, "lead_id": talk.lead_id}
    assert await world.fetch("SELECT status FROM lead") == [{"status": "ENGAGED"}]
    [(kind, payload)] = await events_of(world, "ReplyReceived", "BounceReceived", "ComplaintReceived")
    assert (kind, payload["label"]) == ("ReplyReceived", "INTERESTED")
    assert await suppressions(world) == []


async def test_an_out_of_office_note_pauses_and_doesn_t_end(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, away(talk))

    assert reply["label"] == "OOO"
    enrollment = await enrollment_of(world, talk)
    assert (enrollment["status"], enrollment["pause_reason"]) == ("PAUSED", "OOO")
    assert enrollment["resume_at"] > world.now()
    assert (await delivery(world, talk.second_id))["state"] == "SCHEDULED"
    assert (await delivery(world, talk.first_id))["replied_at"] is None
    assert await world.fetch("SELECT status, unread FROM thread") == [{"status": "CLOSED", "unread": False}]
    assert await world.fetch("SELECT status FROM lead") == [{"status": "NEW"}]


async def test_an_opt_out_suppresses_and_takes_back_the_follow_up(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply(OPT_OUT, to=talk.message_id))

    assert reply["label"] == "UNSUBSCRIBE"
    assert await suppressions(world) == [("EMAIL", "UNSUBSCRIBE")]
    assert (await enrollment_of(world, talk))["status"] == "OPTED_OUT"
    assert (await delivery(world, talk.second_id))["state"] == "SUPPRESSED"
    assert await world.fetch("SELECT status FROM lead") == [{"status": "NEW"}]
    moments = await world.fetch(
        "SELECT DISTINCT occurred_at FROM event WHERE type IN ('ReplyReceived', 'AddressSuppressed', 'DeliverySuppressed')"
    )
    assert len(moments) == 1  # one unit of work


async def test_a_mail_that_can_t_be_stored_leaves_nothing_and_doesn_t_hold_up_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, fails = storing.store_reply, [True]

    async def fail_once(*args: Any, **kwargs: Any) -> None:
        if fails.pop() if fails else False:
            raise RuntimeError("a fault of ours")
        await store(*args, **kwargs)

    monkeypatch.setattr(receiving, "store_reply", fail_once)
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        arrives(post, a_reply(OPT_OUT, to=talk.message_id), at=world.now())
        [second] = await receives(world, post, talk, away(talk))

        assert second["label"] == "OOO"
        assert await suppressions(world) == []
        assert (await delivery(world, talk.second_id))["state"] == "SCHEDULED"
        [task] = await world.fetch("SELECT payload FROM task WHERE kind = 'ReceiveMail'")
        poller = polling.Poller(ports=post.ports, clock=world.clock, interval_s=60)
        for _ in range(2):
            await poller.receive_again(
                workspace_id=world.workspace_id, task=ReceiveMail.from_payload(task["payload"])
            )

    assert await suppressions(world) == [("EMAIL", "UNSUBSCRIBE")]
    labels = await world.fetch("SELECT label FROM reply ORDER BY id")
    assert labels == [{"label": "OOO"}, {"label": "UNSUBSCRIBE"}]


async def test_mail_that_is_read_again_acts_once(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await receives(world, post, talk, a_reply(INTERESTED, to=talk.message_id))
        no_id = a_reply("And one more thing?", to=talk.message_id, message_id="")
        await receives(world, post, talk, no_id)
        assert await poll(world, post, talk.sender_id) == 0
        post.account().inbox.renumber()
        assert await poll(world, post, talk.sender_id) == 2
        await world.fetch("UPDATE mailbox_cursor SET last_uid = 0 RETURNING id")  # a restored backup
        assert await poll(world, post, talk.sender_id) == 2

    assert len(await world.fetch("SELECT 1 FROM reply")) == 2
    assert len(await events_of(world, "ReplyReceived")) == 2
    assert len(await world.fetch("SELECT 1 FROM thread")) == 1
    [cursor] = await world.fetch("SELECT uid_validity, last_uid, failures, lease_until FROM mailbox_cursor")
    assert cursor == {"uid_validity": 2, "last_uid": 2, "failures": 0, "lease_until": None}


async def test_mail_that_is_none_of_our_business_is_not_kept(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        for number, raw in enumerate(
            [
                a_reply("Lunch on Friday?", sender="mum@family.example", subject="Lunch", message_id="<1@f>"),
                a_reply(OPT_OUT, sender=US, to=talk.message_id, message_id="<2@f>"),
                fixture("bounce_foreign_mail", talk),
                fixture("list_newsletter", talk),
            ],
            start=1,
        ):
            assert await receives(world, post, talk, raw) == []
            [cursor] = await world.fetch("SELECT last_uid FROM mailbox_cursor")
            assert cursor["last_uid"] == number

    assert (await enrollment_of(world, talk))["status"] == "ACTIVE"
    assert await suppressions(world) == []


async def test_a_stranger_s_opt_out_binds_for_the_stranger_only(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_reply(OPT_OUT, sender="stranger@elsewhere.example", subject="Your mail")
        [reply] = await receives(world, post, talk, raw)

    assert (reply["matched_by"], reply["lead_id"], reply["delivery_id"]) == ("NONE", None, None)
    assert await suppressions(world) == [("EMAIL", "UNSUBSCRIBE")]
    assert await world.fetch("SELECT lead_ids FROM suppression") == [{"lead_ids": []}]
    assert (await enrollment_of(world, talk))["status"] == "ACTIVE"
    assert (await delivery(world, talk.second_id))["state"] == "SCHEDULED"


async def test_a_colleague_s_answer_pauses_until_a_person_resumes(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_reply("Interesting, we will look at it.", to=talk.message_id, sender="linus@lead.example")
        [reply] = await receives(world, post, talk, raw)

    assert reply["participant"] == "COLLEAGUE"
    enrollment = await enrollment_of(world, talk)
    assert enrollment == {"status": "PAUSED", "pause_reason": "COLLEAGUE_REPLY", "resume_at": None}
    assert (await delivery(world, talk.first_id))["replied_at"] is None
    assert await world.fetch("SELECT status FROM lead") == [{"status": "NEW"}]


async def test_a_lead_who_writes_anew_is_heard_though_nothing_is_quoted(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await world.fetch("UPDATE delivery SET sent_at = sent_at - interval '90 days' RETURNING id")
        [reply] = await receives(world, post, talk, a_reply("Do you have a minute?", subject="Robots"))

    assert (reply["matched_by"], reply["participant"]) == ("NONE", "LEAD")
    assert reply["lead_id"] == talk.lead_id
    assert (await enrollment_of(world, talk))["status"] == "REPLIED"


async def test_who_answers_their_own_mail_stays_in_the_thread(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await receives(world, post, talk, a_reply(INTERESTED, to=talk.message_id))
        raw = a_reply(
            "P.S. Tuesday?",
            to="<answer-1@lead.example>",
            sender="grace@private.example",
            message_id="<answer-2@lead.example>",
        )
        first, second = await receives(world, post, talk, raw)

    assert (second["matched_by"], second["delivery_id"]) == ("REFERENCES", talk.first_id)
    assert second["thread_id"] == first["thread_id"]


@pytest.mark.parametrize(
    ("name", "label", "reason", "status"),
    [
        ("complaint_arf", "COMPLAINT", "COMPLAINT", "OPTED_OUT"),
        ("dsr_erasure_en", "DSR", "OBJECTION", "OPTED_OUT"),
        ("legal_en", "LEGAL", "LEGAL", "OPTED_OUT"),
    ],
)
async def test_what_binds_in_law_acts_at_once(
    world: World, name: str, label: str, reason: str, status: str
) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, fixture(name, talk))

    assert reply["label"] == label
    assert ("EMAIL", reason) in await suppressions(world)
    assert (await enrollment_of(world, talk))["status"] == status
    assert (await delivery(world, talk.second_id))["state"] == "SUPPRESSED"
    is_complaint = label == "COMPLAINT"
    assert ((await delivery(world, talk.first_id))["complained_at"] is not None) is is_complaint
    kinds = [kind for kind, _ in await events_of(world, "PrivacyRequested", "ComplaintReceived")]
    assert kinds == {"COMPLAINT": ["ComplaintReceived"], "DSR": ["PrivacyRequested"], "LEGAL": []}[label]


async def test_a_mail_that_quotes_a_message_in_doubt_proves_that_it_left(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        other = await begun_conversation(world, post, email="linus@lead.example", campaign=talk.campaign)
        second = await delivery(world, talk.second_id)
        await world.fetch(
            "UPDATE delivery SET state = 'UNKNOWN', handed_off_at = $2, unknown_since = $2 WHERE id = $1 RETURNING id",
            talk.second_id,
            world.now(),
        )
        await receives(world, post, talk, a_reply(INTERESTED, to=second["rfc_message_id"]))

    assert (await delivery(world, talk.second_id))["state"] == "SENT"
    assert (await enrollment_of(world, talk))["status"] == "REPLIED"
    assert (await enrollment_of(world, other))["status"] == "ACTIVE"
    sent = await world.fetch("SELECT subject_id FROM event WHERE type = 'MessageSent' ORDER BY seq")
    assert len(sent) == 3


async def test_the_same_mail_in_two_workspaces_acts_in_each_by_itself(world: World) -> None:
    neighbour = await new_world(world.app)
    async with running_post(world) as post, running_post(neighbour) as their_post:
        talk = await begun_conversation(world, post)
        theirs = await begun_conversation(neighbour, their_post)
        raw = a_reply(OPT_OUT, to=talk.message_id)
        await receives(world, post, talk, raw)
        assert await neighbour.fetch("SELECT 1 FROM reply") == []
        assert (await enrollment_of(neighbour, theirs))["status"] == "ACTIVE"
        [reply] = await receives(neighbour, their_post, theirs, raw)

    assert reply["matched_by"] == "ADDRESS"  # the id it quotes is the neighbour's: not ours
    assert reply["delivery_id"] == theirs.first_id
    assert len(await world.fetch("SELECT 1 FROM reply")) == 1
    assert await poll(neighbour, their_post, talk.sender_id) is None


async def test_bytes_nobody_can_read_are_let_go(world: World) -> None:
    hostile = [
        b"\x00\xff\xfe" * 1_000,
        b"",
        b"From: "
        + LEAD.encode()
        + b"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + b"--x\r\n" * 500,
        b"From: " + LEAD.encode() + b"\r\nSubject: =?utf-8?q?=00=ED=A0=80?=\r\n\r\n\x00nul \xed\xa0\x80",
    ]
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        for raw in hostile:
            await receives(world, post, talk, raw)

    assert await world.fetch("SELECT 1 FROM task WHERE kind = 'ReceiveMail'") == []
    [cursor] = await world.fetch("SELECT last_uid FROM mailbox_cursor")
    assert cursor["last_uid"] == len(hostile)
