"""The workspaces' data keys under the installation's master key."""

from datetime import datetime

from domain import tenancy
from domain.actor import Actor
from domain.secrets.envelope import Entropy, needs_rewrap, rewrap_data_key, unwrap_data_key
from domain.secrets.keyring import Keyring
from domain.work import unit_of_work


async def require_master_key(*, keyring: Keyring) -> None:
    """Refuse to start with a master key that doesn't open what is stored.

    Raises:
        WrongMasterKey, UnknownMasterKey: sealing new secrets under it would make the old ones unreadable.
    """
    async with tenancy.looking_across_workspaces() as connection:
        row = await connection.fetchrow(
            "SELECT id, workspace_id, wrapped FROM data_key ORDER BY id DESC LIMIT 1"
        )
    if row is not None:
        unwrap_data_key(row["wrapped"], key_id=row["id"], workspace_id=row["workspace_id"], keyring=keyring)


async def rewrap_data_keys(*, keyring: Keyring, entropy: Entropy, now: datetime) -> int:
    """Move every data key to the current master key, closed workspaces' too; returns how many. Safe to repeat.

    Raises:
        WrongMasterKey, UnknownMasterKey: the old master key must still be there.
    """
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch("SELECT id, workspace_id, wrapped FROM data_key ORDER BY id")
    left = [row for row in rows if needs_rewrap(row["wrapped"], keyring=keyring)]
    for row in left:
        key_id, workspace_id = row["id"], row["workspace_id"]
        wrapped = rewrap_data_key(
            row["wrapped"], key_id=key_id, workspace_id=workspace_id, keyring=keyring, entropy=entropy
        )
        async with unit_of_work(Actor.job(workspace_id), now=now) as work:
            await work.connection.execute(
                "UPDATE data_key SET wrapped = $3, rotated_at = $4 WHERE workspace_id = $1 AND id = $2",
                workspace_id,
                key_id,
                wrapped,
                now,
            )
            work.audit("data_key.rewrap", target_kind="data_key", target_id=key_id)
    return len(left)
