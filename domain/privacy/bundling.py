"""The access bundle: everything a workspace holds about a person, where it came from, and who got it.

GDPR Article 15(1): purposes, categories, recipients, retention, rights, sources and the logic of automated
decisions stand beside the data; 15(4): what belongs to others is counted, not shown.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.privacy.columns import REGISTRY, shown_columns
from domain.privacy.locating import Located, key_column
from domain.privacy.models import PrivacyRequest

if TYPE_CHECKING:
    from domain.tenancy import Connection

SCHEMA_VERSION: Final = 1

_COPIES: Final = frozenset({"lead_search", "import_job", "import_row_error", "suppression_import"})
"""Copies of what is shown elsewhere, among rows of other people: counted only."""

_PURPOSES: Final = (
    "Finding out whether our offer may matter to the company you work for",
    "Writing to you at work about that offer, and handling your answer",
    "Keeping your objection, so that you are not written to again",
)
_LOGIC: Final = (
    "Messages are drafted by software from the facts shown here and are sent only after a person approved them. "
    "Replies are sorted by rules and, where connected, a language model. No decision with legal effect is made."
)
_RIGHTS: Final = (
    "rectification",
    "erasure",
    "restriction",
    "objection",
    "portability",
    "complaint to a supervisory authority",
)

_SOURCES: Final = """
SELECT DISTINCT source_kind, source, source_url FROM field_value WHERE workspace_id = $1 AND lead_id = ANY ($2)
UNION
SELECT l.source_kind, coalesce(j.file_name, 'no file'), j.legal_basis
FROM lead l LEFT JOIN import_job j ON (j.workspace_id, j.id) = (l.workspace_id, l.import_job_id)
WHERE l.workspace_id = $1 AND l.id = ANY ($2)
UNION
SELECT 'UPLOAD', j.file_name, j.legal_basis
FROM import_known_lead k JOIN import_job j ON (j.workspace_id, j.id) = (k.workspace_id, k.import_job_id)
WHERE k.workspace_id = $1 AND k.lead_id = ANY ($2) ORDER BY 1, 2, 3
"""
_RECIPIENTS: Final = """
SELECT 'enrichment provider' AS role, provider AS name FROM provider_call WHERE workspace_id = $1 AND lead_id = ANY ($2)
UNION SELECT 'language model', model FROM ai_call WHERE workspace_id = $1 AND lead_id = ANY ($2)
UNION SELECT 'mail provider of the sender', s.domain
FROM message m JOIN sender s ON (s.workspace_id, s.id) = (m.workspace_id, m.sender_id)
WHERE m.workspace_id = $1 AND m.lead_id = ANY ($2) ORDER BY 1, 2
"""
_EMPLOYERS: Final = "SELECT name, domain FROM company WHERE workspace_id = $1 AND id = ANY ($2) ORDER BY 1"


async def read_bundle(
    connection: "Connection", *, request: PrivacyRequest, located: Located, workspace: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the bundle as values that JSON can show.

    Args:
        workspace: its settings: the controller's name and address.
    """
    leads, companies = list(located.subject.leads), list(located.subject.companies)
    data, withheld = await _data(connection, workspace_id=request.workspace_id, located=located)

    async def rows(sql: str, ids: list[UUID]) -> list[dict[str, Any]]:
        return [dict(row) for row in await connection.fetch(sql, request.workspace_id, ids)]

    return {
        "schemaVersion": SCHEMA_VERSION,
        "request": {"id": request.id, "regime": request.regime, "openedAt": request.created_at},
        "controller": {"name": workspace["name"], "postalAddress": workspace["postal_address"]},
        "purposes": _PURPOSES,
        "automatedDecisions": _LOGIC,
        "rights": _RIGHTS,
        "retention": {table: next(iter(REGISTRY[table].values())).retention for table in data},
        "employers": await rows(_EMPLOYERS, companies),
        "sources": await rows(_SOURCES, leads),
        "recipients": await rows(_RECIPIENTS, leads),
        "data": data,
        "withheld": withheld,
    }


async def _data(
    connection: "Connection", *, workspace_id: UUID, located: Located
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, int]]:
    """Return the rows to show by table, and how many are not shown."""
    data, withheld = {}, {}
    for table, keys in located.rows.items():
        columns = shown_columns(table)
        if table in _COPIES or not columns:
            shown = []
        else:
            found = await connection.fetch(
                f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608 - the registry's words
                f" WHERE workspace_id = $1 AND {key_column(table)} = ANY ($2) ORDER BY {key_column(table)}",
                workspace_id,
                list(keys),
            )
            shown = [row for row in map(dict, found) if _is_own(table, row, located)]
            data[table] = shown
        if len(shown) < len(keys):
            withheld[table] = len(keys) - len(shown)
    return data, withheld


def _is_own(table: str, row: Mapping[str, Any], located: Located) -> bool:
    """Tell whether a row is the person's; a colleague who answered for them wrote for themselves."""
    if table != "reply":
        return True
    return re.search(located.subject.address, row["from_address"], re.IGNORECASE) is not None
