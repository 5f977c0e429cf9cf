"""Privacy requests through the API: codes, other proofs, refusals, rights, and the stream."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from domain.workspaces.rules import Role
from tests.steps.happening import until_followed
from tests.steps.privacy import OPEN, VERIFY, fulfil_request, mailed_code, open_request, waiting_mail
from tests.waiting import HANGS_S
from tests.world import World, listen, new_world

EMAIL = "ada@canary.example"
CONFIRM = """
mutation($id: ID!, $how: String!) {
  privacyRequestConfirmIdentity(input: {id: $id, how: $how}) { privacyRequest { status } errors { code field } }
}
"""
DENY = """
mutation($id: ID!, $ground: DenialGround!) {
  privacyRequestDeny(input: {id: $id, ground: $ground}) { privacyRequest { status denialGround email } errors { code } }
}
"""
RESEND = "mutation($id: ID!) { privacyRequestResendCode(input: {id: $id}) { errors { code } } }"
LINK = "mutation($id: ID!) { privacyRequestLink(input: {id: $id}) { url errors { code } } }"
SHOW = "query($id: ID!) { privacyRequest(id: $id) { status kind email dueOn regime channel } }"


@pytest.fixture
def email() -> str:
    """An address of its own for each test, since the mail queue is the installation's."""
    return f"ada.{uuid4().hex}@canary.example"


async def _try(world: World, request_id: str, code: str) -> tuple[str | None, list[str]]:
    payload = (await world.execute(VERIFY, {"id": request_id, "code": code}))["privacyRequestVerify"]
    request = payload["privacyRequest"]
    return request and request["status"], [error["code"] for error in payload["errors"]]


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_is_mailed_in_the_workspaces_language_and_proves_the_person(
    world: World, email: str
) -> None:
    await world.execute('mutation { workspaceUpdate(input: {locale: "de"}) { errors { code } } }')
    request = (await open_request(world, "ACCESS", email))["privacyRequest"]
    assert (request["status"], request["email"]) == ("VERIFYING_IDENTITY", email)
    code = await mailed_code(world, email)
    body = await waiting_mail(email, "PRIVACY_CODE")
    assert f"Ihr Code: {code}" in body
    assert "/privacy/confirm/" in body

    assert await _try(world, request["id"], _other(code)) == (None, ["PRIVACY_CODE_WRONG"])
    assert await _try(world, request["id"], f" {code} ") == ("VERIFIED", [])
    assert await _try(world, request["id"], code) == (None, ["VERIFICATION_OVER"])


async def test_the_code_is_kept_as_a_hash_only(world: World, email: str) -> None:
    await open_request(world, "ACCESS", email)
    code = await mailed_code(world, email)

    [row] = await world.fetch("SELECT method, code_hash, status FROM identity_verification")
    assert (row["method"], row["status"], len(row["code_hash"])) == ("EMAIL_CODE", "SENT", 32)
    assert code.encode() not in row["code_hash"]


async def test_the_fifth_wrong_code_ends_the_code_and_another_may_be_asked_for(
    world: World, email: str
) -> None:
    request = (await open_request(world, "ACCESS", email))["privacyRequest"]
    code = await mailed_code(world, email)
    for _ in range(5):
        assert await _try(world, request["id"], _other(code)) == (None, ["PRIVACY_CODE_WRONG"])
    assert await _try(world, request["id"], code) == (None, ["VERIFICATION_OVER"])

    early = (await world.execute(RESEND, {"id": request["id"]}))["privacyRequestResendCode"]
    assert [error["code"] for error in early["errors"]] == ["PRIVACY_CODE_LIMIT"]
    await world.fetch(
        "UPDATE identity_verification SET created_at = created_at - interval '61 s' RETURNING id"
    )
    assert (await world.execute(RESEND, {"id": request["id"]}))["privacyRequestResendCode"]["errors"] == []
    second = await mailed_code(world, email)
    assert await _try(world, request["id"], second) == ("VERIFIED", [])


async def test_a_code_is_too_old_after_ten_minutes(world: World, email: str) -> None:
    request = (await open_request(world, "DELETE", email))["privacyRequest"]
    code = await mailed_code(world, email)
    with pytest.MonkeyPatch.context() as patch:
        world.clock.offset_s = 601
        patch.setattr("resolvers.context.Context.now", lambda _context: world.now())
        assert await _try(world, request["id"], code) == (None, ["PRIVACY_CODE_WRONG"])
    [row] = await world.fetch("SELECT status FROM identity_verification")
    assert row["status"] == "EXPIRED"


async def test_a_privacy_officer_may_take_another_proof_and_the_audit_says_which(
    world: World, email: str
) -> None:
    request = (await open_request(world, "DELETE", email))["privacyRequest"]
    arguments = {"id": request["id"], "how": "passport shown in a call"}
    assert await world.refused(CONFIRM, arguments, role=Role.REP) == ["FORBIDDEN"]
    assert (await world.execute(SHOW, {"id": request["id"]}))["privacyRequest"][
        "status"
    ] == "VERIFYING_IDENTITY"

    payload = (await world.execute(CONFIRM, arguments, role=Role.PRIVACY_OFFICER))[
        "privacyRequestConfirmIdentity"
    ]

    assert payload == {"privacyRequest": {"status": "VERIFIED"}, "errors": []}
    purposes = await world.fetch("SELECT purpose FROM audit_event WHERE purpose IS NOT NULL")
    assert purposes == [{"purpose": "passport shown in a call"}]
    await world.run_tasks()
    assert (await world.execute(SHOW, {"id": request["id"]}))["privacyRequest"]["status"] == "FULFILLED"


async def test_a_denial_names_its_ground_and_the_suppression_stays(world: World, email: str) -> None:
    request = (await open_request(world, "DELETE", email))["privacyRequest"]
    payload = (await world.execute(DENY, {"id": request["id"], "ground": "EXCESSIVE"}))["privacyRequestDeny"]

    assert payload["privacyRequest"] == {"status": "DENIED", "denialGround": "EXCESSIVE", "email": None}
    assert await world.fetch("SELECT status FROM suppression") == [{"status": "ACTIVE"}]
    again = (await world.execute(DENY, {"id": request["id"], "ground": "EXCESSIVE"}))["privacyRequestDeny"]
    assert [error["code"] for error in again["errors"]] == ["ILLEGAL_TRANSITION"]


async def test_the_same_key_opens_one_request_and_an_open_one_is_not_doubled(
    world: World, email: str
) -> None:
    first = await open_request(world, "ACCESS", email, key="k")
    assert await open_request(world, "ACCESS", email, key="k") == first
    second = await open_request(world, "ACCESS", email.upper(), key="other")
    assert [error["code"] for error in second["errors"]] == ["PRIVACY_REQUEST_ALREADY_OPEN"]
    without = await world.execute(OPEN, {"input": {"kind": "ACCESS", "email": email}})
    assert [error["code"] for error in without["privacyRequestOpen"]["errors"]] == [
        "IDEMPOTENCY_KEY_REQUIRED"
    ]

    assert len(await world.fetch("SELECT 1 FROM privacy_request")) == 1


async def test_a_kind_that_is_not_carried_out_is_the_callers_to_mend(world: World) -> None:
    payload = await open_request(world, "APPEAL", EMAIL)

    assert payload["privacyRequest"] is None
    assert [(error["code"], error["field"][-1]) for error in payload["errors"]] == [
        ("BAD_USER_INPUT", "kind")
    ]
    assert await world.fetch("SELECT 1 FROM privacy_request") == []


async def test_the_deadline_is_a_month_in_the_workspaces_time_zone(world: World, email: str) -> None:
    from datetime import date
    from zoneinfo import ZoneInfo

    from domain.privacy.clocks import clock_rule, deadlines
    from domain.privacy.rules import Regime, RequestKind

    request = (await open_request(world, "ACCESS", email))["privacyRequest"]
    today = world.now().astimezone(ZoneInfo("Europe/Berlin")).date()
    rule = clock_rule(regime=Regime.GDPR, kind=RequestKind.ACCESS)
    assert date.fromisoformat(request["dueOn"]) == deadlines(rule=rule, received_on=today, today=today).due_on


OPENERS = {Role.OWNER, Role.ADMIN, Role.MANAGER, Role.REP, Role.REVIEWER, Role.PRIVACY_OFFICER}
HANDLERS = {Role.OWNER, Role.ADMIN, Role.PRIVACY_OFFICER}


@pytest.mark.parametrize("role", [*Role, None])
async def test_who_may_do_what(world: World, role: Role | None, email: str) -> None:
    opened = {"input": {"kind": "ACCESS", "email": email, "idempotencyKey": "k"}}
    listed = "{ privacyRequests { totalCount } }"
    denied = {"id": f"priv_{uuid4()}", "ground": "NO_DATA"}
    refusal = ["FORBIDDEN"] if role else ["UNAUTHENTICATED"]
    if role in OPENERS:
        await world.execute(OPEN, opened, role=role)
        assert (await world.execute(listed, role=role))["privacyRequests"]["totalCount"] == 1
    else:
        assert await world.refused(listed, role=role) == refusal
        codes = await world.refused(OPEN, opened, role=role) if role else ["UNAUTHENTICATED"]
        assert codes == refusal
        assert await world.fetch("SELECT 1 FROM privacy_request") == []
    if role in HANDLERS:
        payload = (await world.execute(DENY, denied, role=role))["privacyRequestDeny"]
        assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    else:
        assert await world.refused(DENY, denied, role=role) == refusal


async def test_a_reader_does_not_reach_a_request_by_its_id(world: World, email: str) -> None:
    request = (await open_request(world, "ACCESS", email))["privacyRequest"]
    document = "query($id: ID!) { node(id: $id) { id } }"

    assert await world.refused(document, {"id": request["id"]}, role=Role.READ_ONLY) == ["FORBIDDEN"]
    assert (await world.execute(document, {"id": request["id"]}))["node"] == {"id": request["id"]}


async def test_another_workspaces_request_answers_as_missing(world: World, email: str) -> None:
    other = await new_world(world.app)
    request = (await open_request(other, "ACCESS", email))["privacyRequest"]

    assert (await world.execute(SHOW, {"id": request["id"]}))["privacyRequest"] is None
    for document, values in (
        (VERIFY, {"code": "000000"}),
        (CONFIRM, {"how": "passport shown"}),
        (DENY, {"ground": "NO_DATA"}),
        (RESEND, {}),
        (LINK, {}),
    ):
        data = await world.execute(document, {"id": request["id"], **values})
        assert [error["code"] for error in next(iter(data.values()))["errors"]] == ["NOT_FOUND"]
    assert (await other.execute(SHOW, {"id": request["id"]}))["privacyRequest"][
        "status"
    ] == "VERIFYING_IDENTITY"


async def test_a_link_is_handed_out_to_who_handles_requests_and_is_audited(world: World, email: str) -> None:
    request_id = await fulfil_request(world, "ACCESS", email)
    assert await world.refused(LINK, {"id": request_id}, role=Role.REP) == ["FORBIDDEN"]
    payload = (await world.execute(LINK, {"id": request_id}))["privacyRequestLink"]

    assert payload["errors"] == []
    assert payload["url"] in await waiting_mail(email, "PRIVACY_RESULT")
    actions = await world.fetch("SELECT action FROM audit_event WHERE action = 'privacy_request.link'")
    assert len(actions) == 1


async def test_the_stream_tells_every_state_and_store_and_ends(world: World, email: str) -> None:
    request = (await open_request(world, "ACCESS", email))["privacyRequest"]
    await open_request(world, "ACCESS", f"x{email}")
    document = "subscription($id: ID!) { privacyRequestEvents(id: $id) { type payload subjectId } }"
    stream = listen(document, {"id": request["id"]}, context=world.context())
    heard: list[dict[str, Any]] = []

    async def hear() -> None:
        async for answer in stream:
            assert answer.errors == []
            assert answer.data is not None
            heard.append(answer.data["privacyRequestEvents"])

    listening = asyncio.create_task(hear())
    await until_followed(world)
    code = await mailed_code(world, email)
    await _try(world, request["id"], code)
    await world.run_tasks()
    await asyncio.wait_for(listening, HANGS_S)

    states = [event["payload"]["status"] for event in heard if event["type"] == "PrivacyRequestMoved"]
    assert states == ["VERIFIED", "LOCATING", "ROUTED", "IN_PROGRESS", "READY", "FULFILLED"]
    assert {event["subjectId"] for event in heard} == {request["id"]}


async def test_the_stream_of_another_workspaces_request_is_refused(world: World, email: str) -> None:
    other = await new_world(world.app)
    request = (await open_request(other, "ACCESS", email))["privacyRequest"]
    document = "subscription($id: ID!) { privacyRequestEvents(id: $id) { type } }"
    answer = await anext(listen(document, {"id": request["id"]}, context=world.context()))
    assert answer.codes == ["NOT_FOUND"]
