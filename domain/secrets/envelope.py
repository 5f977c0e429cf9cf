"""Envelope encryption: a master key wraps a workspace's data key, which seals its secrets.

Both are AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, good for 2^32 seals under one key::

    wrapped data key   0x01 | length of id | master key id | nonce (12) | key (32) + tag (16)
    sealed secret      0x02 | data key id (16, a UUID)     | nonce (12) | secret   + tag (16)

The first byte says what follows, so a later format gets a number of its own. Everything before the nonce is
authenticated, and so is where the value belongs: bytes copied to another row, column or workspace don't open.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import DomainError
from domain.secrets.keyring import KEY_BYTES, Keyring

Entropy = Callable[[int], bytes]
"""Gives that many unpredictable bytes; ``os.urandom`` outside of tests."""

_WRAPPED: Final = 1
_SEALED: Final = 2
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_UUID_BYTES: Final = 16


class SecretUnreadable(DomainError):
    """A stored secret doesn't open: changed, cut short, or not written for this place."""

    code = "SECRET_UNREADABLE"


class WrongMasterKey(SecretUnreadable):
    """The master key of that id isn't the one that wrapped this; the installation must not start with it."""

    code = "MASTER_KEY_WRONG"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A workspace's key in the clear: lives in memory only; ``workspace_id`` is None for platform secrets."""

    id: UUID
    workspace_id: UUID | None
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where a secret is stored; sealed into it, so that it opens nowhere else."""

    table: str
    column: str
    row_id: UUID


def new_data_key(*, key_id: UUID, workspace_id: UUID | None, entropy: Entropy) -> DataKey:
    """Return a fresh data key; store it only wrapped."""
    return DataKey(id=key_id, workspace_id=workspace_id, key=entropy(KEY_BYTES))


def wrap_data_key(data_key: DataKey, *, keyring: Keyring, entropy: Entropy) -> bytes:
    """Encrypt a data key under the current master key; 62 bytes plus the master key's id."""
    master_key = keyring.get(keyring.current_id)
    head = bytes([_WRAPPED, len(keyring.current_id)]) + keyring.current_id.encode()
    belongs = _key_belongs(head, key_id=data_key.id, workspace_id=data_key.workspace_id)
    return _encrypt(master_key, data_key.key, head=head, belongs=belongs, entropy=entropy)


def unwrap_data_key(wrapped: bytes, *, key_id: UUID, workspace_id: UUID | None, keyring: Keyring) -> DataKey:
    """Decrypt a data key that belongs to this workspace.

    Raises:
        UnknownMasterKey: the settings no longer have the master key it names.
        WrongMasterKey: the key of that name is another one, or the bytes changed or are another workspace's.
        SecretUnreadable: the bytes aren't a wrapped data key at all.
    """
    head = _wrapped_head(wrapped)
    belongs = _key_belongs(head, key_id=key_id, workspace_id=workspace_id)
    try:
        key = _decrypt(keyring.get(_master_id(head)), wrapped, head=head, belongs=belongs)
    except InvalidTag:
        raise WrongMasterKey(f"master key {_master_id(head)!r} does not open data key {key_id}") from None
    return DataKey(id=key_id, workspace_id=workspace_id, key=key)


def needs_rewrap(wrapped: bytes, *, keyring: Keyring) -> bool:
    """Return whether a wrapped data key still hangs on a master key that is not the current one."""
    return _master_id(_wrapped_head(wrapped)) != keyring.current_id


def rewrap_data_key(
    wrapped: bytes, *, key_id: UUID, workspace_id: UUID | None, keyring: Keyring, entropy: Entropy
) -> bytes:
    """Move a data key to the current master key; the same bytes come back if it is there already.

    The data key stays what it was, so no sealed secret has to be touched. Raises as ``unwrap_data_key`` does.
    """
    data_key = unwrap_data_key(wrapped, key_id=key_id, workspace_id=workspace_id, keyring=keyring)
    if not needs_rewrap(wrapped, keyring=keyring):
        return wrapped
    return wrap_data_key(data_key, keyring=keyring, entropy=entropy)


def seal_secret(secret: bytes, *, data_key: DataKey, place: SecretPlace, entropy: Entropy) -> bytes:
    """Encrypt a secret for one place; 45 bytes longer than the secret."""
    head = bytes([_SEALED]) + data_key.id.bytes
    belongs = _secret_belongs(head, workspace_id=data_key.workspace_id, place=place)
    return _encrypt(data_key.key, secret, head=head, belongs=belongs, entropy=entropy)


def open_secret(sealed: bytes, *, data_key: DataKey, place: SecretPlace) -> bytes:
    """Decrypt a secret that was sealed for this place.

    Raises:
        SecretUnreadable: sealed under another data key, for another place or workspace, or changed since.
    """
    if sealed_under(sealed) != data_key.id:
        raise SecretUnreadable(f"{place.table}.{place.column} is sealed under another data key")
    head = sealed[: 1 + _UUID_BYTES]
    belongs = _secret_belongs(head, workspace_id=data_key.workspace_id, place=place)
    try:
        return _decrypt(data_key.key, sealed, head=head, belongs=belongs)
    except InvalidTag:
        raise SecretUnreadable(f"{place.table}.{place.column} of {place.row_id} does not open") from None


def sealed_under(sealed: bytes) -> UUID:
    """Return the id of the data key that seals a secret.

    Raises:
        SecretUnreadable: the bytes aren't a sealed secret.
    """
    if len(sealed) < 1 + _UUID_BYTES + _NONCE_BYTES + _TAG_BYTES or sealed[0] != _SEALED:
        raise SecretUnreadable("the stored bytes are not a sealed secret of a known format")
    return UUID(bytes=sealed[1 : 1 + _UUID_BYTES])


def _encrypt(key: bytes, plain: bytes, *, head: bytes, belongs: bytes, entropy: Entropy) -> bytes:
    nonce = entropy(_NONCE_BYTES)
    return head + nonce + AESGCM(key).encrypt(nonce, plain, belongs)


def _decrypt(key: bytes, blob: bytes, *, head: bytes, belongs: bytes) -> bytes:
    start = len(head) + _NONCE_BYTES
    return AESGCM(key).decrypt(blob[len(head) : start], blob[start:], belongs)


def _wrapped_head(wrapped: bytes) -> bytes:
    """Return the bytes before the nonce; the length is exact, so nothing can be cut off or added."""
    id_bytes = wrapped[1] if len(wrapped) > 1 and wrapped[0] == _WRAPPED else 0
    if id_bytes == 0 or len(wrapped) != 2 + id_bytes + _NONCE_BYTES + KEY_BYTES + _TAG_BYTES:
        raise SecretUnreadable("the stored bytes are not a wrapped data key of a known format")
    return wrapped[: 2 + id_bytes]


def _master_id(head: bytes) -> str:
    return head[2:].decode("ascii", "replace")


def _key_belongs(head: bytes, *, key_id: UUID, workspace_id: UUID | None) -> bytes:
    return _join(head, _owner(workspace_id), b"data_key", key_id.bytes)


def _secret_belongs(head: bytes, *, workspace_id: UUID | None, place: SecretPlace) -> bytes:
    return _join(head, _owner(workspace_id), place.table.encode(), place.column.encode(), place.row_id.bytes)


def _owner(workspace_id: UUID | None) -> bytes:
    return b"platform" if workspace_id is None else workspace_id.bytes


def _join(*parts: bytes) -> bytes:
    """Join with lengths, so that ("ab", "c") and ("a", "bc") never give the same bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)
