"""Who is suppressed, and whom an entry concerns; inside an open scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from domain.suppression.keys import Recipient, keys_of
from domain.suppression.rules import (
    Channel,
    Entry,
    IdentityKey,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
    matching_entries,
)

if TYPE_CHECKING:
    from domain.tenancy import Connection


class Contact(NamedTuple):
    """Somebody who would be written to: in which play and by which sender."""

    recipient: Recipient
    play_id: UUID | None
    sender_id: UUID | None


async def matching(
    connection: "Connection",
    *,
    recipients: Sequence[Recipient],
    identity_key: bytes,
    now: datetime,
    play_id: UUID | None = None,
    sender_id: UUID | None = None,
    channel: Channel = Channel.EMAIL,
) -> dict[UUID, list[Entry]]:
    """Return the entries that forbid writing to leads, the widest scope first; one query for all.

    Returns:
        By lead id; leads that may be written to are absent.
    """
    found = await match_each(
        connection,
        recipients=recipients,
        identity_key=identity_key,
        now=now,
        play_id=play_id,
        sender_id=sender_id,
        channel=channel,
    )
    return {
        recipient.lead_id: entries
        for recipient, entries in zip(recipients, found, strict=True)
        if entries and recipient.lead_id is not None
    }


async def match_each(
    connection: "Connection",
    *,
    recipients: Sequence[Recipient],
    identity_key: bytes,
    now: datetime,
    play_id: UUID | None = None,
    sender_id: UUID | None = None,
    channel: Channel = Channel.EMAIL,
) -> list[list[Entry]]:
    """Like ``matching``, for people who needn't be leads yet: one list per recipient, in their order."""
    contacts = [Contact(recipient, play_id, sender_id) for recipient in recipients]
    return await match_contacts(
        connection, contacts=contacts, identity_key=identity_key, now=now, channel=channel
    )


async def match_contacts(
    connection: "Connection",
    *,
    contacts: Sequence[Contact],
    identity_key: bytes,
    now: datetime,
    channel: Channel = Channel.EMAIL,
) -> list[list[Entry]]:
    """Like ``match_each``, where each may be written to in another play and by another sender."""
    keys = [keys_of(recipient=contact.recipient, key=identity_key) for contact in contacts]
    candidates = await _candidates(connection, frozenset().union(*keys))
    return [
        matching_entries(
            entries=[entry for key in own for entry in candidates.get(key, ())],
            keys=own,
            channel=channel,
            play_id=contact.play_id,
            sender_id=contact.sender_id,
            now=now,
        )
        for contact, own in zip(contacts, keys, strict=True)
    ]


async def find_recipients(connection: "Connection", *, suppression_id: UUID) -> list[UUID]:
    """Return the leads that an entry concerned when it was made or last widened.

    Its identifier is kept only as a keyed hash, so leads can be looked up by it at that moment alone.
    Leads that come later are stopped by ``matching``.
    """
    found: list[UUID] | None = await connection.fetchval(
        "SELECT lead_ids FROM suppression WHERE workspace_id = current_setting('app.workspace_id')::uuid AND id = $1",
        suppression_id,
    )
    return found or []


async def find_leads(
    connection: "Connection", *, names: Sequence[tuple[SuppressionKind, str]]
) -> list[list[UUID]]:
    """Return the leads that folded identifiers name, one list per name."""
    found: dict[tuple[SuppressionKind, str], list[UUID]] = {name: [] for name in names}
    for kind in {kind for kind, _ in names}:
        values = [value for of, value in found if of is kind]
        for row in await connection.fetch(_LEADS[kind], values):
            found[kind, row["value"]].append(row["id"])
    return [found[name] for name in names]


async def _candidates(
    connection: "Connection", keys: frozenset[IdentityKey]
) -> Mapping[IdentityKey, list[Entry]]:
    candidates: dict[IdentityKey, list[Entry]] = {}
    for row in await connection.fetch(_CANDIDATES, [key.key_hash for key in keys]):
        entry = _entry(row)
        candidates.setdefault(entry.key, []).append(entry)
    return candidates


def _entry(row: Any) -> Entry:
    scope = SuppressionScope(row["scope"])
    return Entry(
        id=row["id"],
        scope=scope,
        key=IdentityKey(SuppressionKind(row["kind"]), row["key_hash"]),
        reason=SuppressionReason(row["reason"]),
        channels=frozenset(map(Channel, row["channels"])),
        play_id=row["scope_id"] if scope is SuppressionScope.PLAY else None,
        sender_id=row["scope_id"] if scope is SuppressionScope.SENDER else None,
        expires_at=row["expires_at"],
    )


_CANDIDATES = """
SELECT id, scope, scope_id, kind, key_hash, reason, channels, expires_at FROM suppression
WHERE workspace_id = current_setting('app.workspace_id')::uuid AND status = 'ACTIVE' AND key_hash = ANY ($1::bytea[])
UNION ALL
SELECT id, 'PLATFORM', NULL, kind, key_hash, reason, '{}', NULL FROM platform_suppression
WHERE key_hash = ANY ($1::bytea[])
"""

# By = ANY, never by a join: to a planner that has no statistics of this workspace yet, its leads are one, and comparing
# all of them with all values looks cheap.
_BY_VALUE = """
SELECT l.{column}::text AS value, l.id FROM lead l
WHERE l.workspace_id = current_setting('app.workspace_id')::uuid AND l.{column} = ANY ($1::text[]::{type}[])
"""
_LEADS = {
    SuppressionKind.EMAIL: _BY_VALUE.format(column="email_identity", type="text"),
    SuppressionKind.PHONE: _BY_VALUE.format(column="phone", type="text"),
    SuppressionKind.LINKEDIN: _BY_VALUE.format(column="linkedin_key", type="text"),
    SuppressionKind.LEAD: _BY_VALUE.format(column="id", type="uuid"),
    SuppressionKind.COMPANY: _BY_VALUE.format(column="company_id", type="uuid"),
    SuppressionKind.DOMAIN: """
        SELECT DISTINCT named.value, l.id
        FROM lead l LEFT JOIN company c ON (c.workspace_id, c.id) = (l.workspace_id, l.company_id)
        CROSS JOIN LATERAL (VALUES (split_part(l.email_identity, '@', 2)), (c.domain)) AS host (name)
        CROSS JOIN LATERAL string_to_array(host.name, '.') AS label
        CROSS JOIN LATERAL generate_series(1, cardinality(label) - 1) AS first
        JOIN unnest($1::text[]) AS named (value) ON named.value = array_to_string(label[first:], '.')
        WHERE l.workspace_id = current_setting('app.workspace_id')::uuid
    """,
}
"""Leads by folded identifier; a domain also names the leads of its subdomains."""
