"""Cancelling a run whose messages are all approved and paid for: everything that is taken back, per lead.

Each enrollment ends, its message and its delivery are cancelled, its credits come back through the ledger, its lead is
closed, and all of it is told by events; page by page, each a transaction. The floor beside it changes the same rows
(enrollments, messages, deliveries, holds, leads) with bare statements in one transaction: no events, no ledger.
"""

from benchmarks.bulk import Bulk
from benchmarks.campaigns import Outreach, approve
from domain.actor import Actor
from domain.runs.controlling import cancel_run
from domain.runs.ending import finish_run, let_go_page
from domain.work import unit_of_work
from tests.world import World


async def _cancel(world: World, wanted: Outreach) -> None:
    run_id, worker = wanted.campaign.run_id, Actor.job(world.workspace_id)
    await cancel_run(actor=world.actor, run_id=run_id, now=world.now())
    while await let_go_page(actor=worker, run_id=run_id, now=world.now()):
        pass
    await finish_run(actor=worker, run_id=run_id, now=world.now())


async def _change_the_rows(world: World, wanted: Outreach) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        for statement in _BARE:
            await work.connection.execute(statement, world.workspace_id, wanted.campaign.run_id)


async def _check_that_nothing_leaves(world: World, _wanted: Outreach) -> None:
    [left] = await world.fetch("SELECT count(*) AS open FROM delivery WHERE state = 'SCHEDULED'")
    if left["open"]:
        raise RuntimeError(f"{left['open']} deliveries are still scheduled")


def main() -> None:
    """Measure and print."""
    Bulk(
        title="Cancelling a run",
        ours="cancel a run of {} leads",
        bare="bare statements about {} leads",
        against="bare statements",
        act=_cancel,
        floor=_change_the_rows,
        before=approve,
        after=_check_that_nothing_leaves,
    ).measure()


_OF_RUN = "(SELECT id FROM message WHERE workspace_id = $1 AND run_id = $2)"
_BARE = (
    "UPDATE enrollment SET status = 'REMOVED', ended_at = now() WHERE workspace_id = $1 AND run_id = $2",
    "UPDATE message SET status = 'CANCELLED' WHERE workspace_id = $1 AND run_id = $2",
    f"UPDATE delivery SET state = 'CANCELLED' WHERE workspace_id = $1 AND message_id IN {_OF_RUN}",
    "UPDATE credit_hold SET status = 'RELEASED' WHERE workspace_id = $1 AND run_id = $2",
    """
    UPDATE run_lead SET stage = 'DROPPED', dropped_reason = 'RUN_CANCELLED' WHERE workspace_id = $1 AND run_id = $2
    """,
)

if __name__ == "__main__":
    main()
