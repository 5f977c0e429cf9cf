"""The workspaces' data keys under the installation's master key."""

from domain import tenancy
from domain.secrets.envelope import unwrap_data_key
from domain.secrets.keyring import Keyring


async def require_master_key(*, keyring: Keyring) -> None:
    """Refuse to start with a master key that doesn't open what is stored.

    Raises:
        WrongMasterKey, UnknownMasterKey: sealing new secrets under it would make the old ones unreadable.
    """
    async with tenancy.across_workspaces() as connection:
        row = await connection.fetchrow(
            "SELECT id, workspace_id, wrapped FROM data_key ORDER BY id DESC LIMIT 1"
        )
    if row is not None:
        unwrap_data_key(row["wrapped"], key_id=row["id"], workspace_id=row["workspace_id"], keyring=keyring)
