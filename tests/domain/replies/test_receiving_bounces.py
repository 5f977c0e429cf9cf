"""What servers return: the address, the sender or the moment is at fault, and nothing else suffers."""

from tests.steps.replies import (
    LEAD,
    a_bounce,
    begun_conversation,
    enrollment_of,
    events_of,
    receives,
)
from tests.steps.sending import delivery, running_post
from tests.world import World

BLOCKED = "550 5.7.1 Service unavailable, client host blocked using Spamhaus"
FULL = "452 4.2.2 mailbox full"


async def address_of(world: World) -> tuple[str, str | None]:
    [lead] = await world.fetch("SELECT email_status, email_status_reason FROM lead")
    return lead["email_status"], lead["email_status_reason"]


async def test_an_address_that_isn_t_there_is_never_written_to_again(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_bounce(talk.message_id))

    assert (reply["label"], reply["matched_by"]) == ("BOUNCE", "REFERENCES")
    [bounce] = await world.fetch("SELECT recipient, enhanced_code, bounce_class, remedy, action FROM bounce")
    assert bounce == {
        "recipient": LEAD,
        "enhanced_code": "5.1.1",
        "bounce_class": "HARD",
        "remedy": "INVALIDATE_ADDRESS",
        "action": "failed",
    }
    assert (await enrollment_of(world, talk))["status"] == "BOUNCED"
    assert (await delivery(world, talk.first_id))["bounced_at"] is not None
    assert (await delivery(world, talk.second_id))["state"] in {"CANCELLED", "SUPPRESSED"}
    assert await world.fetch("SELECT reason FROM suppression") == [{"reason": "BOUNCE"}]
    assert await address_of(world) == ("INVALID", "bounced")
    [(kind, payload)] = await events_of(world, "BounceReceived", "ReplyReceived")
    assert (kind, payload["bounce_class"]) == ("BounceReceived", "HARD")
    assert await world.fetch("SELECT status FROM sender") == [{"status": "ACTIVE"}]


async def test_a_lead_s_new_address_doesn_t_suffer_for_the_old_one(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await world.fetch(
            "UPDATE lead SET email = 'grace@new.example', email_identity = 'grace@new.example' RETURNING id"
        )
        await receives(world, post, talk, a_bounce(talk.message_id))

    assert await address_of(world) == ("VALID", None)
    assert await world.fetch("SELECT reason FROM suppression") == [{"reason": "BOUNCE"}]


async def test_a_delay_is_no_bounce(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_bounce(
            talk.message_id, status="4.4.7", words="451 4.4.1 no answer from host", action="delayed"
        )
        await receives(world, post, talk, raw)

    assert (await delivery(world, talk.first_id))["bounced_at"] is None
    assert (await enrollment_of(world, talk))["status"] == "ACTIVE"
    assert (await delivery(world, talk.second_id))["state"] == "SCHEDULED"
    assert await address_of(world) == ("VALID", None)


async def test_a_refusal_of_the_sender_pauses_the_sender_and_spares_the_address(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_bounce(talk.message_id, status="5.7.1", words=BLOCKED))

    [sender] = await world.fetch("SELECT status, status_reason FROM sender")
    assert sender["status"] == "PAUSED"
    assert "see the bounce" in sender["status_reason"]
    assert reply["needs_review"] is True
    assert await address_of(world) == ("VALID", None)
    assert await world.fetch("SELECT 1 FROM suppression") == []
    assert (await enrollment_of(world, talk))["status"] == "ACTIVE"
    assert await world.fetch("SELECT status, unread FROM thread") == [{"status": "OPEN", "unread": True}]


async def test_soft_bounces_on_three_days_count_as_hard_and_on_two_don_t(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        for day in range(2):
            raw = a_bounce(talk.message_id, status="4.2.2", words=FULL).replace(b"<bounce-", b"<b%d-" % day)
            await receives(world, post, talk, raw)
            await world.fetch("UPDATE bounce SET bounced_on = bounced_on - 1 RETURNING id")
        assert (await enrollment_of(world, talk))["status"] == "ACTIVE"
        assert await address_of(world) == ("VALID", None)

        await receives(world, post, talk, a_bounce(talk.message_id, status="4.2.2", words=FULL))

    assert (await enrollment_of(world, talk))["status"] == "BOUNCED"
    assert await address_of(world) == ("INVALID", "bounced")
    kinds = [payload["remedy"] for _, payload in await events_of(world, "BounceReceived")]
    assert kinds == ["RETRY_LATER", "RETRY_LATER", "INVALIDATE_ADDRESS"]


async def test_soft_bounces_of_long_ago_are_forgotten(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        for number in range(3):
            raw = a_bounce(talk.message_id, status="4.2.2", words=FULL).replace(
                b"<bounce-", b"<b%d-" % number
            )
            await receives(world, post, talk, raw)
            await world.fetch("UPDATE bounce SET bounced_on = bounced_on - $1::int RETURNING id", 31)

    assert (await enrollment_of(world, talk))["status"] == "ACTIVE"
