"""Previews: what a step would say to a lead, rendered and checked by the built-in drafter; nothing is stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor, require
from domain.errors import NotFound
from domain.ports import Ports
from domain.sequences.briefing import Composed, Setting, stored_claims
from domain.sequences.definition import DrafterName, check_wording
from domain.sequences.gathering import load_setting
from domain.sequences.ports import Draft, StepBrief
from domain.sequences.rules import StepKind, ThreadMode
from domain.workspaces.rules import Permission

if TYPE_CHECKING:
    from domain.tenancy import Connection

UNKNOWN_THREAD: Final = "(subject of the thread)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Templates that aren't stored yet; empty ones mean the drafter's own."""

    subject_template: str
    body_template: str
    language: str = "en"
    thread_mode: ThreadMode = ThreadMode.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A message that doesn't exist; ``claims`` as a stored message has them."""

    composed: Composed
    claims: list[dict[str, Any]]
    drafted_by: str


async def preview_message(
    *,
    ports: Ports,
    actor: Actor,
    lead_id: UUID,
    step_id: UUID | None,
    variant_id: UUID | None,
    wording: Wording | None,
    profile_id: UUID | None,
    sender_id: UUID | None,
    now: datetime,
) -> Preview:
    """Render a variant, a step's first variant, or templates that aren't stored yet, for a lead.

    Args:
        profile_id: the strategy to write from; the newest active one by default.
        sender_id: who writes; any active sender by default.

    Raises:
        NotFound, InvalidTemplate, DraftFailed.
    """
    require(actor, Permission.EDIT_MESSAGES)
    async with tenancy.reading(actor.workspace_id) as connection:
        setting = await load_setting(
            connection,
            workspace_id=actor.workspace_id,
            lead_id=lead_id,
            profile_id=profile_id or await _newest_profile(connection),
            sender_id=sender_id or await _any_sender(connection),
            now=now,
        )
        thread = (
            [_brief_of(wording)]
            if wording is not None
            else await _load_thread(connection, step_id=step_id, variant_id=variant_id)
        )
    if wording is not None:
        check_wording(
            subject=wording.subject_template,
            body=wording.body_template,
            templates=ports.templates,
            field=("input",),
        )
    return await _render(ports, setting, thread)


async def _render(ports: Ports, setting: Setting, thread: list[StepBrief]) -> Preview:
    """Render the last step of a thread; those before it only for their subjects."""
    *before, step = thread
    subjects = [] if before or step.thread_mode is ThreadMode.NEW else [UNKNOWN_THREAD]
    for earlier in before:
        subjects.append((await _draft(ports, setting, earlier, subjects)).subject)
    draft = await _draft(ports, setting, step, subjects)
    composed = setting.compose(
        setting.brief(step, previous_subjects=subjects),
        subject=draft.subject,
        body=draft.text_body,
        claims=draft.claims,
        is_first_contact=step.order == 1,
    )
    claims = stored_claims(draft.claims, strategy=setting.strategy)
    return Preview(composed=composed, claims=claims, drafted_by=draft.drafted_by)


async def _draft(ports: Ports, setting: Setting, step: StepBrief, subjects: list[str]) -> Draft:
    drafter = ports.drafters[DrafterName.LIQUID_TEMPLATE]
    return await drafter.draft(setting.brief(step, previous_subjects=subjects))


def _brief_of(wording: Wording) -> StepBrief:
    return StepBrief(
        order=1 if wording.thread_mode is ThreadMode.NEW else 2,
        kind=StepKind.EMAIL,
        thread_mode=wording.thread_mode,
        language=wording.language,
        subject_template=wording.subject_template,
        body_template=wording.body_template,
    )


async def _load_thread(
    connection: "Connection", *, step_id: UUID | None, variant_id: UUID | None
) -> list[StepBrief]:
    """Return the wanted step with those before it in its thread, each with its first variant."""
    rows = await connection.fetch(
        """
        WITH wanted AS (
            SELECT s.workspace_id, s.id, s.sequence_id, s.position FROM sequence_step s
            WHERE s.workspace_id = current_setting('app.workspace_id')::uuid
              AND s.id = coalesce((SELECT v.step_id FROM step_variant v WHERE v.workspace_id = s.workspace_id
                                   AND v.id = $2), $1)
        )
        SELECT DISTINCT ON (s.position) s.position, s.thread_mode, v.language, v.subject_template, v.body_template
        FROM wanted w
        JOIN sequence_step s ON (s.workspace_id, s.sequence_id) = (w.workspace_id, w.sequence_id)
          AND s.position <= w.position
        JOIN step_variant v ON (v.workspace_id, v.step_id) = (s.workspace_id, s.id)
          AND (s.id <> w.id OR $2::uuid IS NULL OR v.id = $2)
        ORDER BY s.position, v.label
        """,
        step_id,
        variant_id,
    )
    if not rows:
        raise NotFound("no such step or variant", field=("input", "stepId"))
    thread: list[StepBrief] = []
    for row in rows:
        step = StepBrief(
            order=row["position"],
            kind=StepKind.EMAIL,
            thread_mode=ThreadMode(row["thread_mode"]),
            language=row["language"],
            subject_template=row["subject_template"],
            body_template=row["body_template"],
        )
        thread = [step] if step.thread_mode is ThreadMode.NEW else [*thread, step]
    return thread


async def _newest_profile(connection: "Connection") -> UUID:
    profile_id: UUID | None = await connection.fetchval(
        """
        SELECT id FROM strategy_profile
        WHERE workspace_id = current_setting('app.workspace_id')::uuid AND status = 'ACTIVE'
        ORDER BY created_at DESC, id DESC LIMIT 1
        """
    )
    if profile_id is None:
        raise NotFound("a preview needs an active strategy profile", field=("input", "profileId"))
    return profile_id


async def _any_sender(connection: "Connection") -> UUID | None:
    sender_id: UUID | None = await connection.fetchval(
        """
        SELECT id FROM sender WHERE workspace_id = current_setting('app.workspace_id')::uuid AND status = 'ACTIVE'
        ORDER BY created_at, id LIMIT 1
        """
    )
    return sender_id
