"""Something that happens in a workspace, for those who follow its log."""

from domain.actor import Actor
from domain.work import unit_of_work
from domain.workspaces.events import WorkspaceUpdated
from tests.waiting import until
from tests.world import World


async def happen(world: World, times: int = 1) -> None:
    """Let one thing after the other happen, each in a commit of its own."""
    for _ in range(times):
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            work.emit(WorkspaceUpdated(subject_id=world.workspace_id))


async def until_followed(world: World, *, times: int = 1) -> None:
    """Wait until so many streams follow the workspace's log: what happens from now on they hear."""
    await until(lambda: followers_of(world) >= times)


def followers_of(world: World) -> int:
    """Return how many streams follow the workspace's log."""
    read = world.services.tails._read.get(world.workspace_id)
    return 0 if read is None else read.followers
