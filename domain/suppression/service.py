"""Suppress and lift. What must stop because of an entry stops in the same transaction, by reactions."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Invalid, NotFound
from domain.suppression import rules
from domain.suppression.entering import NewEntry, enter
from domain.suppression.events import AddressSuppressed, SuppressionLifted
from domain.suppression.importing import IMPORT_REASONS
from domain.suppression.keys import fold
from domain.suppression.models import Suppression
from domain.suppression.rules import (
    LiftBasis,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
    SuppressionStatus,
)
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

TEXT_LENGTH_MAX = 2_000


async def suppress(
    work: Work,
    *,
    kind: SuppressionKind,
    value: str,
    reason: SuppressionReason,
    identity_key: bytes,
    scope: SuppressionScope = SuppressionScope.WORKSPACE,
    scope_id: UUID | None = None,
    evidence: str | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Make an entry; one that is in force already stays, and is only ever widened.

    Args:
        value: any spelling; for COMPANY and LEAD the id.
        scope_id: the play or sender of a narrower scope.
        evidence: what a person may read about how it came; never shown to the outside.

    Raises:
        Invalid: it isn't such an identifier.
    """
    entry = NewEntry(
        kind=kind,
        value=fold(kind=kind, value=value),
        reason=reason,
        scope=scope,
        scope_id=scope_id,
        evidence=evidence,
        expires_at=expires_at,
    )
    [entered] = await enter(work, [entry], identity_key=identity_key)
    if entered.is_news:
        work.emit(AddressSuppressed(subject_id=entered.id, reason=reason.value, kind=kind.value))
        work.audit(
            "suppression.add",
            target_kind="suppression",
            target_id=entered.id,
            kind=kind.value,
            reason=reason.value,
            scope=scope.value,
        )
    return entered.id


async def add_suppression(
    *,
    actor: Actor,
    kind: SuppressionKind,
    value: str,
    reason: SuppressionReason,
    scope: SuppressionScope,
    scope_id: UUID | None,
    evidence: str | None,
    expires_at: datetime | None,
    identity_key: bytes,
    now: datetime,
) -> UUID:
    """Make an entry by hand; adding it twice changes nothing.

    Raises:
        Invalid: no such identifier, a reason or scope that isn't the caller's to choose, or an end in the past.
        NotFound: no such play, sender, company or lead.
    """
    require(actor, Permission.ADD_SUPPRESSIONS)
    if reason not in IMPORT_REASONS:
        raise Invalid("an erasure is asked for by a privacy request", field=("reason",))
    if scope is SuppressionScope.PLATFORM:
        raise Invalid("only the operator suppresses for the whole installation", field=("scope",))
    if (scope is SuppressionScope.WORKSPACE) is not (scope_id is None):
        raise Invalid("the scopes PLAY and SENDER name one, WORKSPACE doesn't", field=("scopeId",))
    if expires_at is not None and expires_at <= now:
        raise Invalid("the end lies in the past", field=("expiresAt",))
    rules.require_lasting(reason=reason, expires_at=expires_at)
    folded = _fold(kind, value)
    async with unit_of_work(actor, now=now) as work:
        await _require_present(work, kind=kind, folded=folded, scope=scope, scope_id=scope_id)
        return await suppress(
            work,
            kind=kind,
            value=folded,
            reason=reason,
            identity_key=identity_key,
            scope=scope,
            scope_id=scope_id,
            evidence=_text(evidence, field="evidence"),
            expires_at=expires_at,
        )


async def lift_suppression(
    *, actor: Actor, suppression_id: UUID, basis: LiftBasis, comment: str, now: datetime
) -> UUID:
    """End an entry; what it stopped isn't started again. Lifting it twice changes nothing.

    Args:
        comment: how the basis is known, for whoever asks later.

    Raises:
        SuppressionKept: an objection or erasure, or the person's wish without their new word.
        NotFound: no such entry in this workspace.
    """
    require(actor, Permission.LIFT_SUPPRESSIONS)
    comment = _text(comment, field="comment") or ""
    if not comment:
        raise Invalid("say how the basis is known", field=("comment",))
    async with unit_of_work(actor, now=now) as work:
        entry = (
            await Suppression.filter(workspace_id=actor.workspace_id, id=suppression_id)
            .select_for_update()
            .first()
        )
        if entry is None:
            raise NotFound("no such suppression", field=("id",))
        if entry.status == SuppressionStatus.LIFTED:
            return suppression_id
        reason, scope = SuppressionReason(entry.reason), SuppressionScope(entry.scope)
        rules.require_liftable(reason=reason, scope=scope, basis=basis, by_operator=False)
        entry.status, entry.lifted_by, entry.lifted_at = SuppressionStatus.LIFTED.value, actor.id, now
        entry.lift_basis, entry.lift_comment = basis.value, comment
        await entry.save(update_fields=["status", "lifted_by", "lifted_at", "lift_basis", "lift_comment"])
        work.emit(
            SuppressionLifted(subject_id=entry.id, reason=reason.value, kind=entry.kind, basis=basis.value)
        )
        work.audit(
            "suppression.lift", target_kind="suppression", target_id=entry.id, reason=reason, basis=basis
        )
    return suppression_id


_TABLES: Mapping[StrEnum, str] = {
    SuppressionKind.LEAD: "lead",
    SuppressionKind.COMPANY: "company",
    SuppressionScope.PLAY: "play",
    SuppressionScope.SENDER: "sender",
}


async def _require_present(
    work: Work, *, kind: SuppressionKind, folded: str, scope: SuppressionScope, scope_id: UUID | None
) -> None:
    """Raise NotFound when an entry would name an object that isn't in this workspace."""
    named: list[tuple[StrEnum, UUID | None, str]] = [(scope, scope_id, "scopeId")]
    if kind in _TABLES:
        named.append((kind, UUID(folded), "value"))
    for what, id_, field in named:
        if what not in _TABLES:
            continue
        sql = f"SELECT true FROM {_TABLES[what]} WHERE workspace_id = $1 AND id = $2"  # noqa: S608 - our names
        if not await work.connection.fetchval(sql, work.workspace_id, id_):
            raise NotFound(f"no such {_TABLES[what]}", field=(field,))


def _fold(kind: SuppressionKind, value: str) -> str:
    """Fold a caller's value; whatever is wrong with it, the field is ``value``."""
    try:
        return fold(kind=kind, value=value)
    except Invalid as error:
        raise Invalid(error.message, field=("value",)) from error


def _text(text: str | None, *, field: str) -> str | None:
    text = text.strip() if text else None
    if text and len(text) > TEXT_LENGTH_MAX:
        raise Invalid(f"at most {TEXT_LENGTH_MAX:,} characters", field=(field,))
    return text or None
