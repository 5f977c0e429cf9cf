"""Proofs and promises about what is recorded, from the command line: the audit chain holds, the erased stay so."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

from domain.actor import Actor
from domain.audit.service import verify_workspace
from domain.errors import Conflict, NotFound
from domain.ports import Ports
from domain.privacy.recording import LIST_NAME
from domain.privacy.replaying import listed_by_workspace
from domain.privacy.replaying import replay_erasures as replay_in
from domain.privacy.results import FOLDER
from domain.workspaces.keys import rewrap_data_keys
from domain.workspaces.queries import find_workspace_id, list_all_workspaces


class ChainBroken(Conflict):
    """An audit entry was changed or taken out."""

    code = "AUDIT_CHAIN_BROKEN"


async def verify_audit(*, slug: str) -> str:
    """Verify a workspace's audit chain and say so; raises ChainBroken."""
    workspace_id = await find_workspace_id(slug=slug)
    if workspace_id is None:
        raise NotFound(f"no workspace has the slug {slug}")
    started = datetime.now(UTC)
    report = await verify_workspace(workspace_id)
    if not report.ok:
        raise ChainBroken(f"{report.count} entries hold; entry {report.broken_at} was changed or is missing")
    seconds = max((datetime.now(UTC) - started).total_seconds(), 0.001)
    return f"{report.count} entries hold ({report.count / seconds:,.0f} a second)"


async def rotate_keys(*, ports: Ports) -> str:
    """Move every data key to the first master key, and say how many hung on another one."""
    count = await rewrap_data_keys(keyring=ports.keyring, entropy=secrets.token_bytes, now=datetime.now(UTC))
    return f"{count} data keys moved to the master key {ports.keyring.current_id}"


async def replay_erasures(*, ports: Ports, path: Path | None) -> str:
    """Erase again in every workspace whoever was erased before, and say how many were back.

    Args:
        path: the list beside the database; None for the data folder's.
    """
    listed = listed_by_workspace(path or ports.data_dir / FOLDER / LIST_NAME)
    back = 0
    for workspace_id in await list_all_workspaces():
        back += await replay_in(
            ports=ports,
            actor=Actor.job(workspace_id),
            listed=listed.get(workspace_id, set()),
            now=datetime.now(UTC),
        )
    return f"people erased again: {back}"
