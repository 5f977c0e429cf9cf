"""A person approves exactly what they saw; an edit takes that back."""

import asyncio
from contextvars import Context
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from domain.idempotency import Idempotency, Replayed
from domain.sequences import editing, queries, reviewing, writing
from domain.sequences.briefing import read_claims
from domain.sequences.content import MessageContent, content_hash, split_footer
from domain.sequences.definition import StepDefinition, VariantDefinition
from domain.sequences.locking import MessageLeft
from domain.sequences.reviewing import ContentChanged, CountMismatch, MessageNotReady
from domain.sequences.writing import StepHasMessage
from domain.states import IllegalTransition
from domain.tenancy import reading
from domain.work import unit_of_work
from domain.workspaces.rules import Role
from tests.steps.sequences import (
    TWO_STEPS,
    drafted,
    enrolled,
    event_types,
    messages_of,
    reviewable,
    running_outreach,
)
from tests.waiting import until_a_lock_is_awaited
from tests.world import World, new_world

ONE_STEP = TWO_STEPS[:1]


async def _message(world: World, message_id: UUID) -> dict[str, Any]:
    [row] = await world.fetch(
        "SELECT m.*, s.position FROM message m JOIN sequence_step s ON s.id = m.step_id WHERE m.id = $1",
        message_id,
    )
    return row


async def _approve(world: World, message: dict[str, Any], **changes: Any) -> UUID:
    arguments = {"actor": world.actor, "content_hash": message["content_hash"], **changes}
    return await reviewing.approve_message(message_id=message["id"], now=world.now(), **arguments)


async def _edit(world: World, message: dict[str, Any], **changes: Any) -> dict[str, Any]:
    arguments = {
        "actor": world.actor,
        "subject": message["subject"],
        "body": split_footer(message["text_body"])[0],
        "expected_version": message["version"],
        **changes,
    }
    await editing.edit_message(message_id=message["id"], now=world.now(), **arguments)
    return await _message(world, message["id"])


SENT = """
INSERT INTO delivery (id, workspace_id, message_id, sender_id, rfc_message_id, content_hash, to_address, to_domain,
                      state, due_at)
VALUES ($1::uuid, $2, $3, $4, '<' || $1::text || '@x>', '', 'a@b.example', 'b.example', 'SENT', now())
RETURNING id
"""


def _hash_of(message: dict[str, Any]) -> str:
    content = MessageContent(
        subject=message["subject"],
        text_body=message["text_body"],
        html_body=message["html_body"],
        claims=read_claims(message["claims"]),
    )
    return content_hash(content)


async def test_an_approval_names_the_content_it_is_for(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await _approve(world, message, comment="good")

    assert (await _message(world, message["id"]))["status"] == "APPROVED"
    [approval] = await world.fetch("SELECT * FROM approval")
    assert approval["content_hash"] == message["content_hash"] == _hash_of(message)
    assert (approval["decided_by"], approval["comment"]) == (world.user_id, "good")
    [event] = await world.fetch("SELECT payload, run_id FROM event WHERE type = 'MessageApproved'")
    assert event["payload"]["content_hash"] == message["content_hash"]
    assert event["run_id"] == message["run_id"]


async def test_approving_twice_changes_nothing(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await asyncio.gather(*(_approve(world, message) for _ in range(3)))

    assert len(await world.fetch("SELECT 1 FROM approval")) == 1
    assert (await event_types(world)).count("MessageApproved") == 1


async def test_another_content_than_seen_isnt_approved(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    changed = await _edit(world, message, subject="Another question")
    with pytest.raises(ContentChanged) as refused:
        await _approve(world, message)

    assert refused.value.current_hash == changed["content_hash"]
    assert await world.fetch("SELECT 1 FROM approval") == []


async def test_a_blocked_message_cant_be_approved(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    blocked = await _edit(world, message, body="Hi Ada,\n\nclick https://evil.example/now\n\nBen")
    assert blocked["readiness"] == "BLOCK"
    with pytest.raises(MessageNotReady) as refused:
        await _approve(world, blocked)

    assert [check["rule"] for check in refused.value.blocks] == ["CONTACTS"]
    assert await world.fetch("SELECT 1 FROM approval") == []
    assert "MessageApproved" not in await event_types(world)


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.ANALYST, Role.BILLING, Role.PRIVACY_OFFICER])
async def test_who_may_not_approve_or_edit(world: World, role: Role) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    actor = await world.member(role)
    for attempt in (
        _approve(world, message, actor=actor),
        _edit(world, message, actor=actor, subject="x"),
        reviewing.reject_message(actor=actor, message_id=message["id"], comment=None, now=world.now()),
        reviewing.approve_messages(actor=actor, where="true", values=(), expected_count=1, now=world.now()),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert await _message(world, message["id"]) == message


async def test_a_reviewer_may_approve(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    reviewer = await world.member(Role.REVIEWER)
    await _approve(world, message, actor=reviewer)
    assert await world.fetch("SELECT decided_by FROM approval") == [{"decided_by": reviewer.user_id}]


async def test_a_job_approves_nothing(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    with pytest.raises(Forbidden):
        await _approve(world, message, actor=type(world.actor).job(world.workspace_id))


async def test_another_workspaces_message_is_missing(world: World) -> None:
    other = await new_world(world.app)
    [message] = await reviewable(other, steps=ONE_STEP)
    with pytest.raises(NotFound):
        await _approve(world, message)
    with pytest.raises(CountMismatch):
        await reviewing.approve_messages(
            actor=world.actor, where="true", values=(), expected_count=1, now=world.now()
        )
    assert (await _message(other, message["id"]))["status"] == "IN_REVIEW"


async def test_an_edit_voids_the_approval_and_asks_again(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await _approve(world, message)
    approved = await _message(world, message["id"])
    body = split_footer(message["text_body"])[0].replace("Hi Ada", "Hello Ada")
    changed = await _edit(world, approved, body=body)

    assert (changed["status"], changed["edited_by"]) == ("IN_REVIEW", world.user_id)
    assert changed["content_hash"] == _hash_of(changed) != message["content_hash"]
    assert split_footer(changed["text_body"])[1] == split_footer(message["text_body"])[1]
    assert "<p>Hello Ada," in changed["html_body"]
    assert [row["status"] for row in await world.fetch("SELECT status FROM approval")] == ["VOIDED"]
    [event] = await world.fetch("SELECT payload FROM event WHERE type = 'MessageEdited'")
    assert event["payload"]["was_approved"] is True


async def test_writing_what_is_there_changes_nothing(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await _approve(world, message)
    approved = await _message(world, message["id"])

    assert await _edit(world, approved, body=message["text_body"] + "\n") == approved
    assert "MessageEdited" not in await event_types(world)


async def test_a_claim_goes_with_its_words(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    assert message["claims"]
    changed = await _edit(world, message, body="Hi Ada,\n\nmay I show you something?\n\nBest regards\nBen")
    assert changed["claims"] == []
    assert changed["readiness"] == "WARN"


async def test_a_new_subject_goes_through_the_thread(world: World) -> None:
    first, second = await reviewable(world)
    await _approve(world, second)
    await _edit(world, first, subject="Two minutes, Ada?")
    answer = await _message(world, second["id"])

    assert (answer["subject"], answer["status"]) == ("Re: Two minutes, Ada?", "IN_REVIEW")
    assert answer["content_hash"] == _hash_of(answer)
    assert answer["edited_by"] is None
    with pytest.raises(Invalid) as refused:
        await _edit(world, answer, subject="Something else")
    assert refused.value.field == ("input", "subject")


async def test_what_has_left_stays_as_it_was(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await _approve(world, message)
    await world.fetch("DELETE FROM delivery RETURNING id")
    await world.fetch(SENT, uuid4(), world.workspace_id, message["id"], message["sender_id"])
    approved = await _message(world, message["id"])
    with pytest.raises(MessageLeft):
        await _edit(world, approved, subject="Too late")
    with pytest.raises(MessageLeft):
        await reviewing.reject_message(
            actor=world.actor, message_id=message["id"], comment=None, now=world.now()
        )
    assert await _message(world, message["id"]) == approved


async def test_an_edit_waits_for_a_message_that_is_being_handed_over(world: World, database_url: str) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await _approve(world, message)
    await world.fetch("DELETE FROM delivery RETURNING id")
    approved = await _message(world, message["id"])
    async with unit_of_work(world.actor, now=world.now()) as work:
        await work.connection.execute(
            "SELECT FROM enrollment WHERE id = $1 FOR NO KEY UPDATE", message["enrollment_id"]
        )
        edit = asyncio.create_task(_edit(world, approved, subject="Too late"), context=Context())
        await until_a_lock_is_awaited(database_url)
        assert not edit.done()
        await work.connection.execute(SENT, uuid4(), world.workspace_id, message["id"], message["sender_id"])
    with pytest.raises(MessageLeft):
        await edit
    assert await _message(world, message["id"]) == approved


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"expected_version": 99}, StaleVersion),
        ({"subject": "two\r\nBcc: x@y.example"}, Invalid),
        ({"subject": "  "}, Invalid),
        ({"body": ""}, Invalid),
        ({"body": "a\0b"}, Invalid),
        ({"body": "x" * 20_001}, Invalid),
    ],
)
async def test_an_edit_that_makes_no_sense_is_refused(
    world: World, changes: dict[str, Any], error: type[Exception]
) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    with pytest.raises(error):
        await _edit(world, message, **changes)
    assert await _message(world, message["id"]) == message


async def test_a_rejection_takes_the_person_out(world: World) -> None:
    first, second = await reviewable(world)
    for _ in range(2):
        await reviewing.reject_message(
            actor=world.actor, message_id=first["id"], comment="no", now=world.now()
        )

    assert [row["status"] for row in await messages_of(world, first["enrollment_id"])] == [
        "REJECTED",
        "CANCELLED",
    ]
    assert await world.fetch("SELECT status FROM enrollment") == [{"status": "REMOVED"}]
    assert await world.fetch("SELECT decision, comment FROM approval") == [
        {"decision": "REJECTED", "comment": "no"}
    ]
    with pytest.raises(IllegalTransition):
        await _approve(world, first)
    with pytest.raises(IllegalTransition):
        await _edit(world, await _message(world, second["id"]), body="other")


async def test_a_rejection_may_ask_for_another_draft(world: World) -> None:
    first, _ = await reviewable(world)
    await _approve(world, first)
    await reviewing.reject_message(
        actor=world.actor, message_id=first["id"], comment=None, redraft=True, now=world.now()
    )
    assert [row["kind"] for row in await world.fetch("SELECT kind FROM task WHERE kind = 'DraftEnrollments'")]
    assert len(await drafted(world, first["enrollment_id"])) == 2

    messages = await drafted(world, first["enrollment_id"], again=True)
    assert [(row["position"], row["status"]) for row in messages] == [
        (1, "REJECTED"),
        (1, "IN_REVIEW"),
        (2, "IN_REVIEW"),
    ]
    assert {row["status"] for row in await world.fetch("SELECT status FROM enrollment")} == {"ACTIVE"}


async def _approve_all(world: World, count: int, *, key: str | None = None, **where: Any) -> UUID:
    idempotency = key and Idempotency.of(caller_id=world.actor.id, mutation="x", key=key, arguments=[])
    return await reviewing.approve_messages(
        actor=world.actor,
        where=where.get("sql", "true"),
        values=where.get("values", ()),
        expected_count=count,
        now=world.now(),
        idempotency=idempotency or None,
    )


async def test_many_are_approved_together_or_none(world: World) -> None:
    messages = await reviewable(world, leads=3, steps=ONE_STEP)
    await _edit(world, messages[0], body="Hi Ada,\n\ncall +49 30 1234567890\n\nBen")
    for count in (1, 3):
        with pytest.raises(CountMismatch) as refused:
            await _approve_all(world, count)
        assert (refused.value.expected, refused.value.found) == (count, 2)
    assert await world.fetch("SELECT 1 FROM approval") == []

    batch_id = await _approve_all(world, 2)
    rows = await world.fetch("SELECT status FROM message ORDER BY id")
    assert [row["status"] for row in rows] == ["IN_REVIEW", "APPROVED", "APPROVED"]
    approvals = await world.fetch("SELECT content_hash, batch_id FROM approval ORDER BY message_id")
    assert [row["content_hash"] for row in approvals] == [row["content_hash"] for row in messages[1:]]
    assert {row["batch_id"] for row in approvals} == {batch_id}
    assert (await event_types(world)).count("MessageApproved") == 2
    async with reading(world.workspace_id) as connection:
        assert await queries.count_batch(connection, batch_id=batch_id) == 2


async def test_a_filter_narrows_what_is_approved(world: World) -> None:
    first, _ = await reviewable(world, leads=2, steps=ONE_STEP)
    await _approve_all(world, 1, sql="t.lead_id = $2", values=(first["lead_id"],))
    assert await world.fetch("SELECT message_id FROM approval") == [{"message_id": first["id"]}]


async def test_the_same_key_approves_once(world: World) -> None:
    await reviewable(world, leads=2, steps=ONE_STEP)
    batch_id = await _approve_all(world, 2, key="k")
    with pytest.raises(Replayed) as replayed:
        await _approve_all(world, 2, key="k")
    assert replayed.value.result_id == batch_id


async def test_a_person_writes_what_no_drafter_could(world: World) -> None:
    steps = (
        StepDefinition(variants=(VariantDefinition(label="A", language="pl"),)),
        *TWO_STEPS[1:],
    )
    outreach = await running_outreach(world, steps=steps)
    enrollment_id = await enrolled(world, outreach)
    assert await drafted(world, enrollment_id) == []
    [step] = await world.fetch("SELECT id FROM sequence_step WHERE position = 1")
    wording = {"subject": "Krótkie pytanie", "body": "Dzień dobry Ada,\n\nmam pytanie.\n\nBen"}
    arguments = {"actor": world.actor, "enrollment_id": enrollment_id, "step_id": step["id"], **wording}
    message_id = await writing.write_message(**arguments, now=world.now())

    message = await _message(world, message_id)
    assert (message["drafted_by"], message["edited_by"]) == ("person", world.user_id)
    assert message["status"] == "IN_REVIEW"
    assert "1 Long Street" in message["text_body"]
    with pytest.raises(StepHasMessage):
        await writing.write_message(**arguments, now=world.now())

    assert [row["subject"] for row in await drafted(world, enrollment_id)] == [
        "Krótkie pytanie",
        "Re: Krótkie pytanie",
    ]
    assert (await event_types(world))[-1] == "EnrollmentDrafted"


async def test_an_answer_of_a_person_isnt_edited_here(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await world.fetch("UPDATE message SET enrollment_id = NULL, kind = 'ANSWER' RETURNING id")
    with pytest.raises(Conflict):
        await _edit(world, await _message(world, message["id"]), subject="x")
