"""Data keys move to a new master key without a secret being touched."""

import secrets

from domain.secrets.envelope import unwrap_data_key
from domain.secrets.keyring import Keyring
from domain.workspaces.keys import rewrap_data_keys
from domain.workspaces.queries import get_wrapped_data_key
from tests.world import World


async def test_every_data_key_moves_to_the_first_master_key_once_and_stays_itself(world: World) -> None:
    old = world.services.ports.keyring
    both = Keyring(current_id="next", _keys={**old._keys, "next": secrets.token_bytes(32)})
    alone = Keyring(current_id="next", _keys={"next": both._keys["next"]})
    key_id, before = await get_wrapped_data_key(workspace_id=world.workspace_id)
    data_key = unwrap_data_key(before, key_id=key_id, workspace_id=world.workspace_id, keyring=old)
    try:
        assert await rewrap_data_keys(keyring=both, entropy=secrets.token_bytes, now=world.now()) >= 1
        key_id, wrapped = await get_wrapped_data_key(workspace_id=world.workspace_id)
        moved = unwrap_data_key(wrapped, key_id=key_id, workspace_id=world.workspace_id, keyring=alone)
        assert moved == data_key
        assert await rewrap_data_keys(keyring=both, entropy=secrets.token_bytes, now=world.now()) == 0
    finally:  # other tests of this server know the old master key alone
        back = Keyring(current_id=old.current_id, _keys=both._keys)
        await rewrap_data_keys(keyring=back, entropy=secrets.token_bytes, now=world.now())
