"""The operator's own list: it holds in every workspace of the installation."""

from domain import tenancy
from domain.errors import Invalid
from domain.ids import new_id
from domain.suppression.keys import key_of
from domain.suppression.rules import SuppressionKind, SuppressionReason


async def add_platform_suppression(
    *, kind: SuppressionKind, value: str, reason: SuppressionReason, identity_key: bytes
) -> bool:
    """Suppress an identifier everywhere; tells whether it is new. A system look-up.

    Raises:
        Invalid: no such identifier, or a kind that exists only within a workspace.
    """
    if kind in {SuppressionKind.LEAD, SuppressionKind.COMPANY}:
        raise Invalid("leads and companies belong to a workspace; name an address, domain, phone or profile")
    key = key_of(kind=kind, value=value, key=identity_key)
    async with tenancy.across_workspaces() as connection:
        made = await connection.fetchval(
            """
            INSERT INTO platform_suppression (id, kind, key_hash, reason) VALUES ($1, $2, $3, $4)
            ON CONFLICT (kind, key_hash) DO NOTHING RETURNING true
            """,
            new_id(),
            kind.value,
            key.key_hash,
            reason.value,
        )
    return bool(made)
