"""kill -9 between the last line of a message and the provider's answer: it arrives once, and we come to know it."""

from collections.abc import Callable

import pytest

from simulators.mail.certificates import Authority
from tests.steps import credits, journeys
from tests.steps.installation import own_installation, worker_in_here, worker_process
from tests.steps.journeys import Stage, address, row, staged
from tests.waiting import until

PEOPLE = [address(number) for number in range(3)]


async def test_what_was_handed_over_when_the_worker_died_is_found_and_not_sent_again(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with own_installation(new_database(), monkeypatch=monkeypatch) as installation:
        authority = Authority(folder=installation.folder / "ca")
        assert authority.ca_file is not None
        async with staged(installation.world, authority=authority) as stage:
            await journeys.drafted_run(stage, [row(number) for number in range(3)])
            await journeys.approve_all(stage)
            spent = (await credits.balance(stage.world))["consumed"]

            stage.post.account().faults.delay_s = 60  # takes the message, and doesn't say so
            async with worker_process(installation, ca_file=authority.ca_file) as worker:
                await until(lambda: _is_taken(stage))
                worker.kill()
            stage.post.account().faults.delay_s = 0

            assert (await journeys.deliveries(stage)).get("HANDOFF", 0) >= 1, "killed before it knew"
            assert "SENT" not in await journeys.deliveries(stage)

            await journeys.age(stage, 1)
            async with worker_in_here(stage):
                await until(lambda: _are_sent(stage))

            assert sorted(_recipients(stage)) == sorted(PEOPLE)
            assert set(stage.post.provider.count_by_message_id().values()) == {1}
            assert await journeys.deliveries(stage) == {"SENT": 3, "SCHEDULED": 3}, (
                "with the reminders to come"
            )
            assert (await credits.balance(stage.world))["consumed"] == spent + 3


def _recipients(stage: Stage) -> list[str]:
    return [recipient for recipient in stage.post.sent() if recipient != journeys.US]


async def _is_taken(stage: Stage) -> bool:
    return bool(_recipients(stage))


async def _are_sent(stage: Stage) -> bool:
    return (await journeys.deliveries(stage)).get("SENT") == 3
