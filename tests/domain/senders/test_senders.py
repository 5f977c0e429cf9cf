"""Connecting a mailbox: sealed, verified for real, paused, let go."""

import dataclasses
import secrets
from typing import Any
from uuid import UUID

import pytest

from domain import tenancy
from domain.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from domain.senders import rules, service
from domain.senders.credentials import SenderWithoutSecret, open_account
from domain.senders.ports import Security
from domain.senders.rules import SenderStatus, parse_server
from domain.senders.service import Access, SenderTaken
from domain.senders.verifying import verify_sender
from domain.workspaces.rules import Role
from tests.steps.sending import PASSWORD, Post, running_post, servers_of
from tests.world import World


def access_to(post: Post, *, password: str = PASSWORD, smtp_port: int | None = None) -> Access:
    server = servers_of(post)
    smtp, imap = (
        parse_server(half=half, **{**server[half], "security": Security.IMPLICIT_TLS})
        for half in ("smtp", "imap")
    )
    if smtp_port is not None:
        smtp = dataclasses.replace(smtp, port=smtp_port)
    return Access(smtp=smtp, imap=imap, smtp_password=password, imap_password=password)


async def connect(world: World, post: Post, **how: object) -> UUID:
    return await service.connect_sender(
        actor=world.actor,
        address="Jo@Example.com",
        display_name="Jo Doe",
        access=access_to(post, **how),  # type: ignore[arg-type]
        keyring=post.ports.keyring,
        entropy=secrets.token_bytes,
        now=world.now(),
    )


async def verify(world: World, post: Post, sender_id: UUID) -> SenderStatus | None:
    return await verify_sender(ports=post.ports, actor=world.actor, sender_id=sender_id, clock=world.clock)


async def row_of(world: World, sender_id: UUID) -> dict[str, object]:
    [row] = await world.fetch("SELECT * FROM sender WHERE id = $1", sender_id)
    return row


async def test_a_mailbox_is_verified_by_a_message_to_itself(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connect(world, post)
        assert (await row_of(world, sender_id))["status"] == "VERIFYING"

        assert await verify(world, post, sender_id) is SenderStatus.ACTIVE
        assert await verify(world, post, sender_id) is None, "nobody asked again"

        row = await row_of(world, sender_id)
        assert (row["address"], row["domain"], row["status_reason"]) == (
            "jo@example.com",
            "example.com",
            None,
        )
        assert row["files_sent_copy"] is True
        assert "IDLE" in row["capabilities"]  # type: ignore[operator]
        [probe] = post.provider.accepted
        assert (probe.sender, probe.recipient) == ("jo@example.com", "jo@example.com")
        assert b"Auto-Submitted: auto-generated" in probe.raw


async def test_a_server_that_files_no_copies_is_known_as_such(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.senders.verifying.WATCH_S", 1.2)
    async with running_post(world, files_sent_copies=False) as post:
        sender_id = await connect(world, post)

        assert await verify(world, post, sender_id) is SenderStatus.ACTIVE

        assert (await row_of(world, sender_id))["files_sent_copy"] is False


async def test_a_wrong_password_says_so_and_can_be_mended(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connect(world, post, password="wrong")
        assert await verify(world, post, sender_id) is SenderStatus.REAUTH_REQUIRED
        row = await row_of(world, sender_id)
        assert str(row["status_reason"]).startswith("CREDENTIALS")
        assert "wrong" not in str(row["status_reason"])
        assert post.provider.accepted == []

        await service.reconnect_sender(
            actor=world.actor,
            sender_id=sender_id,
            access=access_to(post),
            keyring=post.ports.keyring,
            entropy=secrets.token_bytes,
            now=world.now(),
        )

        assert await verify(world, post, sender_id) is SenderStatus.ACTIVE


async def test_an_unreachable_server_waits_for_better_settings(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connect(world, post, smtp_port=1)

        assert await verify(world, post, sender_id) is SenderStatus.PENDING_AUTH
        assert "can't be reached" in str((await row_of(world, sender_id))["status_reason"])


async def test_a_private_address_is_refused_when_we_would_connect(world: World) -> None:
    sender_id = await service.connect_sender(
        actor=world.actor,
        address="jo@example.com",
        display_name="Jo",
        access=Access(
            smtp=parse_server(
                half="smtp", host="10.0.0.8", port=465, security=Security.IMPLICIT_TLS, username="jo"
            ),
            imap=parse_server(
                half="imap", host="10.0.0.8", port=993, security=Security.IMPLICIT_TLS, username="jo"
            ),
            smtp_password="x",
            imap_password="x",
        ),
        keyring=world.services.ports.keyring,
        entropy=secrets.token_bytes,
        now=world.now(),
    )

    status = await verify_sender(
        ports=world.services.ports, actor=world.actor, sender_id=sender_id, clock=world.clock
    )

    assert status is SenderStatus.PENDING_AUTH
    assert "isn't public" in str((await row_of(world, sender_id))["status_reason"])


async def test_the_passwords_are_stored_sealed_and_open_only_in_their_row(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connect(world, post)
        row = await row_of(world, sender_id)
        sealed = row["secret_encrypted"]
        assert isinstance(sealed, bytes)
        assert PASSWORD.encode() not in sealed
        assert PASSWORD not in str(row["server"])

        async with tenancy.reading(world.workspace_id) as connection:
            account = await open_account(connection, sender_id=sender_id, keyring=post.ports.keyring)
        assert account.smtp_login.secret == account.imap_login.secret == PASSWORD
        assert PASSWORD not in repr(account)


async def test_disconnecting_destroys_the_login_for_good(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connect(world, post)
        for _ in range(2):
            await service.disconnect_sender(actor=world.actor, sender_id=sender_id, now=world.now())

        row = await row_of(world, sender_id)
        assert (row["status"], row["secret_encrypted"]) == ("DISCONNECTED", None)
        async with tenancy.reading(world.workspace_id) as connection:
            with pytest.raises(SenderWithoutSecret):
                await open_account(connection, sender_id=sender_id, keyring=post.ports.keyring)
        with pytest.raises(Conflict):
            await service.request_verification(actor=world.actor, sender_id=sender_id, now=world.now())
        assert await connect(world, post) != sender_id, "the address is free again"
        events = await world.fetch("SELECT type FROM event WHERE type = 'SenderDisconnected'")
        assert len(events) == 1


async def test_a_mailbox_is_connected_once(world: World) -> None:
    async with running_post(world) as post:
        await connect(world, post)
        with pytest.raises(SenderTaken):
            await connect(world, post)
        assert len(await world.fetch("SELECT id FROM sender")) == 1


async def test_pausing_and_resuming(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connect(world, post)
        with pytest.raises(Conflict):
            await service.resume_sender(actor=world.actor, sender_id=sender_id, now=world.now())
        await verify(world, post, sender_id)

        await service.pause_sender(actor=world.actor, sender_id=sender_id, now=world.now())
        assert (await row_of(world, sender_id))["status"] == "PAUSED"
        await service.resume_sender(actor=world.actor, sender_id=sender_id, now=world.now())
        assert (await row_of(world, sender_id))["status"] == "ACTIVE"


async def test_changes_are_checked_and_need_the_version_seen(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connect(world, post)

        async def update(expected_version: Any = None, **changes: object) -> None:
            await service.update_sender(
                actor=world.actor,
                sender_id=sender_id,
                changes=changes,
                expected_version=expected_version,
                now=world.now(),
            )

        await update(
            daily_limit=150, gap_min_s=1, gap_max_s=2, sending_window={"days": {"MON": [("09:00", "10:00")]}}
        )
        unusable: tuple[dict[str, object], ...] = (
            {"daily_limit": 151},
            {"gap_min_s": 3},
            {"display_name": "a\u202eb"},
            {"sending_window": {"days": {}}},
        )
        for wrong in unusable:
            with pytest.raises(Invalid):
                await update(**wrong)
        with pytest.raises(StaleVersion):
            await update(expected_version=1, daily_limit=1)

        row = await row_of(world, sender_id)
        assert (row["daily_limit"], row["gap_min_s"], row["gap_max_s"], row["version"]) == (150, 1, 2, 2)


async def test_only_who_manages_senders_may_touch_them(world: World) -> None:
    rep = await world.member(Role.REP)
    async with running_post(world) as post:
        sender_id = await connect(world, post)
        with pytest.raises(Forbidden):
            await service.disconnect_sender(actor=rep, sender_id=sender_id, now=world.now())
        assert (await row_of(world, sender_id))["secret_encrypted"] is not None


async def test_another_workspaces_sender_is_missing(world: World) -> None:
    with pytest.raises(NotFound):
        await service.pause_sender(actor=world.actor, sender_id=UUID(int=7), now=world.now())


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("localhost", True),
        ("mail.localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("mail.example.com", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, is_local: bool) -> None:
    assert rules.is_loopback(host) is is_local


@pytest.mark.parametrize("host", ["", "a b", "smtp://x", "x:25", "user@host", "a\tb", "h" * 254])
def test_odd_hosts_are_refused(host: str) -> None:
    with pytest.raises(Invalid):
        parse_server(half="smtp", host=host, port=25, security=Security.STARTTLS, username="jo")


def test_an_address_is_kept_in_ascii() -> None:
    assert rules.parse_address("Jo@Müller.example") == "jo@xn--mller-kva.example"
    with pytest.raises(Invalid):
        rules.parse_address("jö@example.com")
