"""Approving many messages at once: everything that follows in the same transaction, per message.

Each approval is written with its audit entry and event, moves its lead to the run's next stage, gets a delivery at
the first opening of the window, and has its credits set aside. The floor beside it inserts the same number of bare
approvals, with their keys and checks, in one statement.
"""

from benchmarks.bulk import Bulk
from benchmarks.campaigns import Outreach, approve
from domain.actor import Actor
from domain.ids import new_id
from domain.work import unit_of_work
from tests.world import World


async def _insert_approvals(world: World, wanted: Outreach) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await work.connection.execute(
            """
            INSERT INTO approval (id, workspace_id, message_id, content_hash, decided_by, decision)
            SELECT id, $1, message_id, '-', $2, 'APPROVED' FROM unnest($3::uuid[], $4::uuid[]) AS n (id, message_id)
            """,
            world.workspace_id,
            world.user_id,
            [new_id() for _ in wanted.message_ids],
            wanted.message_ids,
        )


def main() -> None:
    """Measure and print."""
    Bulk(
        title="Bulk approval",
        ours="approve {} messages",
        bare="bare approvals of {} messages",
        against="bare approvals",
        act=approve,
        floor=_insert_approvals,
    ).measure()


if __name__ == "__main__":
    main()
