"""Which events end long work."""

from typing import Any

import pytest

from domain.events import LoggedEvent
from domain.ids import new_id
from resolvers.endings import ends
from tests.world import World

JOB = new_id()


def logged(world: World, type_: str, payload: dict[str, Any]) -> LoggedEvent:
    return LoggedEvent(
        workspace_id=world.workspace_id,
        seq=1,
        type=type_,
        subject_kind="job",
        subject_id=JOB,
        run_id=None,
        payload=payload,
        occurred_at=world.now(),
    )


@pytest.mark.parametrize(
    ("type_", "payload", "expected"),
    [
        ("ImportProgressed", {}, False),
        ("ImportCompleted", {}, True),
        ("ImportFailed", {}, True),
        ("ImportCancelled", {}, True),
        ("ExportRequested", {}, False),
        ("ExportCompleted", {}, True),
        ("ExportFailed", {}, True),
        ("SuppressionsImported", {}, True),
        ("RunCancelling", {}, False),
        ("RunCancelled", {}, True),
        ("RunCompleted", {}, True),
        ("RunFailed", {"is_retryable": True}, False),
        ("RunFailed", {"is_retryable": False}, True),
        ("EnrichmentProgressed", {"status": "RUNNING"}, False),
        ("EnrichmentProgressed", {"status": "DONE"}, True),
        ("EnrichmentProgressed", {"status": "STOPPED"}, True),
        ("PrivacyRequestMoved", {"status": "READY"}, False),
        ("PrivacyRequestMoved", {"status": "FULFILLED"}, True),
        ("PrivacyRequestMoved", {"status": "DENIED"}, True),
        ("PrivacyTaskFinished", {}, False),
    ],
)
async def test_work_ends_with(world: World, type_: str, payload: dict[str, Any], expected: bool) -> None:
    event = logged(world, type_, payload)
    assert ends(JOB, event) is expected
    assert not ends(new_id(), event), "it is another work's"
