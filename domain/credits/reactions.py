"""What credits do when something happens elsewhere."""

from domain.credits.rules import GrantSource
from domain.credits.service import grant
from domain.work import Work, reacts_to
from domain.workspaces.events import WorkspaceCreated


@reacts_to(WorkspaceCreated)
async def grant_trial(work: Work, event: WorkspaceCreated) -> None:
    """Give a new workspace the credits it may try with."""
    if event.trial_credits:
        await grant(work, source=GrantSource.TRIAL, amount=event.trial_credits, reference="trial")
