"""Erasing again: after a backup brought people back, and a while after an erasure, for what was under way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.actor import Actor
from domain.errors import Invalid
from domain.identity import email_identity
from domain.ids import new_id
from domain.ports import Ports
from domain.privacy.deleting import erase_rows
from domain.privacy.recording import read_list
from domain.privacy.subjects import Subject, subject_hash
from domain.work import Work, unit_of_work

if TYPE_CHECKING:
    from domain.tenancy import Connection

_ADDRESSES: Final = """
SELECT email FROM lead WHERE workspace_id = $1 AND email IS NOT NULL
UNION SELECT to_address FROM message WHERE workspace_id = $1
UNION SELECT to_address FROM delivery WHERE workspace_id = $1
UNION SELECT from_address FROM reply WHERE workspace_id = $1
UNION SELECT referred_address FROM reply WHERE workspace_id = $1 AND referred_address IS NOT NULL
UNION SELECT recipient FROM bounce WHERE workspace_id = $1
UNION SELECT subject_email FROM privacy_request WHERE workspace_id = $1 AND fulfilled_at IS NOT NULL
    AND subject_email IS NOT NULL
"""
_NOBODY: Final = "nobody@erased.invalid"
"""Stands for an address that is nowhere any more; only leads and hashes are left to look for."""


async def replay_erasures(*, ports: Ports, actor: Actor, listed: Iterable[bytes], now: datetime) -> int:
    """Erase everybody again who was erased before, and suppress them again; returns how many were back.

    Args:
        listed: identity hashes from the list beside the database; those in it are added.
    """
    async with unit_of_work(actor, now=now) as work:
        known = await work.connection.fetch(
            "SELECT identity_hash FROM erasure WHERE workspace_id = $1", work.workspace_id
        )
        hashes = {bytes(row["identity_hash"]) for row in known} | set(listed)
        await _suppress_hashes(work, hashes)
        back = await _find_identities(work.connection, work.workspace_id, hashes, key=ports.identity_key)
        for hash_, identity in back.items():
            subject = Subject(identity=identity, hash=hash_)
            await erase_rows(work, subject=subject, request_id=None, identity_key=ports.identity_key)
        if back:
            work.audit("privacy.replay", target_kind="erasure", target_id=None, erased=len(back))
    return len(back)


async def check_erasure(
    *, ports: Ports, actor: Actor, request_id: UUID, lead_ids: tuple[UUID, ...], now: datetime
) -> None:
    """Erase what was written about a person while they were being erased."""
    async with unit_of_work(actor, now=now) as work:
        hash_ = await work.connection.fetchval(
            "SELECT subject_hash FROM privacy_request WHERE workspace_id = $1 AND id = $2",
            work.workspace_id,
            request_id,
        )
        back = await _find_identities(work.connection, work.workspace_id, {hash_}, key=ports.identity_key)
        subject = Subject(identity=back.get(hash_, _NOBODY), hash=hash_)
        await erase_rows(
            work, subject=subject, request_id=None, identity_key=ports.identity_key, known_leads=lead_ids
        )
        work.audit("privacy_request.check", target_kind="privacy_request", target_id=request_id)


def listed_by_workspace(path: Path) -> Mapping[UUID, set[bytes]]:
    """Return the list beside the database: identity hashes by workspace."""
    found: dict[UUID, set[bytes]] = defaultdict(set)
    for workspace_id, identity_hash in read_list(path):
        found[workspace_id].add(identity_hash)
    return found


async def _find_identities(
    connection: "Connection", workspace_id: UUID, hashes: set[bytes], *, key: bytes
) -> dict[bytes, str]:
    """Return those hashes whose address is in the workspace's data, with the folded address."""
    found: dict[bytes, str] = {}
    async for (address,) in connection.cursor(_ADDRESSES, workspace_id, prefetch=2_000):
        try:
            identity = email_identity(address)
        except Invalid:
            continue
        hash_ = subject_hash(identity, key=key)
        if hash_ in hashes:
            found[hash_] = identity
    return found


async def _suppress_hashes(work: Work, hashes: set[bytes]) -> None:
    """Put back entries that the backup didn't have; the address itself is not known any more."""
    await work.connection.executemany(
        """
        INSERT INTO suppression (id, workspace_id, kind, key_hash, reason, evidence)
        VALUES ($1, $2, 'EMAIL', $3, 'ERASURE', 'replayed after a restore') ON CONFLICT DO NOTHING
        """,
        [(new_id(), work.workspace_id, hash_) for hash_ in sorted(hashes)],
    )
