"""A run that can't go on by itself says so, and stays in a state that somebody can act on.

After a fault of ours that may pass, everything stands still as in a pause (sequences stay, approved messages wait at
the gate with their credits), and a person resumes the run or cancels it. What can't be mended lets go of everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from domain.runs.events import RunFailed
from domain.runs.rules import RunState
from domain.runs.tasks import LetGoOfLeads
from domain.work import Work


class RunFailure(StrEnum):
    """What of a run has failed for good, or as often as it was tried."""

    START = "START"
    DISCOVERY = "DISCOVERY"
    SOURCE = "SOURCE"
    CONTINUATION = "CONTINUATION"
    END = "END"
    CANCELLATION = "CANCELLATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failing:
    """What a failure does.

    Attributes:
        said: for people.
        fails: the states of runs that it ends; those in another one have no use for what failed.
        is_retryable: whether a person may resume the run.
    """

    said: str
    fails: tuple[RunState, ...]
    is_retryable: bool = True


FAILINGS: Final[Mapping[RunFailure, _Failing]] = MappingProxyType(
    {
        RunFailure.START: _Failing(
            said="it could not begin, for a fault of ours; resume it, or cancel it", fails=(RunState.QUEUED,)
        ),
        RunFailure.DISCOVERY: _Failing(
            said="looking for leads failed again and again, for a fault of ours; resume the run, or cancel it",
            fails=(RunState.RUNNING,),
        ),
        RunFailure.SOURCE: _Failing(
            said="its source gives no leads that could be taken up; launch the play anew with another one",
            fails=(RunState.RUNNING,),
            is_retryable=False,
        ),
        RunFailure.CONTINUATION: _Failing(
            said="it could not go on after a pause, for a fault of ours; resume it again, or cancel it",
            fails=(RunState.RUNNING,),
        ),
        RunFailure.END: _Failing(
            said="it could not be ended, for a fault of ours; resume it, or cancel it",
            fails=(RunState.RUNNING,),
        ),
        RunFailure.CANCELLATION: _Failing(
            said="not all of it could be taken back, for a fault of ours; cancel it again",
            fails=(RunState.CANCELLING,),
            is_retryable=False,
        ),
    }
)


async def fail_run(work: Work, *, run_id: UUID, failure: RunFailure) -> bool:
    """Say that a run has failed; False when what failed is none of its business any more. Safe to repeat.

    Where nothing can be retried and nothing is being taken back yet, its leads are let go in the background.
    """
    failing = FAILINGS[failure]
    failed = await work.connection.fetchval(
        """
        UPDATE run SET status = 'FAILED', failure = $3, is_retryable = $4, finished_at = $5
        WHERE workspace_id = $1 AND id = $2 AND status = ANY ($6) RETURNING true
        """,
        work.workspace_id,
        run_id,
        f"{failure}: {failing.said}",
        failing.is_retryable,
        work.now,
        [state.value for state in failing.fails],
    )
    if not failed:
        return False
    work.emit(
        RunFailed(subject_id=run_id, run_id=run_id, failure=failure.value, is_retryable=failing.is_retryable)
    )
    if not failing.is_retryable and failure is not RunFailure.CANCELLATION:
        await work.enqueue(LetGoOfLeads(run_id=run_id))
    return True
