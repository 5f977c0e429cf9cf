"""Requests that come as answers to messages."""

from domain.actor import Actor
from domain.ids import new_id
from domain.replies.events import PrivacyRequested
from domain.work import unit_of_work
from tests.domain.privacy.rows import Rows
from tests.world import World


async def test_a_mail_that_invokes_a_right_opens_a_request(world: World) -> None:
    rows = Rows(world)
    await rows.run_of_a_play()
    address = f"ada.{new_id().hex}@x.example"
    reply_id = await rows.reply(address)
    for wanted in ("ERASURE_REQUEST", "ERASURE_REQUEST", "ACCESS_REQUEST"):
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            work.emit(PrivacyRequested(subject_id=reply_id, wanted=wanted, lead_id=None))
        await world.run_tasks()

    requests = await world.fetch(
        "SELECT kind, channel, status, subject_email FROM privacy_request ORDER BY id"
    )
    assert requests == [
        {"kind": kind, "channel": "REPLY", "status": "VERIFYING_IDENTITY", "subject_email": address}
        for kind in ("DELETE", "ACCESS")
    ]
    assert await world.fetch("SELECT reason FROM suppression") == [{"reason": "ERASURE"}]
