"""The append-only journal of what was tried with a delivery."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from domain.ids import new_id
from domain.work import Work


class Step(NamedTuple):
    """One line: CLAIM, GATE, HANDOFF, OUTCOME or RECONCILE, its result, and details for people."""

    delivery_id: UUID
    epoch: int
    kind: str
    result: str
    detail: str | None = None


async def note(work: Work, steps: Sequence[Step]) -> None:
    """Append lines; the time is the database's."""
    if not steps:
        return
    await work.connection.execute(
        """
        INSERT INTO delivery_attempt (id, workspace_id, delivery_id, epoch, kind, result, detail)
        SELECT id, $1, delivery_id, epoch, kind, result, detail
        FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::text[])
            AS new (id, delivery_id, epoch, kind, result, detail)
        """,
        work.workspace_id,
        [new_id() for _ in steps],
        *(list(column) for column in zip(*steps, strict=True)),
    )
