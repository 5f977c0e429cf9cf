"""Senders: mailboxes that messages leave from."""

from typing import Any
from uuid import UUID

import strawberry

from domain.senders.ports import Security
from domain.senders.rules import SenderKind, SenderStatus
from resolvers import senders
from resolvers.reading.describe import Order
from resolvers.senders import ServerArguments
from schema.filters import EnumFilter, StringFilter, conditions
from schema.info import Info
from schema.lists import list_of
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, computed, entity, read_id
from schema.ramps import SenderRamp, SenderRampInput, read_ramp_input, shown_ramp
from schema.reads import object_of
from schema.scalars import DateTime, EmailAddress
from schema.windows import SendingWindow, SendingWindowInput, read_window, shown_window
from schema.writes import change_of


def _window(root: Any) -> SendingWindow | None:
    return shown_window(root["sending_window"])


def _ramp(root: Any) -> SenderRamp | None:
    return shown_ramp(root["ramp"])


@entity(
    "sender", prefix="sender", search="(t.address ILIKE {} || '%' OR t.display_name ILIKE '%' || {} || '%')"
)
class Sender(Node):
    """A mailbox that messages leave from. Its passwords are never shown again."""

    kind: SenderKind = column(description="How it is reached.")
    address: EmailAddress = column(description="Whom recipients see and answer to.")
    display_name: str = column(description="The name recipients see.")
    status: SenderStatus = column(description="Whether it can send.")
    status_reason: str | None = column(description="Why it can't, or what to know, in words for a person.")
    smtp_host: str | None = column("t.server -> 'smtp' ->> 'host'", description="Server for sending.")
    imap_host: str | None = column("t.server -> 'imap' ->> 'host'", description="Server for reading.")
    files_sent_copy: bool | None = column(
        description="Whether its server files what it sends by itself; only then can we look up what became of a "
        "message whose answer was lost. Absent until it is verified."
    )
    daily_limit: int = column(description="Most messages per rolling 24 hours.")
    gap_min_s: int = column(description="Least seconds between two messages.")
    gap_max_s: int = column(description="Most seconds that chance makes of it.")
    sending_window: SendingWindow | None = computed(
        needs=("sending_window",), description="When its messages may leave; absent: the workspace's window."
    )(_window)
    ramp: SenderRamp | None = computed(
        needs=("ramp",),
        description="Its warm-up; absent: it may send up to its daily limit from the first day.",
    )(_ramp)
    verified_at: DateTime | None = column(description="When its login last proved to work.")
    last_polled_at: DateTime | None = column(description="When it was last read.")
    disconnected_at: DateTime | None = column(description="When its login was destroyed.")
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When it was connected.")


@conditions(
    Sender,
    search="The beginning of the address, or part of the name.",
    sort=("created_at", "address", "display_name"),
)
class SenderWhere:
    """Which senders."""

    status: EnumFilter[SenderStatus] | None = None
    address: StringFilter | None = None


@strawberry.input(description="How to reach one of a mailbox's servers.")
class MailServerInput:
    """One half of a mailbox."""

    host: str = strawberry.field(description="Its name, which its certificate must carry.")
    port: int = strawberry.field(description="465 or 587 for SMTP, 993 or 143 for IMAP, usually.")
    username: str = strawberry.field(description="Mostly the address.")
    password: str = strawberry.field(
        description="Kept encrypted; an app password where the provider has those."
    )
    security: Security = strawberry.field(
        default=Security.IMPLICIT_TLS, description="TLS from the first byte, unless the port wants STARTTLS."
    )


@strawberry.input(description="A mailbox to send from.")
class SenderConnectInput:
    """Arguments of `senderConnect`."""

    address: EmailAddress = strawberry.field(description="Its address.")
    display_name: str = strawberry.field(description="1 to 100 characters; who recipients see.")
    smtp: MailServerInput = strawberry.field(description="Its server for sending.")
    imap: MailServerInput = strawberry.field(description="Its server for reading.")
    ramp: SenderRampInput | None = strawberry.field(
        default=None,
        description="Its warm-up, which begins today; none by default: up to 50 messages from the first day.",
    )


@strawberry.input(description="New servers and passwords of a mailbox.")
class SenderReconnectInput:
    """Arguments of `senderReconnect`."""

    id: strawberry.ID = strawberry.field(description="The sender.")
    smtp: MailServerInput = strawberry.field(description="Its server for sending.")
    imap: MailServerInput = strawberry.field(description="Its server for reading.")


@strawberry.input(description="Changes to a sender; what is left out stays.")
class SenderUpdateInput:
    """Arguments of `senderUpdate`."""

    id: strawberry.ID = strawberry.field(description="The sender.")
    display_name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 100 characters.")
    daily_limit: int | None = strawberry.field(
        default=strawberry.UNSET, description="1 to 150 messages per rolling 24 hours."
    )
    gap_min_s: int | None = strawberry.field(default=strawberry.UNSET, description="Seconds, 0 to 86400.")
    gap_max_s: int | None = strawberry.field(
        default=strawberry.UNSET, description="Seconds, not below the least."
    )
    sending_window: SendingWindowInput | None = strawberry.field(
        default=strawberry.UNSET, description="Null goes back to the workspace's window."
    )
    expected_version: int | None = strawberry.field(default=None, description="Refuse if it changed since.")
    ramp: SenderRampInput | None = strawberry.field(
        default=strawberry.UNSET, description="A warm-up that begins today; null ends it."
    )


@strawberry.type(description="The answer of sender mutations.")
class SenderPayload(Payload):
    """A sender after a change."""

    sender: Sender | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class SendersQuery:
    """Root fields about senders."""

    sender = object_of(Sender, description="One sender.")

    senders = list_of(
        Sender,
        order=(Order("created_at"),),
        description="Senders, oldest first.",
    )


@strawberry.type
class SendersMutation:
    """Root fields that change senders."""

    @strawberry.mutation(
        description="Connect a mailbox: its login is encrypted, and a test message to itself is sent from it."
    )
    async def sender_connect(self, info: Info, input: SenderConnectInput) -> SenderPayload:
        """Connect it."""
        use_case = senders.connect_sender(
            info.context,
            address=input.address,
            display_name=input.display_name,
            smtp=_server(input.smtp),
            imap=_server(input.imap),
            ramp=read_ramp_input(input.ramp),
        )
        return await answer(info, SenderPayload, use_case)

    @strawberry.mutation(description="Give a mailbox new servers and passwords; what waits for it stays.")
    async def sender_reconnect(self, info: Info, input: SenderReconnectInput) -> SenderPayload:
        """Reconnect it."""

        async def use_case() -> UUID:
            sender_id = read_id(input.id, Sender)
            smtp, imap = _server(input.smtp), _server(input.imap)
            return await senders.reconnect_sender(info.context, sender_id=sender_id, smtp=smtp, imap=imap)

        return await answer(info, SenderPayload, use_case())

    sender_verify = change_of(
        Sender,
        SenderPayload,
        senders.verify_sender,
        description="Check a mailbox again: login, test message, what its server files.",
    )

    @strawberry.mutation(description="Change a sender's name, limits, window or warm-up.")
    async def sender_update(self, info: Info, input: SenderUpdateInput) -> SenderPayload:
        """Change it."""

        async def use_case() -> UUID:
            changes = fields_of(input, without=("id", "expected_version"))
            if "sending_window" in changes:
                changes["sending_window"] = read_window(changes["sending_window"])
            if "ramp" in changes:
                changes["ramp"] = read_ramp_input(changes["ramp"])
            return await senders.update_sender(
                info.context,
                sender_id=read_id(input.id, Sender),
                changes=changes,
                expected_version=input.expected_version,
            )

        return await answer(info, SenderPayload, use_case())

    sender_pause = change_of(
        Sender,
        SenderPayload,
        senders.pause_sender,
        description="Stop sending from a mailbox; what waits for it waits on.",
    )

    sender_resume = change_of(
        Sender, SenderPayload, senders.resume_sender, description="Send from a paused mailbox again."
    )

    sender_disconnect = change_of(
        Sender,
        SenderPayload,
        senders.disconnect_sender,
        description="Let a mailbox go: its passwords are destroyed. This can't be undone.",
    )


def _server(input_: MailServerInput) -> ServerArguments:
    return ServerArguments(
        host=input_.host,
        port=input_.port,
        security=input_.security,
        username=input_.username,
        password=input_.password,
    )
