"""The send protocol against a real mail server over TLS."""

from tests.steps.sending import (
    balances,
    connected_sender,
    delivery,
    running_campaign,
    running_post,
    send_due,
    waiting_delivery,
)
from tests.world import World


async def test_an_approved_message_leaves_once_and_is_paid_for(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        before = (await balances(world))[0]
        delivery_id = await waiting_delivery(world, campaign)
        assert await balances(world) == (before - 1, 1, 0)

        await send_due(world, post)
        await send_due(world, post)

        assert post.sent() == ["ada@acme.example"]
        row = await delivery(world, delivery_id)
        assert (row["state"], row["epoch"], row["attempts"]) == ("SENT", 1, 0)
        assert row["rfc_message_id_final"] == row["rfc_message_id"] == post.provider.accepted[0].message_id
        assert await balances(world) == (before - 1, 0, 1)
        [enrollment] = await world.fetch("SELECT status, current_position FROM enrollment")
        assert enrollment == {"status": "FINISHED", "current_position": 1}
