"""The data that is read: leads with companies and messages in many workspaces, and a run in each.

Rows are made inside PostgreSQL from their numbers, so that the same sizes give the same data everywhere. Foreign keys
and triggers rest while it loads (they would look at every row); the data are consistent by construction, and the row
counts are put right afterwards.
"""

import hashlib
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from auth.tokens import IssuedToken, TokenKind, issue_token
from operations.row_counts import recount

_SQL = Path(__file__).with_name("dataset.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is loaded, into which workspaces.

    Attributes:
        first_workspace: number of the first one; the others follow.
        first_row: number of the first lead and company; ids are made of it, so extents must not overlap.
        parts: how many messages a busy lead has; the others have two of them at most.
    """

    workspaces: int
    leads: int
    companies: int
    first_workspace: int = 0
    first_row: int = 0
    parts: int = 12

    @property
    def companies_each(self) -> int:
        """Companies of one workspace."""
        return self.companies // self.workspaces

    @property
    def run_leads(self) -> int:
        """Leads in the run of one workspace."""
        return self.leads // self.workspaces // 4

    @property
    def token(self) -> IssuedToken:
        """The API token of the first workspace; it opens nothing but this throw-away data."""
        seed = self.first_workspace.to_bytes(4, "big")
        return issue_token(TokenKind.API, entropy=lambda size: hashlib.sha256(seed).digest()[:size])

    def id_of(self, kind: str, place: int) -> UUID:
        """Return the id of the first workspace's row of a kind at a place, from 0, oldest first."""
        return _id(kind, self.first_row + place * self.workspaces)

    @property
    def workspace_id(self) -> UUID:
        """The first workspace, the one that is read."""
        return _id("workspace", self.first_workspace)

    @property
    def run_id(self) -> UUID:
        """The run of the first workspace."""
        return _id("run", self.first_workspace)


FULL = Extent(workspaces=50, leads=200_000, companies=20_000)
SMALL = Extent(workspaces=10, leads=20_000, companies=2_000)


async def load(connection: "asyncpg.Connection[Any]", *extents: Extent) -> None:
    """Write extents as the superuser, and let the planner know them."""
    await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    for extent in extents:
        await connection.execute(_filled(extent))
        await connection.execute(
            "UPDATE api_token SET token_hash = $2 WHERE id = $1",
            _id("api_token", extent.first_workspace),
            extent.token.hash,
        )
    await recount(connection)
    await connection.execute("VACUUM (ANALYZE)")
    await connection.execute("DISCARD ALL")


def _filled(extent: Extent) -> str:
    sizes = asdict(extent) | {"companies_each": extent.companies_each, "run_leads": extent.run_leads}
    names = re.compile(rf":({'|'.join(sorted(sizes, key=len, reverse=True))})\b")
    return names.sub(lambda name: str(sizes[name[1]]), _SQL)


def _id(kind: str, number: int) -> UUID:
    digest = hashlib.md5(kind.encode(), usedforsecurity=False).hexdigest()
    return UUID(f"01930000-0000-7000-8{digest[:3]}-{number:012x}")
