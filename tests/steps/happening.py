"""Something that happens in a workspace, for those who follow its log."""

from domain.actor import Actor
from domain.work import unit_of_work
from domain.workspaces.events import WorkspaceUpdated
from tests.world import World


async def happen(world: World, times: int = 1) -> None:
    """Let one thing after the other happen, each in a commit of its own."""
    for _ in range(times):
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            work.emit(WorkspaceUpdated(subject_id=world.workspace_id))
