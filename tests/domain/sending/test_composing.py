"""The raw bytes that leave: headers in one piece, the recipient's own unsubscribe link, nothing injected."""

import email
import email.policy

from domain.suppression.tokens import make_unsubscribe_token
from tests.steps.sending import connected_sender, running_campaign, running_post, send_due, waiting_delivery
from tests.world import World


async def test_one_click_unsubscribe_survives_on_the_wire(world: World) -> None:
    async with running_post(world, base_url="https://plera.example") as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        await waiting_delivery(world, campaign, full_name="Ada\r\nBcc: eve@example.com")
        await send_due(world, post)

        raw = post.provider.accepted[0].raw
        [row] = await world.fetch("SELECT message_id, id FROM delivery")
        token = make_unsubscribe_token(message_id=row["message_id"], key=post.ports.unsubscribe_key)
        url = f"https://plera.example/u/{token}"
        assert len(url) <= 60
        head, _, body = raw.partition(b"\r\n\r\n")
        assert f"List-Unsubscribe: <{url}>\r\n".encode() in raw
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
        assert b"=?utf-8?q?=3C" not in head
        assert f"Message-ID: <{row['id']}@example.com>\r\n".encode() in raw
        assert b"\r\nBcc:" not in head
        assert b"unsubscribe.invalid" not in raw
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
        plain, html = parsed.iter_parts()
        assert url in plain.get_content()
        assert f'href="{url}"' in html.get_content()
        assert "1 Long Street · 12345 Springfield" in plain.get_content()
        assert body


async def test_without_https_there_is_a_plain_link_and_no_one_click_header(world: World) -> None:
    async with running_post(world, base_url="http://127.0.0.1:8000", may_leave=False) as post:
        await waiting_delivery(world, await running_campaign(world, await connected_sender(world, post)))
        await send_due(world, post)

        raw = post.provider.accepted[0].raw
        assert b"List-Unsubscribe" not in raw
        assert b"http://127.0.0.1:8000/u/" in raw
