from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.suppression.tokens import (
    UnsubscribeTokenInvalid,
    make_unsubscribe_token,
    read_unsubscribe_token,
    unsubscribe_path,
)

KEY, OLDER_KEY, FOREIGN_KEY = b"k" * 32, b"o" * 32, b"f" * 32
MESSAGE = UUID("01930000-0000-7000-8000-000000000001")

few = settings(max_examples=100, deadline=None)


@few
@given(message_id=st.uuids())
def test_a_token_leads_back_to_its_message(message_id: UUID) -> None:
    token = make_unsubscribe_token(message_id=message_id, key=KEY)

    assert read_unsubscribe_token(token, keys=[KEY]) == message_id
    assert len(token) == 32
    assert quote(token, safe="") == token


def test_tokens_in_old_mail_work_for_ever() -> None:
    """Changing the format would break every link that has been sent."""
    assert make_unsubscribe_token(message_id=MESSAGE, key=KEY) == "AZMAAAAAcACAAAAAAAAAAUlBsYZ2zJ1O"


def test_the_whole_address_stays_short_enough_for_a_header() -> None:
    path = unsubscribe_path(make_unsubscribe_token(message_id=MESSAGE, key=KEY))

    assert len(path) == 35
    assert len(f"https://mail.acme.example{path}") <= 60


@few
@given(at=st.integers(min_value=0, max_value=31), letter=st.sampled_from("ABCxyz019-_"))
def test_one_changed_letter_is_refused(at: int, letter: str) -> None:
    token = make_unsubscribe_token(message_id=MESSAGE, key=KEY)
    changed = token[:at] + letter + token[at + 1 :]

    if changed == token:
        assert read_unsubscribe_token(changed, keys=[KEY]) == MESSAGE
        return
    with pytest.raises(UnsubscribeTokenInvalid):
        read_unsubscribe_token(changed, keys=[KEY])


@few
@given(text=st.text(max_size=40))
def test_any_other_text_is_refused_with_the_one_error(text: str) -> None:
    with pytest.raises(UnsubscribeTokenInvalid) as refused:
        read_unsubscribe_token(text, keys=[KEY])

    assert refused.value.message == "this unsubscribe link is not complete"


@pytest.mark.parametrize(
    "change", [str.lower, lambda t: t[:-1], lambda t: t + "=", lambda t: t + "\n", lambda t: " " + t]
)
def test_near_misses_are_refused(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnsubscribeTokenInvalid):
        read_unsubscribe_token(change(make_unsubscribe_token(message_id=MESSAGE, key=KEY)), keys=[KEY])


def test_an_earlier_key_still_opens_and_a_foreign_one_never() -> None:
    old = make_unsubscribe_token(message_id=MESSAGE, key=OLDER_KEY)
    forged = make_unsubscribe_token(message_id=MESSAGE, key=FOREIGN_KEY)

    assert read_unsubscribe_token(old, keys=[KEY, OLDER_KEY]) == MESSAGE
    for keys in ([KEY, OLDER_KEY], []):
        with pytest.raises(UnsubscribeTokenInvalid):
            read_unsubscribe_token(forged, keys=keys)
