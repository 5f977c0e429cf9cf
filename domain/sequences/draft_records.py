"""Writes of drafting: a message for a step, and the AI calls behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from domain.ids import new_id
from domain.sequences.assignments import Plan
from domain.sequences.briefing import Composed, stored_claims
from domain.sequences.ports import AiUsage
from domain.sequences.readiness.gate import Readiness
from domain.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to be written; ``drafted_by`` names its author honestly, ``model`` is None unless an AI wrote."""

    id: UUID
    step_id: UUID
    variant_id: UUID
    composed: Composed
    drafted_by: str
    model: str | None = None
    prompt_version: str | None = None
    edited_by: UUID | None = None


async def insert_message(work: Work, plan: Plan, message: NewMessage) -> bool:
    """Write a message IN_REVIEW; False when its step has a living one already."""
    content, readiness = message.composed.content, message.composed.readiness
    found = await work.connection.fetchval(
        """
        INSERT INTO message (id, workspace_id, run_id, enrollment_id, step_id, variant_id, lead_id, sender_id,
            to_address, subject, text_body, html_body, claims, content_hash, drafted_by, model, prompt_version,
            edited_by, readiness, readiness_checks, score)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16, $17, $18, $19,
            $20::jsonb, $21)
        ON CONFLICT (workspace_id, enrollment_id, step_id)
            WHERE status NOT IN ('REJECTED', 'CANCELLED') AND enrollment_id IS NOT NULL DO NOTHING
        RETURNING true
        """,
        message.id,
        work.workspace_id,
        plan.run_id,
        plan.enrollment_id,
        message.step_id,
        message.variant_id,
        plan.lead_id,
        plan.sender_id,
        plan.setting.to_address,
        content.subject,
        content.text_body,
        content.html_body,
        as_json(stored_claims(content.claims, strategy=plan.setting.strategy)),
        message.composed.content_hash,
        message.drafted_by,
        message.model,
        message.prompt_version,
        message.edited_by,
        readiness.result,
        as_json(stored_checks(readiness)),
        readiness.score.total,
    )
    return bool(found)


async def insert_ai_calls(
    work: Work,
    plan: Plan,
    usage: Sequence[AiUsage],
    *,
    message_id: UUID | None,
    prompt_version: str | None,
    cost_credits: int,
) -> list[UUID]:
    """Write a row per call, the credits at the last one; returns their ids in order."""
    ids = [new_id() for _ in usage]
    await work.connection.executemany(
        """
        INSERT INTO ai_call (id, workspace_id, run_id, lead_id, message_id, purpose, model, prompt_version,
            price_version, input_tokens, cache_write_tokens, cache_read_tokens, output_tokens, cost_usd,
            cost_credits, stop_reason, vendor_request_id, latency_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """,
        [
            (
                id_,
                work.workspace_id,
                plan.run_id,
                plan.lead_id,
                message_id,
                call.purpose,
                call.model,
                prompt_version or "",
                call.price_version,
                call.input_tokens,
                call.cache_write_5m_tokens + call.cache_write_1h_tokens,
                call.cache_read_tokens,
                call.output_tokens,
                call.cost_usd or 0,
                cost_credits if id_ == ids[-1] else 0,
                call.stop_reason,
                call.request_id,
                call.latency_ms,
            )
            for id_, call in zip(ids, usage, strict=True)
        ],
    )
    return ids


def stored_checks(readiness: Readiness) -> list[dict[str, Any]]:
    """Return the checks as they are kept."""
    return [
        {"rule": check.rule, "result": check.result, "detail": check.detail} for check in readiness.checks
    ]


def as_json(value: Any) -> str:
    """Return the text of a ``jsonb`` value."""
    return orjson.dumps(value).decode()
