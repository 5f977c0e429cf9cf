"""The facts of the gate, read for many deliveries at once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.leads.queries import recipient_of
from domain.ports import Ports
from domain.sending.allowance import ROLLING
from domain.sending.judging import Candidate, Usage, candidate_of
from domain.sending.places import PLACE_COLUMNS, load_calendars
from domain.sending.scheduling import operation_key
from domain.sequences.content import UNSUBSCRIBE_PLACEHOLDER
from domain.suppression.keys import Recipient
from domain.suppression.queries import Contact, match_contacts
from domain.workspaces.rules import Permission, roles_with

if TYPE_CHECKING:
    from domain.tenancy import Connection

HEALTH_SPAN: Final = timedelta(days=7)
COUNTED: Final = ["HANDOFF", "SENT", "UNKNOWN", "REVIEW"]
"""States in which a message has left or may have."""


async def gather(
    connection: "Connection", *, delivery_ids: Sequence[UUID], ports: Ports, now: datetime
) -> tuple[list[Candidate], Usage]:
    """Read the gate's facts inside an open scope; lock what must not change meanwhile before.

    Returns:
        The candidates in the order of their due times, and what has left in the last 24 hours.
    """
    keys = [operation_key(delivery_id) for delivery_id in delivery_ids]
    rows = await connection.fetch(_FACTS, list(delivery_ids), UNSUBSCRIBE_PLACEHOLDER, _APPROVERS, keys)
    if not rows:
        return [], Usage()
    await load_calendars(rows, today=now.date())
    suppressed = await _suppressions(connection, rows, ports=ports, now=now)
    usage, health = await _usage(connection, rows, now=now)
    candidates = [
        candidate_of(
            row,
            suppressed_by=suppressed.get(row["id"]),
            health=health.get(row["sender_id"]),
            ports=ports,
            now=now,
        )
        for row in rows
    ]
    return candidates, usage


async def _suppressions(
    connection: "Connection", rows: Sequence[Any], *, ports: Ports, now: datetime
) -> dict[UUID, str]:
    """Return delivery -> reason of the widest entry that forbids it."""
    leads = await recipient_of(connection, lead_ids=[row["lead_id"] for row in rows if row["lead_id"]])
    contacts = []
    for row in rows:
        known = leads.get(row["lead_id"], Recipient(lead_id=row["lead_id"]))
        recipient = replace(known, emails=(*known.emails, row["to_address"]))
        contacts.append(Contact(recipient, row["play_id"], row["sender_id"]))
    found = await match_contacts(connection, contacts=contacts, identity_key=ports.identity_key, now=now)
    return {row["id"]: entries[0].reason.value for row, entries in zip(rows, found, strict=True) if entries}


async def _usage(
    connection: "Connection", rows: Sequence[Any], *, now: datetime
) -> tuple[Usage, dict[UUID, Any]]:
    """Return what left in the last 24 hours, and each sender's health of the last week."""
    usage, since = Usage(), now - ROLLING
    senders = await connection.fetch(
        _BY_SENDER, _distinct(rows, "sender_id"), since, now - HEALTH_SPAN, COUNTED
    )
    for row in senders:
        usage.by_sender[row["sender_id"]] = row["sent_at"] or []
        usage.opened_by[row["sender_id"]] = row["opened_at"] or []
    for row in await connection.fetch(_BY_RECIPIENT, _distinct(rows, "to_domain"), since, COUNTED):
        usage.to_domain[row["to_domain"]] = row["sent_at"]
    capped = [row for row in rows if row["sending_limits"].get("domain_sends_per_day") is not None]
    if capped:
        for row in await connection.fetch(_BY_DOMAIN, _distinct(capped, "sender_domain"), since, COUNTED):
            usage.from_domain[row["domain"]] = row["sent_at"]
    return usage, {row["sender_id"]: row for row in senders}


def _distinct(rows: Iterable[Any], column: str) -> list[Any]:
    return list({row[column] for row in rows})


_APPROVERS: Final = [role.value for role in roles_with(Permission.APPROVE_MESSAGES)]

_FACTS: Final = f"""
SELECT d.id, d.epoch, d.message_id, d.sender_id, d.lead_id, d.to_address, d.to_domain, d.content_hash,
       d.refused_gate, m.run_id, m.kind AS message_kind, st.thread_mode,
       position($2 IN m.text_body) > 0 AS has_link,
       position(replace(w.postal_address, E'\\n', ' · ') IN m.text_body) > 0 AS has_postal_address,
       w.status AS workspace_status, w.sending_limits, p.id AS play_id, p.status AS play_status,
       r.status AS run_status, r.pause_reason AS run_pause, r.is_retryable AS run_is_retryable,
       e.status AS enrollment_status, e.pause_reason AS enrollment_pause, e.resume_at,
       s.status AS sender_status, s.status_reason, s.domain AS sender_domain, s.server, s.daily_limit,
       s.gap_min_s, s.gap_max_s, s.ramp,
       a.content_hash AS approved_hash,
       EXISTS (SELECT FROM member b WHERE b.workspace_id = d.workspace_id AND b.user_id = a.decided_by
               AND b.status = 'ACTIVE' AND b.role = ANY ($3)) AS approver_may,
       l.email AS lead_email, l.email_status, l.email_checked_at, l.restricted_at, l.erased_at, {PLACE_COLUMNS},
       EXISTS (SELECT FROM credit_hold h WHERE h.workspace_id = d.workspace_id
               AND h.operation_key = asked.operation_key AND h.status = 'HELD') AS is_held,
       CASE WHEN m.kind = 'SEQUENCE' THEN (
           SELECT max(x.replied_at) FROM delivery x
           WHERE x.workspace_id = d.workspace_id AND x.enrollment_id = d.enrollment_id
       ) END AS replied_at
FROM unnest($1::uuid[], $4::text[]) AS asked (id, operation_key)
JOIN delivery d ON d.workspace_id = current_setting('app.workspace_id')::uuid AND d.id = asked.id
JOIN workspace w ON w.id = d.workspace_id
JOIN message m ON (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
JOIN sender s ON (s.workspace_id, s.id) = (d.workspace_id, d.sender_id)
LEFT JOIN enrollment e ON (e.workspace_id, e.id) = (d.workspace_id, d.enrollment_id)
LEFT JOIN sequence_step st ON (st.workspace_id, st.id) = (d.workspace_id, d.step_id)
LEFT JOIN run r ON (r.workspace_id, r.id) = (d.workspace_id, m.run_id)
LEFT JOIN play p ON (p.workspace_id, p.id) = (d.workspace_id, r.play_id)
LEFT JOIN lead l ON (l.workspace_id, l.id) = (d.workspace_id, d.lead_id)
LEFT JOIN company c ON (c.workspace_id, c.id) = (d.workspace_id, l.company_id)
LEFT JOIN LATERAL (  -- LIMIT keeps the look-up by index, whatever the statistics say
    SELECT x.content_hash, x.decided_by FROM approval x
    WHERE x.workspace_id = d.workspace_id AND x.message_id = d.message_id AND x.status = 'VALID' LIMIT 1
) AS a ON true
ORDER BY d.due_at, d.id
"""  # noqa: S608 - composed of our own text
_BY_SENDER: Final = """
SELECT d.sender_id, array_agg(d.handed_off_at) FILTER (WHERE d.handed_off_at > $2) AS sent_at,
       array_agg(d.handed_off_at) FILTER (WHERE d.handed_off_at > $2 AND st.thread_mode = 'NEW') AS opened_at,
       count(*) AS sent, count(d.bounced_at) AS bounced, count(d.complained_at) AS complained
FROM delivery d LEFT JOIN sequence_step st ON (st.workspace_id, st.id) = (d.workspace_id, d.step_id)
WHERE d.workspace_id = current_setting('app.workspace_id')::uuid AND d.sender_id = ANY ($1)
  AND d.handed_off_at > $3 AND d.state = ANY ($4)
GROUP BY d.sender_id
"""
_BY_RECIPIENT: Final = """
SELECT to_domain, array_agg(handed_off_at) AS sent_at FROM delivery
WHERE workspace_id = current_setting('app.workspace_id')::uuid AND to_domain = ANY ($1)
  AND handed_off_at > $2 AND state = ANY ($3)
GROUP BY to_domain
"""
_BY_DOMAIN: Final = """
SELECT s.domain, array_agg(d.handed_off_at) AS sent_at
FROM sender s JOIN delivery d ON (d.workspace_id, d.sender_id) = (s.workspace_id, s.id)
WHERE s.workspace_id = current_setting('app.workspace_id')::uuid AND s.domain = ANY ($1)
  AND d.handed_off_at > $2 AND d.state = ANY ($3)
GROUP BY s.domain
"""
