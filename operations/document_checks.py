"""Persisted documents held against a schema, from the command line: those of a manifest, or all that are published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphql import GraphQLError, GraphQLSchema, build_schema

from domain.api_clients.manifests import read_manifest
from domain.api_clients.publishing import Examined, judge
from domain.errors import Conflict, Invalid
from operations.persisted_documents import examine, live_examiner, title_of, told
from operations.row_counts import as_owner
from schema.examining import invalidities

if TYPE_CHECKING:
    import asyncpg

OURS: Final = "first party"
"""Whose documents are that belong to no workspace."""

ProblemsOf = Callable[[str], Sequence[str]]
"""Says what is wrong with a document's text, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An active document that a schema doesn't answer.

    Attributes:
        of: whose it is: workspace and client.
    """

    of: str
    title: str
    problems: Sequence[str]


def check_manifest(*, content: bytes, sdl: str | None) -> str:
    """Hold a manifest against this version's schema, or an SDL, and say that all of it is right.

    Raises:
        Conflict: a document would be rejected; the message says which and why.
    """
    examined = examine(content) if sdl is None else _examine_by(content, _problems_by(sdl))
    return told(judge(examined, known={}), end="all of them can be published")


async def check_published(*, sdl: str | None, owner_url: str) -> str:
    """Hold every active document of the installation against this version's schema, or an SDL, and say how many.

    Raises:
        Conflict: some break; the message says whose, and why.
    """
    async with as_owner(owner_url) as connection:
        count, broken = await find_broken(
            connection, problems_of=live_problems() if sdl is None else _problems_by(sdl)
        )
    if broken:
        lines = [f"{one.of}: {one.title}: {' '.join(one.problems)}" for one in broken]
        raise Conflict("\n".join([*lines, f"{len(broken)} of {count} documents break"]))
    return f"none of {count} documents breaks"


async def find_broken(
    connection: "asyncpg.Connection[Any]", *, problems_of: ProblemsOf
) -> tuple[int, list[Broken]]:
    """Return how many active documents there are in all workspaces, and those that have problems."""
    rows = await connection.fetch(_ACTIVE)
    found = [
        Broken(of=row["of"] or OURS, title=title_of(row["name"], row["document_id"]), problems=problems)
        for row in rows
        if (problems := problems_of(row["text"]))
    ]
    return len(rows), found


def live_problems() -> ProblemsOf:
    """Return what says why this version would refuse a document."""
    examiner = live_examiner()
    return lambda text: examiner.look_at(text)[1]


_ACTIVE: Final = """
SELECT w.slug || ', ' || c.name AS of, d.name, d.document_id, d.text
FROM persisted_document d
JOIN api_client c ON (c.workspace_id, c.id) = (d.workspace_id, d.api_client_id)
JOIN workspace w ON w.id = d.workspace_id
WHERE d.status = 'ACTIVE' AND c.status <> 'REVOKED' AND w.status NOT IN ('CLOSED', 'PURGED')
UNION ALL
SELECT NULL, name, document_id, text FROM first_party_document WHERE status = 'ACTIVE'
ORDER BY 1 NULLS FIRST, 2 NULLS LAST, 3
"""


def _examine_by(content: bytes, problems_of: ProblemsOf) -> list[Examined]:
    return [
        Examined(listed=listed, facts=None, problems=tuple(problems_of(listed.text)))
        for listed in read_manifest(content)
    ]


def _problems_by(sdl: str) -> ProblemsOf:
    try:
        schema: GraphQLSchema = build_schema(sdl)
    except (GraphQLError, TypeError) as error:
        raise Invalid(f"the schema can't be read: {error}") from None
    return lambda text: invalidities(text, schema=schema)
