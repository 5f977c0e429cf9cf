"""Making entries: one statement for any number of them, and the same entry twice is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.ids import new_id
from domain.suppression.display import display_of
from domain.suppression.keys import key_of
from domain.suppression.queries import find_leads
from domain.suppression.rules import (
    Channel,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
)
from domain.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be made.

    Attributes:
        value: the folded identifier.
        scope_id: the play or sender of a narrower scope.
        channels: those it closes; empty closes all.
    """

    kind: SuppressionKind
    value: str
    reason: SuppressionReason
    scope: SuppressionScope = SuppressionScope.WORKSPACE
    scope_id: UUID | None = None
    channels: frozenset[Channel] = frozenset()
    evidence: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What became of it.

    Attributes:
        is_news: it was made now, or closes more or for longer than before.
        concerns_leads: somebody it names is a lead.
    """

    id: UUID
    is_news: bool
    concerns_leads: bool


async def enter(work: Work, entries: Sequence[NewEntry], *, identity_key: bytes) -> list[Entered]:
    """Make entries that differ in identifier, reason or scope; one that is in force already is only widened.

    Returns:
        One per entry, in their order.
    """
    hashes = [key_of(kind=entry.kind, value=entry.value, key=identity_key).key_hash for entry in entries]
    leads = await find_leads(work.connection, names=[(entry.kind, entry.value) for entry in entries])
    rows = [_row(*parts) for parts in zip(entries, hashes, leads, strict=True)]
    columns = [list(column) for column in zip(*rows, strict=True)]
    made = await work.connection.fetch(_ENTER, work.workspace_id, work.actor.id, *columns)
    ids = {row["place"]: row["id"] for row in made}
    known = {}
    if len(ids) < len(entries):
        rest = await work.connection.fetch(_KNOWN, work.workspace_id, *columns[1:6])
        known = {row["place"]: row["id"] for row in rest}
    await _forget_readable_parts(work, entries, hashes)
    return [
        Entered(
            id=ids.get(place) or known[place], is_news=place in ids, concerns_leads=bool(leads[place - 1])
        )
        for place in range(1, len(entries) + 1)
    ]


def _row(entry: NewEntry, key_hash: bytes, lead_ids: list[UUID]) -> tuple[Any, ...]:
    return (
        new_id(),
        entry.scope.value,
        entry.scope_id,
        entry.kind.value,
        key_hash,
        entry.reason.value,
        display_of(kind=entry.kind, folded=entry.value, reason=entry.reason),
        ",".join(sorted(entry.channels)),
        ",".join(map(str, lead_ids)),
        entry.evidence,
        entry.expires_at,
    )


async def _forget_readable_parts(work: Work, entries: Sequence[NewEntry], hashes: list[bytes]) -> None:
    """An erasure takes what is readable from all older entries for the same identifier."""
    erased = [
        key_hash
        for entry, key_hash in zip(entries, hashes, strict=True)
        if entry.reason is SuppressionReason.ERASURE
    ]
    if erased:
        await work.connection.execute(
            """
            UPDATE suppression SET display = NULL, evidence = NULL, lift_comment = NULL
            WHERE workspace_id = $1 AND key_hash = ANY ($2)
            """,
            work.workspace_id,
            erased,
        )


_ENTER = """
WITH new AS (
    SELECT * FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::bytea[], $8::text[], $9::text[],
                         $10::text[], $11::text[], $12::text[], $13::timestamptz[])
        WITH ORDINALITY AS new (id, scope, scope_id, kind, key_hash, reason, display, channels, lead_ids, evidence,
                                expires_at, place)
), made AS (
    INSERT INTO suppression AS s (id, workspace_id, scope, scope_id, kind, key_hash, reason, display, channels,
                                  lead_ids, evidence, expires_at, added_by)
    SELECT id, $1, scope, scope_id, kind, key_hash, reason, display, string_to_array(channels, ','),
           string_to_array(lead_ids, ',')::uuid[], evidence, expires_at, $2
    FROM new ORDER BY key_hash
    ON CONFLICT (workspace_id, key_hash, kind, reason, scope,
                 coalesce(scope_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE status = 'ACTIVE'
    DO UPDATE SET
        expires_at = CASE WHEN s.expires_at IS NULL OR excluded.expires_at IS NULL THEN NULL
                          ELSE greatest(s.expires_at, excluded.expires_at) END,
        channels = CASE WHEN '{}' IN (s.channels, excluded.channels) THEN '{}'
                        ELSE ARRAY(SELECT DISTINCT unnest(s.channels || excluded.channels) ORDER BY 1) END,
        lead_ids = excluded.lead_ids
    WHERE s.expires_at < coalesce(excluded.expires_at, 'infinity')
       OR (s.channels <> '{}' AND (excluded.channels = '{}' OR NOT excluded.channels <@ s.channels))
    RETURNING s.id, s.scope, s.scope_id, s.kind, s.key_hash, s.reason
)
SELECT new.place, made.id FROM new JOIN made
    ON (made.kind, made.key_hash, made.reason, made.scope) = (new.kind, new.key_hash, new.reason, new.scope)
   AND made.scope_id IS NOT DISTINCT FROM new.scope_id
"""
_KNOWN = """
SELECT DISTINCT ON (new.place) new.place, s.id
FROM unnest($2::text[], $3::uuid[], $4::text[], $5::bytea[], $6::text[])
    WITH ORDINALITY AS new (scope, scope_id, kind, key_hash, reason, place)
JOIN suppression s ON s.workspace_id = $1
 AND (s.kind, s.key_hash, s.reason, s.scope) = (new.kind, new.key_hash, new.reason, new.scope)
 AND s.scope_id IS NOT DISTINCT FROM new.scope_id
ORDER BY new.place, s.status, s.created_at DESC
"""
