import os
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.secrets.envelope import (
    DataKey,
    SecretPlace,
    SecretUnreadable,
    WrongMasterKey,
    needs_rewrap,
    new_data_key,
    open_secret,
    rewrap_data_key,
    seal_secret,
    sealed_under,
    unwrap_data_key,
    wrap_data_key,
)
from domain.secrets.keyring import Keyring, UnknownMasterKey

OLD = "2025:" + "b2xkbWFzdGVya2V5b2xkbWFzdGVya2V5b2xkbWFzdGU="
NEW = "2026:" + "bmV3bWFzdGVya2V5bmV3bWFzdGVya2V5bmV3bWFzdGU="
IMPOSTOR = "2025:" + "d3JvbmdtYXN0ZXJrZXl3cm9uZ21hc3RlcmtleXdyb24="

KEY_ID = UUID("01930000-0000-7000-8000-000000000001")
WORKSPACE = UUID("01930000-0000-7000-8000-0000000000aa")
OTHER_WORKSPACE = UUID("01930000-0000-7000-8000-0000000000bb")
ROW = UUID("01930000-0000-7000-8000-0000000000cc")
PLACE = SecretPlace(table="sender", column="refresh_token_encrypted", row_id=ROW)

few = settings(max_examples=60, deadline=None)


def data_key(*, key: bytes = b"k" * 32, workspace_id: UUID | None = WORKSPACE) -> DataKey:
    return DataKey(id=KEY_ID, workspace_id=workspace_id, key=key)


@few
@given(secret=st.binary(max_size=300), workspace_id=st.none() | st.uuids(), row_id=st.uuids())
def test_what_is_sealed_opens_in_its_place(secret: bytes, workspace_id: UUID | None, row_id: UUID) -> None:
    key = data_key(workspace_id=workspace_id)
    place = SecretPlace(table="sender", column="token_encrypted", row_id=row_id)

    sealed = seal_secret(secret, data_key=key, place=place, entropy=os.urandom)

    assert open_secret(sealed, data_key=key, place=place) == secret
    assert len(sealed) == len(secret) + 45
    assert sealed_under(sealed) == KEY_ID


@few
@given(at=st.integers(min_value=0, max_value=44 + 12), bit=st.integers(min_value=0, max_value=7))
def test_one_changed_bit_anywhere_is_refused(at: int, bit: int) -> None:
    sealed = bytearray(seal_secret(b"twelve bytes", data_key=data_key(), place=PLACE, entropy=os.urandom))
    sealed[at] ^= 1 << bit

    with pytest.raises(SecretUnreadable):
        open_secret(bytes(sealed), data_key=data_key(), place=PLACE)


@few
@given(blob=st.binary(max_size=120))
def test_garbage_gives_a_typed_error_never_another(blob: bytes) -> None:
    keyring = Keyring.parse(OLD)
    with pytest.raises(DomainError):
        open_secret(blob, data_key=data_key(), place=PLACE)
    with pytest.raises(DomainError):
        unwrap_data_key(blob, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=keyring)


@pytest.mark.parametrize(
    "elsewhere",
    [
        SecretPlace(table="webhook_endpoint", column=PLACE.column, row_id=ROW),
        SecretPlace(table="sender", column="password_encrypted", row_id=ROW),
        SecretPlace(table="sender", column=PLACE.column, row_id=KEY_ID),
        # Joined without lengths these two would be one: "sender" + "refresh…" and "senderrefresh" + "…".
        SecretPlace(table="senderrefresh", column="_token_encrypted", row_id=ROW),
    ],
)
def test_a_secret_copied_elsewhere_does_not_open(elsewhere: SecretPlace) -> None:
    sealed = seal_secret(b"secret", data_key=data_key(), place=PLACE, entropy=os.urandom)

    with pytest.raises(SecretUnreadable):
        open_secret(sealed, data_key=data_key(), place=elsewhere)


@pytest.mark.parametrize("workspace_id", [OTHER_WORKSPACE, None])
def test_a_secret_does_not_open_for_another_workspace(workspace_id: UUID | None) -> None:
    sealed = seal_secret(b"secret", data_key=data_key(), place=PLACE, entropy=os.urandom)

    with pytest.raises(SecretUnreadable):
        open_secret(sealed, data_key=data_key(workspace_id=workspace_id), place=PLACE)


def test_another_data_key_does_not_open_it_even_under_the_same_id() -> None:
    sealed = seal_secret(b"secret", data_key=data_key(), place=PLACE, entropy=os.urandom)

    with pytest.raises(SecretUnreadable):
        open_secret(sealed, data_key=data_key(key=b"x" * 32), place=PLACE)


def test_the_same_secret_never_looks_the_same_twice() -> None:
    sealed = {seal_secret(b"secret", data_key=data_key(), place=PLACE, entropy=os.urandom) for _ in range(50)}

    assert len(sealed) == 50
    assert not any(b"secret" in blob for blob in sealed)


def test_the_stored_format_is_pinned() -> None:
    """What an earlier release wrote must open for ever."""
    sealed = seal_secret(b"secret", data_key=data_key(), place=PLACE, entropy=lambda size: b"n" * size)

    assert sealed.hex() == ("02" + KEY_ID.hex + "6e" * 12 + "eb5e84c274c030aaae08584f63e000733def607f8499")


def test_a_data_key_survives_wrapping() -> None:
    keyring = Keyring.parse(OLD)
    fresh = new_data_key(key_id=KEY_ID, workspace_id=WORKSPACE, entropy=os.urandom)

    wrapped = wrap_data_key(fresh, keyring=keyring, entropy=os.urandom)

    assert unwrap_data_key(wrapped, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=keyring) == fresh
    assert fresh.key not in wrapped
    assert len(fresh.key) == 32
    assert len(wrapped) == 62 + len("2025")


def test_a_wrong_master_key_of_the_same_name_is_told() -> None:
    wrapped = wrap_data_key(data_key(), keyring=Keyring.parse(OLD), entropy=os.urandom)

    with pytest.raises(WrongMasterKey):
        unwrap_data_key(wrapped, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=Keyring.parse(IMPOSTOR))


def test_a_missing_master_key_is_told() -> None:
    wrapped = wrap_data_key(data_key(), keyring=Keyring.parse(OLD), entropy=os.urandom)

    with pytest.raises(UnknownMasterKey, match="2025"):
        unwrap_data_key(wrapped, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=Keyring.parse(NEW))


@pytest.mark.parametrize(
    ("key_id", "workspace_id"), [(KEY_ID, OTHER_WORKSPACE), (KEY_ID, None), (ROW, WORKSPACE)]
)
def test_a_wrapped_key_belongs_to_one_workspace_and_one_row(key_id: UUID, workspace_id: UUID | None) -> None:
    keyring = Keyring.parse(OLD)
    wrapped = wrap_data_key(data_key(), keyring=keyring, entropy=os.urandom)

    with pytest.raises(WrongMasterKey):
        unwrap_data_key(wrapped, key_id=key_id, workspace_id=workspace_id, keyring=keyring)


@few
@given(cut=st.integers(min_value=0, max_value=65))
def test_a_shortened_or_lengthened_wrapped_key_is_refused(cut: int) -> None:
    keyring = Keyring.parse(OLD)
    wrapped = wrap_data_key(data_key(), keyring=keyring, entropy=os.urandom)

    for damaged in (wrapped[:cut], wrapped + b"\0"):
        with pytest.raises(SecretUnreadable):
            unwrap_data_key(damaged, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=keyring)


def test_rotation_moves_data_keys_and_leaves_secrets_alone() -> None:
    before, during, after = (Keyring.parse(text) for text in (OLD, f"{NEW},{OLD}", NEW))
    key = data_key()
    sealed = seal_secret(b"secret", data_key=key, place=PLACE, entropy=os.urandom)
    wrapped = wrap_data_key(key, keyring=before, entropy=os.urandom)
    assert needs_rewrap(wrapped, keyring=during)

    moved = rewrap_data_key(
        wrapped, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=during, entropy=os.urandom
    )

    assert not needs_rewrap(moved, keyring=during)
    opened = unwrap_data_key(moved, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=after)
    assert open_secret(sealed, data_key=opened, place=PLACE) == b"secret"
    again = rewrap_data_key(moved, key_id=KEY_ID, workspace_id=WORKSPACE, keyring=during, entropy=os.urandom)
    assert again == moved


def test_keys_stay_out_of_what_is_printed() -> None:
    keyring = Keyring.parse(OLD)

    assert "kkkk" not in repr(data_key())
    assert "oldmasterkey" not in repr(keyring)
    assert "2025" in repr(keyring)
