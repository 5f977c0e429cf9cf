"""Where a person is: the rows of every table that are about them.

One condition per table. ``t`` is the row; ``subject`` holds what is known of the person, including the rows that
were found before: messages, deliveries and replies lead to what hangs on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.privacy.subjects import Subject

if TYPE_CHECKING:
    from domain.tenancy import Connection

_OF_LEAD: Final = "t.lead_id = ANY (subject.leads)"
_MENTIONED: Final = "t.{} ~* subject.mention"
_ENDED: Final = "('REJECTED_UNVERIFIED','FULFILLED','PARTIALLY_FULFILLED','DENIED','DUPLICATE','WITHDRAWN')"

ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lead": "t.id = ANY (subject.leads)",
        "lead_search": _OF_LEAD,
        "import_known_lead": _OF_LEAD,
        "field_value": f"""{_OF_LEAD} OR concat_ws(' ', t.about, t.value, t.snippet) ~* subject.mention
            OR (t.company_id = ANY (subject.companies) AND EXISTS (
                SELECT FROM unnest(subject.names) AS name
                WHERE position(name IN lower(concat_ws(' ', t.about, t.value, t.snippet))) > 0))""",
        "provider_call": _OF_LEAD,
        "import_job": "concat_ws(' ', t.samples, t.suggestions) ~* subject.mention",
        "import_row_error": _MENTIONED.format("message"),
        "run_lead": _OF_LEAD,
        "enrollment": _OF_LEAD,
        "message": f"{_OF_LEAD} OR t.to_address ~* subject.address",
        "delivery": f"{_OF_LEAD} OR t.to_address ~* subject.address OR t.message_id = ANY (subject.messages)",
        "reply": f"{_OF_LEAD} OR t.from_address ~* subject.address",
        "thread": """t.lead_id = ANY (subject.leads)
            OR t.id IN (SELECT thread_id FROM message
                        WHERE workspace_id = t.workspace_id AND id = ANY (subject.messages))
            OR t.id IN (SELECT thread_id FROM reply
                        WHERE workspace_id = t.workspace_id AND id = ANY (subject.replies))""",
        "approval": "t.message_id = ANY (subject.messages)",
        "ai_call": f"{_OF_LEAD} OR t.message_id = ANY (subject.messages)",
        "delivery_attempt": "t.delivery_id = ANY (subject.deliveries)",
        "classification": "t.reply_id = ANY (subject.replies)",
        "bounce": """t.recipient ~* subject.address OR t.reply_id = ANY (subject.replies)
            OR t.delivery_id = ANY (subject.deliveries)""",
        "suppression": """t.key_hash = subject.hash
            OR (t.lead_ids && subject.leads AND t.kind IN ('EMAIL', 'PHONE', 'LINKEDIN', 'LEAD'))""",
        "suppression_import": "t.row_errors::text ~* subject.mention",
        "privacy_request": f"t.subject_hash = subject.hash AND t.status IN {_ENDED}",
    }
)
"""Table -> condition. Tables that aren't here hold nothing about the people a workspace writes to."""

KEYS: Final[Mapping[str, str]] = MappingProxyType({"lead_search": "lead_id", "import_known_lead": "lead_id"})
"""The column that names a row, where it isn't ``id``."""

_SUBJECT: Final = """(SELECT $2::bytea AS hash, $3::text AS address, $4::text AS mention, $5::uuid[] AS leads,
    $6::uuid[] AS companies, $7::text[] AS names, $8::uuid[] AS messages, $9::uuid[] AS deliveries,
    $10::uuid[] AS replies) AS subject"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A person with the keys of all rows about them, by table."""

    subject: Subject
    rows: Mapping[str, Sequence[UUID]]


def key_column(table: str) -> str:
    """Return the column by which ``Located.rows`` names the rows of a table."""
    return KEYS.get(table, "id")


async def locate(
    connection: "Connection", *, workspace_id: UUID, subject: Subject, known_leads: Sequence[UUID] = ()
) -> Located:
    """Find everything about a person in a workspace.

    Args:
        known_leads: leads that were the person's before they lost their address.
    """
    subject = await _with_leads(connection, workspace_id=workspace_id, subject=subject, known=known_leads)
    rows: dict[str, Sequence[UUID]] = {}
    for table, condition in ROWS.items():
        found = await connection.fetch(
            f"SELECT t.{key_column(table)} AS key FROM {table} t, {_SUBJECT}"  # noqa: S608 - our own words
            f" WHERE t.workspace_id = $1 AND ({condition}) ORDER BY 1",
            workspace_id,
            *_values(subject, rows),
        )
        rows[table] = [row["key"] for row in found]
    return Located(subject=subject, rows=rows)


async def _with_leads(
    connection: "Connection", *, workspace_id: UUID, subject: Subject, known: Sequence[UUID]
) -> Subject:
    """Find the person's leads, and under which name which firms' pages speak of them."""
    leads = await connection.fetch(
        """
        SELECT id, company_id, lower(full_name) AS name FROM lead
        WHERE workspace_id = $1 AND (email_identity = $2 OR email ~* $3 OR id = ANY ($4)) ORDER BY id
        """,
        workspace_id,
        subject.identity,
        subject.address,
        list(known),
    )
    pages = await connection.fetch(
        """
        SELECT DISTINCT company_id, lower(about) AS name FROM field_value
        WHERE workspace_id = $1 AND about <> '' AND concat_ws(' ', value, snippet) ~* $2
        """,
        workspace_id,
        subject.mention,
    )
    return replace(
        subject,
        leads=tuple(lead["id"] for lead in leads),
        companies=tuple({row["company_id"] for row in (*leads, *pages) if row["company_id"]}),
        names=tuple({row["name"] for row in (*leads, *pages) if row["name"] and " " in row["name"]}),
    )


def _values(subject: Subject, rows: Mapping[str, Sequence[UUID]]) -> tuple[Any, ...]:
    found = (list(rows.get(table, ())) for table in ("message", "delivery", "reply"))
    people = (list(subject.leads), list(subject.companies), list(subject.names))
    return (subject.hash, subject.address, subject.mention, *people, *found)
