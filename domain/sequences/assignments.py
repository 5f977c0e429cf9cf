"""What has to be drafted for an enrollment: its steps, the chosen wordings, and what is there already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.errors import NotFound
from domain.sequences.briefing import Setting
from domain.sequences.gathering import load_setting
from domain.sequences.ports import StepBrief
from domain.sequences.rules import ENROLLMENT_STATES, EnrollmentStatus, StepKind, ThreadMode, choose_variant

if TYPE_CHECKING:
    from domain.tenancy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One step of the enrollment.

    Attributes:
        subject: of the message that is there already; None when there is none.
        is_wanted: the step has no message and should get one.
    """

    step_id: UUID
    variant_id: UUID
    step: StepBrief
    subject: str | None
    is_wanted: bool

    @property
    def position(self) -> int:
        """The step's place, from 1."""
        return self.step.order


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An open enrollment and all its e-mail steps in order; ``drafter`` is the sequence's choice, if any."""

    enrollment_id: UUID
    run_id: UUID
    lead_id: UUID
    sender_id: UUID
    drafter: str | None
    setting: Setting
    assignments: tuple[Assignment, ...]

    def assignment_of(self, step_id: UUID | None) -> Assignment:
        """Return a step's assignment; raises NotFound when the step isn't an e-mail of this sequence."""
        found = next((one for one in self.assignments if one.step_id == step_id), None)
        if found is None:
            raise NotFound("no such step in this sequence", field=("input", "stepId"))
        return found

    def is_first(self, assignment: Assignment) -> bool:
        """Tell whether this is the first thing the person hears from the workspace here."""
        return assignment.position == self.assignments[0].position

    def answers_to(self, opener: Assignment) -> list[Assignment]:
        """Return the steps that answer in the thread which a step opens."""
        later = [one for one in self.assignments if one.position > opener.position]
        return list(takewhile(lambda one: one.step.thread_mode is ThreadMode.REPLY, later))

    def previous_subjects(self, position: int, *, drafted: dict[int, str]) -> tuple[str, ...]:
        """Return the subjects of the thread a step answers in, oldest first.

        Args:
            position: the step's.
            drafted: subjects of messages that were drafted just now, by position.
        """
        thread: list[str] = []
        for assignment in self.assignments:
            if assignment.step.thread_mode is ThreadMode.NEW:
                thread = []
            if assignment.position == position:
                break
            subject = drafted.get(assignment.position, assignment.subject)
            thread += [subject] if subject is not None else []
        return tuple(thread)


async def load_plan(
    connection: "Connection", *, workspace_id: UUID, enrollment_id: UUID, now: datetime, again: bool = False
) -> Plan | None:
    """Read a plan; None when the enrollment has ended.

    Args:
        again: steps whose message was rejected are wanted too.

    Raises:
        NotFound: no such enrollment.
        NoAddress: the lead can't be written to.
    """
    row = await connection.fetchrow(
        """
        SELECT e.status, e.run_id, e.lead_id, e.sender_id, e.sequence_id, r.profile_id, r.seed,
               q.ruleset ->> 'drafter' AS drafter
        FROM enrollment e
        JOIN run r ON (r.workspace_id, r.id) = (e.workspace_id, e.run_id)
        JOIN sequence q ON (q.workspace_id, q.id) = (e.workspace_id, e.sequence_id)
        WHERE e.workspace_id = $1 AND e.id = $2
        """,
        workspace_id,
        enrollment_id,
    )
    if row is None:
        raise NotFound("no such enrollment", field=("id",))
    if ENROLLMENT_STATES.is_terminal(EnrollmentStatus(row["status"])):
        return None
    setting = await load_setting(
        connection,
        workspace_id=workspace_id,
        lead_id=row["lead_id"],
        profile_id=row["profile_id"],
        sender_id=row["sender_id"],
        now=now,
    )
    steps = await _load_steps(connection, workspace_id, row["sequence_id"], enrollment_id)
    return Plan(
        enrollment_id=enrollment_id,
        run_id=row["run_id"],
        lead_id=row["lead_id"],
        sender_id=row["sender_id"],
        drafter=row["drafter"],
        setting=setting,
        assignments=tuple(_assignment(step, setting, seed=row["seed"], again=again) for step in steps),
    )


async def _load_steps(
    connection: "Connection", workspace_id: UUID, sequence_id: UUID, enrollment_id: UUID
) -> list[Any]:
    return await connection.fetch(
        """
        SELECT s.id, s.position, s.thread_mode, m.subject, m.variant_id, coalesce(m.status, '') AS status,
            (SELECT jsonb_agg(jsonb_build_object('id', v.id, 'language', v.language, 'weight', v.weight,
                'status', v.status, 'subject', v.subject_template, 'body', v.body_template) ORDER BY v.id)
             FROM step_variant v WHERE v.workspace_id = $1 AND v.step_id = s.id) AS variants
        FROM sequence_step s
        LEFT JOIN LATERAL (
            SELECT subject, variant_id, status FROM message
            WHERE workspace_id = $1 AND enrollment_id = $3 AND step_id = s.id AND status <> 'CANCELLED'
            ORDER BY status = 'REJECTED', created_at DESC LIMIT 1
        ) m ON true
        WHERE s.workspace_id = $1 AND s.sequence_id = $2 AND s.kind = 'EMAIL' ORDER BY s.position
        """,
        workspace_id,
        sequence_id,
        enrollment_id,
    )


def _assignment(step: Any, setting: Setting, *, seed: int, again: bool) -> Assignment:
    variants = {UUID(variant["id"]): variant for variant in step["variants"]}
    variant_id = step["variant_id"] or _choose(
        variants, locale=setting.locale, step_id=step["id"], lead_id=setting.recipient.lead_id, seed=seed
    )
    variant = variants[variant_id]
    is_rejected = step["status"] == "REJECTED"
    return Assignment(
        step_id=step["id"],
        variant_id=variant_id,
        step=StepBrief(
            order=step["position"],
            kind=StepKind.EMAIL,
            thread_mode=ThreadMode(step["thread_mode"]),
            language=variant["language"],
            subject_template=variant["subject"],
            body_template=variant["body"],
        ),
        subject=None if is_rejected else step["subject"],
        is_wanted=step["status"] == "" or (is_rejected and again),
    )


def _choose(
    variants: dict[UUID, Any], *, locale: str | None, step_id: UUID, lead_id: UUID, seed: int
) -> UUID:
    """Choose among the active variants; those in the lead's language go first, if there are any."""
    active = _with_status(variants, "WINNER") or _with_status(variants, "ACTIVE")
    spoken = (locale or "").split("-")[0].split("_")[0].lower()
    own = [id_ for id_ in active if variants[id_]["language"].split("-")[0] == spoken]
    return choose_variant(
        weights=[(id_, variants[id_]["weight"]) for id_ in own or active],
        step_id=step_id,
        lead_id=lead_id,
        seed=seed,
    )


def _with_status(variants: dict[UUID, Any], status: str) -> Sequence[UUID]:
    return [id_ for id_, variant in variants.items() if variant["status"] == status and variant["weight"]]
