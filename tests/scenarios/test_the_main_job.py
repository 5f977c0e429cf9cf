"""The main job: a file becomes leads, leads become messages that cite, people approve, mail leaves and comes back."""

from operations.demo import documents
from simulators.mail.people import Reaction
from tests.steps import journeys
from tests.steps.journeys import HOSTS, Stage, address, row

ROWS = [
    *(row(number) for number in range(4)),
    row(0, email=address(0).upper()),
    row(4, opt_out="Yes"),
    row(5, first="", last="", email="not-an-address"),
]

CALLS = """
query ($run: ID!) { providerCalls(first: 100, where: {runId: {eq: $run}}) { nodes { runId costCredits } } }"""


async def test_a_file_becomes_conversations_and_every_number_adds_up(stage: Stage) -> None:
    stage.react(address(0), Reaction.REPLY)
    stage.react(address(1), Reaction.BOUNCE)

    await journeys.connect_sender(stage)
    job = await journeys.import_rows(stage, ROWS)
    counts = [job[f"{name}Count"] for name in ("row", "created", "duplicate", "error")]
    assert counts == [7, 5, 1, 1]

    run_id = await journeys.launch(stage, await journeys.play_over(stage, importJob=job["id"]))
    await stage.world.run_tasks()
    assert _written_to(stage) == [], "nothing leaves before somebody approves"

    assert await journeys.approve_all(stage) == 8
    await journeys.send_due(stage)
    assert sorted(_written_to(stage)) == sorted(address(number) for number in range(4))

    await journeys.read_mail(stage)
    await _answer(stage)
    await journeys.days_pass(stage, 4)

    twice = [address(number) for number in (0, 2, 3)]  # our answer; two reminders
    assert sorted(_written_to(stage)) == sorted([*twice, *(address(number) for number in range(4))])
    assert set(stage.post.provider.count_by_message_id().values()) == {1}
    await _all_adds_up(stage, run_id)


async def test_a_message_says_what_the_website_says_and_how_to_stop_it(stage: Stage) -> None:
    await journeys.sent_run(stage, ROWS[:1])
    await journeys.days_pass(stage, 4)

    first, reminder = journeys.letters(stage, address(0))
    assert HOSTS[0].description.rstrip(".") in first.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert first["From"] == "Jo Doe <jo@example.com>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first["List-Unsubscribe"].startswith("<http")
    assert (reminder["Subject"], reminder["In-Reply-To"]) == (f"Re: {first['Subject']}", first["Message-ID"])


def _written_to(stage: Stage) -> list[str]:
    """Recipients of all mail but the sender's test of itself."""
    return [recipient for recipient in stage.post.sent() if recipient != journeys.US]


async def _answer(stage: Stage) -> None:
    [reply] = (await stage.ask(documents.THREAD))["replies"]["nodes"]
    await stage.ask(documents.ANSWER, id=reply["thread"]["id"])
    await journeys.send_due(stage)
    *_, letter = journeys.letters(stage, address(0))
    assert "I will call you on Monday" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]


async def _all_adds_up(stage: Stage, run_id: str) -> None:
    run = await journeys.run_of(stage, run_id)
    statistics = run["statistics"]
    names = ("discovered", "enriched", "drafted", "approved", "sent", "replied", "bounced", "optedOut")
    assert [statistics[name] for name in names] == [5, 4, 4, 4, 4, 1, 1, 0]
    assert statistics["dropped"] == [{"reason": "SUPPRESSED", "count": 1}]
    assert [step["sent"] for step in statistics["steps"]] == [4, 2]
    assert run["status"] == "COMPLETED"
    assert await journeys.deliveries(stage) == {"SENT": 7, "CANCELLED": 2}
    assert await journeys.replies(stage) == {"INTERESTED": 1, "BOUNCE": 1}

    account = (await stage.ask(documents.CREDITS))["creditAccount"]
    providers = sum(use["credits"] for use in run["providerUse"])
    assert statistics["creditsSpent"] == providers + 6
    calls = (await stage.ask(CALLS, run=run_id))["providerCalls"]["nodes"]
    assert sum(call["costCredits"] for call in calls) == providers
    assert {call["runId"] for call in calls} == {run_id}
    assert account == {
        "available": 10_000 - account["consumed"],
        "held": 0,
        "consumed": providers + 7,
    }
