"""Which of a play's senders writes to which lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderLoad:
    """A sender that can send.

    Args:
        assigned: leads it was given today.
        daily_limit: messages it may send in a day.
    """

    sender_id: UUID
    assigned: int
    daily_limit: int


def assign_senders(
    lead_ids: Sequence[UUID], *, loads: Sequence[SenderLoad], known: Mapping[UUID, UUID]
) -> dict[UUID, UUID]:
    """Return a sender for each lead; empty when there is none to choose from.

    Who has written to a lead before goes on; the others go to the sender that is used least for its size.

    Args:
        loads: the senders to choose from.
        known: lead -> the sender that last wrote to it.
    """
    assigned = {load.sender_id: load.assigned for load in loads}
    limits = {load.sender_id: load.daily_limit for load in loads}
    chosen: dict[UUID, UUID] = {}
    for lead_id in lead_ids if loads else ():
        sender_id = known.get(lead_id)
        if sender_id not in assigned:
            sender_id = min(assigned, key=lambda id_: ((assigned[id_] + 1) / limits[id_], id_))
        chosen[lead_id] = sender_id
        assigned[sender_id] += 1
    return chosen
