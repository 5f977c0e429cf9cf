import pytest

from domain.errors import NotConfigured
from domain.secrets.hashing import identity_hash, identity_hasher
from domain.secrets.keyring import MalformedKeyring

KEY = b"k" * 32


def test_the_hash_is_pinned_because_suppression_rests_on_it() -> None:
    hashed = identity_hash("ada@example.com", kind="email", key=KEY)

    assert hashed.hex() == "8eb47abceba007ca02072032f754aa8252760da1f267df4cf0bc12c5126a2108"


def test_kind_value_and_key_each_change_the_hash() -> None:
    hashes = {
        identity_hash("example.com", kind="domain", key=KEY),
        identity_hash("example.com", kind="email", key=KEY),
        identity_hash("example.org", kind="domain", key=KEY),
        identity_hash("example.com", kind="domain", key=b"x" * 32),
    }

    assert len(hashes) == 4


def test_a_kind_cannot_run_into_the_value() -> None:
    with pytest.raises(ValueError, match="NUL"):
        identity_hash("b", kind="a\0", key=KEY)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(NotConfigured):
        identity_hash("ada@example.com", kind="email", key=b"short")


@pytest.mark.parametrize("value", ["", "ada@example.com", "Zoë", "x" * 500])
def test_hashing_many_values_gives_the_same_as_hashing_each(value: str) -> None:
    key = bytes(range(32))
    assert identity_hasher(kind="email", key=key)(value) == identity_hash(value, kind="email", key=key)
    assert identity_hasher(kind="phone", key=key)(value) != identity_hash(value, kind="email", key=key)


def test_a_hasher_refuses_a_key_of_the_wrong_length() -> None:
    with pytest.raises(MalformedKeyring):
        identity_hasher(kind="email", key=b"short")
