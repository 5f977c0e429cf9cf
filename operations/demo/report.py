"""The demo's result: the funnel, the credits by provider, and whether the numbers add up."""

from collections import Counter

from rich.console import Console
from rich.table import Table

from operations.demo.journey import Journey, expected_replies
from operations.demo.stage import Stage
from simulators.mail.people import Reaction

HUMAN = ("INTERESTED", "QUESTION", "REFERRAL", "NOT_NOW", "HUMAN")


def show(journey: Journey, *, console: Console, seconds: float) -> None:
    """Print what happened."""
    outcome = journey.outcome
    statistics = outcome.run["statistics"]
    funnel = Table(title="Funnel")
    funnel.add_column("stage")
    funnel.add_column("leads", justify="right")
    for stage in ("discovered", "enriched", "drafted", "approved", "scheduled", "sent", "replied", "bounced"):
        funnel.add_row(stage, str(statistics[stage]))
    funnel.add_row("opted out", str(statistics["optedOut"]))
    console.print(funnel)
    calls = Table(title="Credits")
    for name in ("provider", "calls", "from cache", "credits"):
        calls.add_column(name, justify="left" if name == "provider" else "right")
    for use in outcome.run["providerUse"]:
        calls.add_row(use["provider"], str(use["calls"]), str(use["cacheHits"]), str(use["credits"]))
    account = outcome.credits["creditAccount"]
    calls.add_row("messages sent", str(outcome.deliveries["SENT"]), "", str(outcome.deliveries["SENT"]))
    console.print(calls)
    console.print(
        f"Credits: {account['available']} available, {account['held']} held, {account['consumed']} consumed. "
        f"Took {seconds:.0f} s."
    )


def problems(stage: Stage, journey: Journey) -> list[str]:
    """Return every number that doesn't add up; empty when all do."""
    outcome, audience, found = journey.outcome, stage.audience, list[str]()

    def expect(what: str, value: object, wanted: object) -> None:
        if value != wanted:
            found.append(f"{what}: {value}, expected {wanted}")

    accepted = Counter(stage.mail.provider.count_by_message_id().values())
    expected = expected_replies(stage)
    statistics = outcome.run["statistics"]
    account = outcome.credits["creditAccount"]
    expect("leads created", outcome.imported["createdCount"], audience.good + audience.opted_out)
    expect("rows left out", outcome.imported["errorCount"], audience.broken)
    expect("leads discovered", statistics["discovered"], audience.good + audience.opted_out)
    expect("first messages sent", statistics["steps"][0]["sent"], audience.good)
    expect(
        "messages accepted twice by the provider",
        sum(count for times, count in accepted.items() if times > 1),
        0,
    )
    expect("deliveries in doubt", outcome.deliveries["UNKNOWN"], 0)
    expect("human replies", sum(outcome.replies[label] for label in HUMAN), expected[Reaction.REPLY])
    expect("out of office", outcome.replies["OOO"], expected[Reaction.OUT_OF_OFFICE])
    expect("bounces", outcome.replies["BOUNCE"], expected[Reaction.BOUNCE])
    expect("opt-outs", outcome.replies["UNSUBSCRIBE"], expected[Reaction.UNSUBSCRIBE])
    expect("credits in all", account["available"] + account["held"] + account["consumed"], 5_000)
    spent = sum(use["credits"] for use in outcome.run["providerUse"])
    expect("credits spent by the run", statistics["creditsSpent"], spent + statistics["sent"])
    if journey.listener is not None and not journey.listener.reconnects:
        found.append("the event stream was never cut, so nothing was proven")
    return found
