"""The WebSocket side, over a real server: codes, reasons, caps, and who is shown out."""

import asyncio
from contextlib import suppress
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from domain import tenancy
from domain.api_clients.service import revoke_api_token
from domain.events import find_last_seq
from domain.workspaces import service as workspaces
from domain.workspaces.rules import Role
from tests.steps.happening import followers_of, happen, until_followed
from tests.waiting import in_time, until
from tests.web.graphql.conftest import EVENTS, Socket, api_token, open_socket, sign_in
from tests.world import EXECUTION, World
from web.graphql import listeners, sockets, standing
from web.graphql.endpoint import GraphQLEndpoint


async def _listening(world: World, socket: Socket, *, id_: str = "1") -> None:
    """Subscribe and wait until the subscription hears."""
    before = followers_of(world)
    await socket.send(id=id_, type="subscribe", payload={"query": EVENTS})
    await until_followed(world, times=before + 1)


async def test_events_arrive_over_the_socket(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    await _listening(world, socket)
    last_seq = await find_last_seq(workspace_id=world.workspace_id)
    await happen(world)
    assert await socket.receive() == {
        "type": "next",
        "id": "1",
        "payload": {"data": {"workspaceEvents": {"seq": last_seq + 1, "type": "WorkspaceUpdated"}}},
    }


async def test_queries_and_mutations_are_answered_once(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    await socket.send(id="q", type="subscribe", payload={"query": "{ workspace { name } }"})
    data = {"workspace": {"name": "Acme Outreach"}}
    assert await socket.receive() == {"type": "next", "id": "q", "payload": {"data": data}}
    assert await socket.receive() == {"type": "complete", "id": "q"}
    await socket.send(id="q", type="subscribe", payload={"query": "mutation { signOut { errors { code } } }"})
    assert (await socket.receive())["payload"] == {"data": {"signOut": {"errors": []}}}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": EVENTS, "operationName": "A"}, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "{ " + "eventTypes " * 300 + "}"}, "QUERY_TOO_COMPLEX"),
    ({"query": "subscription ($id: ID!) { runEvents(runId: $id) { seq } }"}, "BAD_USER_INPUT"),
    ({"query": 'subscription { runEvents(runId: "x") { seq } }'}, "NOT_FOUND"),
    ({"query": 'subscription { workspaceEvents(after: "x") { seq } }'}, "CURSOR_INVALID"),
    ({"query": "{ eventTypes }", "variables": {"a": [0] * 251}}, "BAD_USER_INPUT"),
]


@pytest.mark.parametrize("payload, code", WRONG)  # noqa: PT006
async def test_a_wrong_document_gets_an_error_and_closes_nothing(
    world: World, socket: Socket, payload: dict[str, Any], code: str
) -> None:
    await socket.initialise(await sign_in(world))
    await socket.send(id="1", type="subscribe", payload=payload)
    message = await socket.receive()
    assert (message["type"], message["id"]) == ("error", "1")
    [error] = message["payload"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["requestId"]
    await socket.send(id="1", type="subscribe", payload={"query": "{ __typename }"})
    assert await socket.receive() == {"type": "next", "id": "1", "payload": {"data": {"__typename": "Query"}}}


MALFORMED: list[str | bytes] = [
    "",
    "nonsense",
    "[]",
    "1",
    "null",
    '"x"',
    "true",
    "{}",
    '{"type": 1}',
    '{"type": null}',
    '{"type": ["subscribe"]}',
    '{"type": "nonsense"}',
    '{"type": "start", "id": "1"}',
    '{"type": "connection_terminate"}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}',
    '{"type": "subscribe", "id": null, "payload": {"query": "{ a }"}}',
    '{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}',
    '{"type": "subscribe", "id": ["1"], "payload": {"query": "{ a }"}}',
    '{"type": "subscribe", "id": "' + "x" * 300 + '", "payload": {"query": "{ a }"}}',
    '{"type": "subscribe", "id": "1"}',
    '{"type": "subscribe", "id": "1", "payload": []}',
    '{"type": "subscribe", "id": "1", "payload": {}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": {}}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": {"n": 9223372036854775808}}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": {"n": NaN}}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": {"n": "\\u0000"}}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "\\ud800"}}',
    '{"type": "subscribe", "id": "1", "payload": {"variables": ' + '{"a":' * 70 + "1" + "}" * 70 + "}}",
    '{"type": "ping", "payload": 1}',
    '{"type": "pong", "payload": []}',
    '{"type": "complete"}',
    '{"type": "complete", "id": 1}',
    "[" * 3_000,
    '{"a":' * 3_000,
    "9" * 5_000,
    b"\x00\x01",
    b'{"type": "ping"}',
]


@pytest.mark.parametrize("text", MALFORMED)
async def test_a_malformed_frame_closes_with_a_reason(
    world: World, socket: Socket, text: str | bytes
) -> None:
    await socket.initialise(await sign_in(world))
    await socket.send_text(text)
    code, reason = await socket.closed()
    assert code == 4400
    assert 0 < len(reason.encode()) <= 123


@pytest.mark.parametrize(
    "payload",
    [[], 1, "x", {"Authorization": 1}, {"Authorization": ["Bearer x"]}, {"Plera-Workspace": {}}],
)
async def test_a_malformed_initialisation_closes(socket: Socket, payload: Any) -> None:
    await socket.send(type="connection_init", payload=payload)
    assert (await socket.closed())[0] == 4400


async def test_a_message_of_more_than_64_kib_closes(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    await socket.send(id="1", type="subscribe", payload={"query": "{ eventTypes } #" + "x" * 65_536})
    assert (await socket.closed())[0] == 1009


async def test_bytes_that_are_no_text_close(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    await socket.connection.send(b"\xff\xfe", text=True)
    assert (await socket.closed())[0] == 1007


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "Bearer plera_s_wrong"},
        {"authorization": "Bearer plera_t_" + "x" * 43},
        {"Authorization": "nonsense"},
        {},
        None,
    ],
)
async def test_who_is_not_signed_in_is_shown_out(socket: Socket, payload: Any) -> None:
    await socket.send(type="connection_init", payload=payload)
    code, reason = await socket.closed()
    assert (code, bool(reason)) == (4401, True)


async def test_who_has_no_access_to_the_workspace_is_shown_out(world: World, socket: Socket) -> None:
    token = await sign_in(world)
    other = "work_01a20000-0000-7000-8000-000000000000"
    await socket.send(
        type="connection_init", payload={"Authorization": f"Bearer {token}", "Plera-Workspace": other}
    )
    assert (await socket.closed())[0] == 4403


async def test_a_token_may_be_in_the_handshake_instead(world: World, server_url: str) -> None:
    cookie = f"plera_session={await sign_in(world)}"
    async with open_socket(server_url, cookie=cookie, origin="http://127.0.0.1:8000") as own:
        await own.send(type="connection_init")
        assert await own.receive() == {"type": "connection_ack"}


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {}])
async def test_a_foreign_page_s_cookie_opens_nothing(
    world: World, server_url: str, headers: dict[str, Any]
) -> None:
    cookie = f"plera_session={await sign_in(world)}"
    async with open_socket(server_url, cookie=cookie, **headers) as foreign:
        assert (await foreign.closed())[0] == 4403


@pytest.mark.parametrize("protocols", [("graphql-ws",), ("nonsense",)])
async def test_no_other_protocol_is_spoken(server_url: str, protocols: tuple[str, ...]) -> None:
    async with open_socket(server_url, protocols=protocols) as socket:
        assert socket.connection.subprotocol is None
        assert (await socket.closed())[0] == 4406


async def test_the_right_protocol_is_chosen_among_several(world: World, server_url: str) -> None:
    async with open_socket(server_url, protocols=("graphql-ws", "graphql-transport-ws")) as socket:
        assert socket.connection.subprotocol == "graphql-transport-ws"
        await socket.initialise(await sign_in(world))


async def test_subscribing_before_the_acknowledgement_closes(socket: Socket) -> None:
    await socket.send(id="1", type="subscribe", payload={"query": EVENTS})
    assert (await socket.closed())[0] == 4401


async def test_a_second_initialisation_closes(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    await socket.send(type="connection_init")
    assert (await socket.closed())[0] == 4429


async def test_an_id_in_use_closes(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    for _ in range(2):
        await socket.send(id="1", type="subscribe", payload={"query": EVENTS})
    code, reason = await socket.closed()
    assert (code, reason) == (4409, "a subscriber for 1 already exists")


async def test_saying_nothing_closes(monkeypatch: pytest.MonkeyPatch, server_url: str) -> None:
    monkeypatch.setattr(sockets, "INIT_SECONDS_MAX", 0.2)
    async with open_socket(server_url) as silent:
        assert (await silent.closed())[0] == 4408
    monkeypatch.setattr(sockets, "INIT_SECONDS_MAX", 2)
    async with open_socket(server_url) as talking:
        await talking.send(type="ping")
        assert await talking.receive() == {"type": "pong"}
        assert (await talking.closed())[0] == 4408


async def test_pings_are_answered_with_what_they_carry(socket: Socket) -> None:
    await socket.send(type="ping", payload={"a": 1})
    assert await socket.receive() == {"type": "pong", "payload": {"a": 1}}
    await socket.send(type="pong")
    await socket.send(type="ping")
    assert await socket.receive() == {"type": "pong"}


async def test_completing_ends_a_subscription_and_frees_its_id(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    await _listening(world, socket)
    await socket.send(id="1", type="complete")
    await socket.send(id="unknown", type="complete")
    await happen(world)
    await socket.send(id="1", type="subscribe", payload={"query": "{ __typename }"})
    while (message := await socket.receive())["payload"]["data"] != {"__typename": "Query"}:
        assert "workspaceEvents" in message["payload"]["data"]  # one that was on its way
    assert await socket.receive() == {"type": "complete", "id": "1"}


async def test_a_revoked_token_closes(world: World, socket: Socket) -> None:
    token, token_id = await api_token(world)
    await socket.initialise(token)
    await revoke_api_token(actor=world.actor, token_id=token_id, now=world.now())
    code, reason = await socket.closed()
    assert (code, bool(reason)) == (4401, True)


async def test_an_expired_session_closes(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    await _listening(world, socket)
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            "UPDATE session SET expires_at = $2 WHERE user_id = $1", world.user_id, world.now()
        )
    assert (await socket.closed())[0] == 4401


async def test_who_is_shown_out_but_reads_nothing_asks_in_vain(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(standing, "ENDING_S", 0.01)
    token, token_id = await api_token(world)
    said: asyncio.Queue[Any] = asyncio.Queue()
    sent: asyncio.Queue[Any] = asyncio.Queue()

    async def send(message: Any) -> None:
        await sent.put(message["type"])
        if message["type"] == "websocket.close":
            await asyncio.Event().wait()  # the close frame stays behind what the client doesn't read

    def say(**message: Any) -> None:
        said.put_nowait({"type": "websocket.receive", "text": orjson.dumps(message).decode()})

    said.put_nowait({"type": "websocket.connect"})
    say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
    scope = {"type": "websocket", "headers": [], "subprotocols": ["graphql-transport-ws"]}
    serving = asyncio.create_task(GraphQLEndpoint(EXECUTION, world.services)(scope, said.get, send))
    async with in_time():
        assert [await sent.get(), await sent.get()] == ["websocket.accept", "websocket.send"]
        await revoke_api_token(actor=world.actor, token_id=token_id, now=world.now())
        assert await sent.get() == "websocket.close"
        say(type="subscribe", id="1", payload={"query": "{ __typename }"})
        await serving
    assert sent.empty()


async def test_a_removed_member_is_shown_out_of_the_workspace(world: World, socket: Socket) -> None:
    member = await world.member(Role.REP)
    token = await sign_in(World(world.app, world.workspace_id, member, member.user_id or world.user_id))
    await socket.initialise(token)
    await _listening(world, socket)
    rows = await world.fetch("SELECT id FROM member WHERE user_id = $1", member.user_id)
    await workspaces.change_member(
        actor=world.actor, member_id=rows[0]["id"], role=None, remove=True, now=world.now()
    )
    code, _ = await socket.closed()
    assert code == 4403


async def test_one_caller_s_sockets_are_counted(
    world: World, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "SOCKETS_MAX", 2)
    token = await sign_in(world)
    async with open_socket(server_url) as first, open_socket(server_url) as second:
        await first.initialise(token)
        await second.initialise(token)
        async with open_socket(server_url) as third:
            await third.send(type="connection_init", payload={"Authorization": f"Bearer {token}"})
            assert (await third.closed())[0] == 4429
        await first.connection.close()
        await first.connection.wait_closed()
        await until(lambda: _may_open(server_url, token))


async def _may_open(server_url: str, token: str) -> bool:
    async with open_socket(server_url) as socket:
        await socket.send(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        try:
            return bool(await socket.receive() == {"type": "connection_ack"})
        except ConnectionClosed:  # one too many: the first isn't counted out yet
            return False


async def test_one_caller_s_operations_are_counted_over_all_sockets(
    world: World, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "SUBSCRIPTIONS_MAX", 1)
    token = await sign_in(world)
    async with open_socket(server_url) as first, open_socket(server_url) as second:
        await first.initialise(token)
        await second.initialise(token)
        await _listening(world, first)
        await second.send(id="1", type="subscribe", payload={"query": EVENTS})
        message = await second.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == (
            "error",
            "TOO_MANY_SUBSCRIPTIONS",
        )


async def test_who_talks_too_much_is_shown_out(world: World, socket: Socket) -> None:
    await socket.initialise(await sign_in(world))
    with suppress(ConnectionClosed):  # it may be shown out before it has said all
        for _ in range(2_000):
            await socket.send(type="pong")
    assert (await socket.closed())[0] == 4429
