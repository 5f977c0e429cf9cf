"""Moving a request on: the one place that changes its state."""

from typing import Any
from uuid import UUID

from domain.errors import NotFound
from domain.privacy.events import PrivacyRequestMoved
from domain.privacy.models import PrivacyRequest
from domain.privacy.rules import REQUEST_STATES, DenialGround, RequestState, require_request_move
from domain.work import Work


async def lock_request(work: Work, *, request_id: UUID) -> PrivacyRequest:
    """Return a request for changing; raises NotFound."""
    request = (
        await PrivacyRequest.filter(workspace_id=work.workspace_id, id=request_id).select_for_update().first()
    )
    if request is None:
        raise NotFound("no such privacy request", field=("id",))
    return request


async def move_request(
    work: Work,
    request: PrivacyRequest,
    *states: RequestState,
    ground: DenialGround | None = None,
    purpose: str | None = None,
    **fields: Any,
) -> None:
    """Take a locked request through the given states, with an event for each and one audit entry.

    Args:
        ground: of a denial.
        purpose: for the audit, how or why.
        fields: other columns that change with the last state.

    Raises:
        IllegalTransition: a state doesn't follow the one before.
    """
    for state in states:
        require_request_move(state=RequestState(request.status), target=state, ground=ground)
        request.status = state
        work.emit(PrivacyRequestMoved(subject_id=request.id, status=state.value))
    for name, value in fields.items():
        setattr(request, name, value)
    request.denial_ground = ground
    await request.save(update_fields=["status", "denial_ground", *fields])
    work.audit(
        "privacy_request.move",
        target_kind="privacy_request",
        target_id=request.id,
        purpose=purpose,
        status=request.status,
    )


def is_over(request: PrivacyRequest) -> bool:
    """Tell whether nothing more happens to a request."""
    return REQUEST_STATES.is_terminal(RequestState(request.status))
