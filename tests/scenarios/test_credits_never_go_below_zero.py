"""What isn't there can't be spent, whoever asks at the same time; and nothing is lost that was set aside."""

import asyncio

from operations.demo import documents
from tests.steps import credits, journeys
from tests.steps.journeys import Stage, row

ROWS = [row(number) for number in range(4)]
FIRST_DRAFTS = """
query { messages(first: 20, where: {status: {eq: IN_REVIEW}}) { nodes { id contentHash step { position } } } }"""
APPROVE_ONE = """
mutation ($id: ID!, $hash: String!) {
  messageApprove(input: {id: $id, contentHash: $hash}) { message { status } errors { code message field } }
}"""


async def test_a_run_waits_for_credits_and_goes_on_when_there_are_some(stage: Stage) -> None:
    await journeys.connect_sender(stage)
    job = await journeys.import_rows(stage, ROWS)
    await credits.spend_all_but(stage.world, 3)
    run_id = await journeys.launch(stage, await journeys.play_over(stage, importJob=job["id"]))
    await stage.world.run_tasks()

    run = await journeys.run_of(stage, run_id)
    assert (run["status"], run["pauseReason"]) == ("PAUSED", "BUDGET")
    assert 0 < run["statistics"]["creditsSpent"] <= 3
    assert (await credits.balance(stage.world))["available"] == 3 - run["statistics"]["creditsSpent"]

    await credits.grant(stage.world, 20)
    await stage.world.run_tasks()
    run = await journeys.run_of(stage, run_id)
    assert (run["status"], run["pauseReason"]) == ("RUNNING", None)
    assert (run["statistics"]["drafted"], run["statistics"]["dropped"]) == (4, [])
    await _books_balance(stage, granted=10_020)


async def test_approvals_at_the_same_moment_share_what_is_left(stage: Stage) -> None:
    run_id = await journeys.drafted_run(stage, ROWS)
    await credits.spend_all_but(stage.world, 2)
    drafts = (await stage.ask(FIRST_DRAFTS))["messages"]["nodes"]
    firsts = [draft for draft in drafts if draft["step"]["position"] == 1]
    await asyncio.gather(
        *(stage.ask(APPROVE_ONE, id=draft["id"], hash=draft["contentHash"]) for draft in firsts)
    )
    assert (await credits.balance(stage.world))["available"] == 0
    run = await journeys.run_of(stage, run_id)
    assert (run["status"], run["pauseReason"], run["statistics"]["creditsHeld"]) == ("PAUSED", "BUDGET", 2)

    await asyncio.gather(*(journeys.send_due(stage) for _ in range(3)))
    assert _letters(stage) == [], "a paused run sends nothing"

    await credits.grant(stage.world, 2)
    await journeys.days_pass(stage, 1)
    assert len(_letters(stage)) == 4
    assert (await journeys.run_of(stage, run_id))["statistics"]["sent"] == 4
    await _books_balance(stage, granted=10_002)


async def test_many_who_want_the_last_credits_at_once_get_no_more_than_there_are(stage: Stage) -> None:
    await credits.spend_all_but(stage.world, 5)
    wishes = [credits.hold(stage.world, f"wish {number}", 1) for number in range(12)]
    outcomes = await asyncio.gather(*wishes, return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(error).__name__ for error in refused} == {"InsufficientCredits"}
    assert len(refused) == 7
    assert (await credits.balance(stage.world))["available"] == 0
    await _books_balance(stage, granted=10_000)


def _letters(stage: Stage) -> list[str]:
    return [recipient for recipient in stage.post.sent() if recipient != journeys.US]


async def _books_balance(stage: Stage, *, granted: int) -> None:
    """Everything granted is somewhere, and the ledger says the same (a CHECK keeps each balance from falling below 0)."""
    account = (await stage.ask(documents.CREDITS))["creditAccount"]
    assert account["available"] + account["held"] + account["consumed"] == granted
    sums = await stage.world.fetch(
        "SELECT account, sum(amount)::int AS amount FROM ledger_entry WHERE account <> 'ISSUED' GROUP BY account"
    )
    assert {found["account"].lower(): found["amount"] for found in sums if found["amount"]} == {
        name: amount for name, amount in account.items() if amount
    }
