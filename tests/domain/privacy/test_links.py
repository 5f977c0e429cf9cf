from uuid import uuid4

import pytest

from domain.privacy.links import LinkUse, PrivacyLinkInvalid, make_link_token, read_link_token

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_a_link_opens_what_it_was_made_for_and_nothing_else() -> None:
    workspace_id, request_id = uuid4(), uuid4()
    token = make_link_token(use=LinkUse.RESULT, workspace_id=workspace_id, request_id=request_id, key=KEY)

    assert len(token) == 64
    assert read_link_token(token, use=LinkUse.RESULT, key=KEY) == (workspace_id, request_id)
    with pytest.raises(PrivacyLinkInvalid):
        read_link_token(token, use=LinkUse.CONFIRM, key=KEY)
    with pytest.raises(PrivacyLinkInvalid):
        read_link_token(token, use=LinkUse.RESULT, key=OTHER_KEY)


@pytest.mark.parametrize("place", [0, 21, 42, 63])
def test_a_changed_link_opens_nothing(place: int) -> None:
    token = make_link_token(use=LinkUse.RESULT, workspace_id=uuid4(), request_id=uuid4(), key=KEY)
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    with pytest.raises(PrivacyLinkInvalid):
        read_link_token(changed, use=LinkUse.RESULT, key=KEY)


@pytest.mark.parametrize("token", ["", "A" * 63, "A" * 65, "/" * 64, "é" * 64])
def test_garbage_opens_nothing(token: str) -> None:
    with pytest.raises(PrivacyLinkInvalid):
        read_link_token(token, use=LinkUse.RESULT, key=KEY)
