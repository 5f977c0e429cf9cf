"""Erasing a person from the tables: what the column registry says, in the transaction of the caller."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.privacy.columns import REGISTRY, columns_with, free_texts, reasons_kept
from domain.privacy.locating import Located, key_column
from domain.privacy.rules import ErasureAction
from domain.privacy.subjects import ERASED, Subject
from domain.work import Work

if TYPE_CHECKING:
    from domain.tenancy import Connection

_EMPTY: Final[Mapping[str, str]] = {"text": "''", "jsonb": "'{}'"}

_EFFECTS: Final = (
    "UPDATE lead SET status = 'ERASED', erased_at = coalesce(erased_at, $3) WHERE workspace_id = $1 AND id = ANY ($2)",
    """
    UPDATE message SET status = 'CANCELLED'
    WHERE workspace_id = $1 AND lead_id = ANY ($2) AND $3::timestamptz IS NOT NULL
      AND status IN ('GENERATING', 'DRAFTED', 'EDITED', 'IN_REVIEW')
    """,
)
"""What emptied rows become: leads tombstones, and nobody approves an emptied draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What became of one table.

    Attributes:
        action: DELETE, MASK, or KEEP when nothing in its rows needed to go.
        retained: why parts of its rows stay; names of ``KeepReason``.
    """

    table: str
    action: ErasureAction
    found: int
    changed: int
    retained: Sequence[str]


async def erase(work: Work, located: Located, *, identity_key: bytes) -> list[Erased]:
    """Erase all located rows, then every mention of the address in other people's texts."""
    outcome = [
        await _erase_rows(work, table=table, keys=keys, identity_key=identity_key)
        for table, keys in located.rows.items()
    ]
    for effect in _EFFECTS:
        await work.connection.execute(effect, work.workspace_id, list(located.subject.leads), work.now)
    outcome.append(await _erase_mentions(work, located.subject))
    return outcome


async def _erase_rows(work: Work, *, table: str, keys: Sequence[UUID], identity_key: bytes) -> Erased:
    retained = reasons_kept(table)
    if columns_with(table, ErasureAction.DELETE):
        action, statement, retained = ErasureAction.DELETE, f"DELETE FROM {table}", []  # noqa: S608
    elif values := await _replacements(work.connection, table):
        assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
        action, statement = ErasureAction.MASK, f"UPDATE {table} SET {assignments}"  # noqa: S608
    else:
        return Erased(table=table, action=ErasureAction.KEEP, found=len(keys), changed=0, retained=retained)
    changed = await work.connection.execute(
        f"{statement} WHERE workspace_id = $1 AND {key_column(table)} = ANY ($2) AND $3::bytea IS NOT NULL",
        work.workspace_id,
        list(keys),
        identity_key,
    )
    return Erased(table=table, action=action, found=len(keys), changed=_count(changed), retained=retained)


async def _replacements(connection: "Connection", table: str) -> dict[str, str]:
    """Return column -> SQL of what takes the place of its value: null, the default, an empty text, a hash."""
    hashed = columns_with(table, ErasureAction.HASH)
    values = {name: f"encode(sha256($3::bytea || convert_to({name}, 'UTF8')), 'hex')" for name in hashed}
    for row in await connection.fetch(_COLUMNS, table, columns_with(table, ErasureAction.MASK)):
        if row["is_nullable"]:
            values[row["name"]] = "NULL"
        else:
            values[row["name"]] = "DEFAULT" if row["has_default"] else _EMPTY[row["type"]]
    return values


_COLUMNS: Final = """
SELECT attname AS name, NOT attnotnull AS is_nullable, atthasdef AS has_default, atttypid::regtype::text AS type
FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = ANY ($2) AND attnum > 0
"""


async def _erase_mentions(work: Work, subject: Subject) -> Erased:
    """Replace the address wherever else it stands; whoever referred us to the person loses the name, too."""
    await work.connection.execute(
        "UPDATE reply SET referred_name = NULL WHERE workspace_id = $1 AND referred_address ~* $2",
        work.workspace_id,
        subject.address,
    )
    changed = 0
    for table, columns in free_texts().items():
        for column, cast in (await _texts(work.connection, table, columns)).items():
            statement = f"UPDATE {table} SET {column} = regexp_replace({column}::text, $2, $3, 'gi'){cast}"  # noqa: S608
            if REGISTRY[table][column].action is ErasureAction.DELETE:
                statement = f"DELETE FROM {table}"  # noqa: S608
            changed += _count(
                await work.connection.execute(
                    f"{statement} WHERE workspace_id = $1 AND {column}::text ~* $2 AND $3::text IS NOT NULL",
                    work.workspace_id,
                    subject.mention,
                    ERASED,
                )
            )
    return Erased(table="mentions", action=ErasureAction.MASK, found=changed, changed=changed, retained=[])


async def _texts(connection: "Connection", table: str, columns: Sequence[str]) -> dict[str, str]:
    """Return those columns that hold text -> the cast back from text."""
    rows = await connection.fetch(_COLUMNS, table, list(columns))
    casts = {"text": "", "jsonb": "::jsonb"}
    return {row["name"]: casts[row["type"]] for row in rows if row["type"] in casts}


def _count(command: str) -> int:
    """Return the number in a command's tag, such as ``UPDATE 3``."""
    found = re.search(r"\d+$", command)
    return int(found[0]) if found else 0
