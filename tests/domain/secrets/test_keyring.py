import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotConfigured
from domain.secrets.keyring import Keyring, MalformedKeyring, UnknownMasterKey, derive_key


def encoded(letter: str, size: int = 32) -> str:
    return base64.b64encode(letter.encode() * size).decode()


def test_the_first_key_is_current_and_all_can_be_read() -> None:
    keyring = Keyring.parse(f"b:{encoded('b')}, a:{encoded('a')}")

    assert keyring.current_id == "b"
    assert keyring.ids == ("b", "a")
    assert keyring.get("a") == b"a" * 32
    assert keyring.get("b") == b"b" * 32
    with pytest.raises(UnknownMasterKey):
        keyring.get("c")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a:",
        f":{encoded('a')}",
        f"A:{encoded('a')}",
        f"a b:{encoded('a')}",
        f"{'a' * 33}:{encoded('a')}",
        f"a:{encoded('a', 31)}",
        f"a:{encoded('a', 33)}",
        f"a:{encoded('a')}!",
        f"a:{encoded('a')},",
        f"a:{encoded('a')},a:{encoded('b')}",
        f"a:{encoded('a')},b:{encoded('a')}",
    ],
)
def test_a_malformed_list_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(MalformedKeyring) as refused:
        Keyring.parse(text)

    assert encoded("a") not in refused.value.message


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_gives_a_keyring_or_the_one_error(text: str) -> None:
    try:
        keyring = Keyring.parse(text)
    except MalformedKeyring:
        return
    assert all(len(keyring.get(key_id)) == 32 for key_id in keyring.ids)


def test_derived_keys_differ_by_purpose_and_by_source() -> None:
    sources = (b"a" * 32, b"b" * 32)
    derived = {derive_key(source, purpose=purpose) for source in sources for purpose in ("x", "y")}

    assert len(derived) == 4
    assert {len(key) for key in derived} == {32}
    assert derive_key(b"a" * 32, purpose="x") in derived


def test_a_derived_key_outlives_a_rotation() -> None:
    before = Keyring.parse(f"a:{encoded('a')}")
    after = Keyring.parse(f"b:{encoded('b')},a:{encoded('a')}")

    assert before.derive("identity-hash") == after.derive("identity-hash")
    assert after.derive("identity-hash", key_id="b") != after.derive("identity-hash")


def test_a_short_source_is_refused() -> None:
    with pytest.raises(NotConfigured):
        derive_key(b"a" * 31, purpose="x")
