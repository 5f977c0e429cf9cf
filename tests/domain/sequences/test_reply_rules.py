"""Reply rules are read with their defaults, edited one by one, and stay within their bounds."""

import pytest

from domain.errors import Invalid
from domain.sequences.reply_rules import (
    OnColleagueReply,
    OnOoo,
    OnReply,
    ReplyRules,
    check_reply_rules,
)

OTHERS = ReplyRules(
    on_reply=OnReply.PAUSE,
    on_colleague_reply=OnColleagueReply.NONE,
    on_ooo=OnOoo.CONTINUE,
    ooo_default_days=3,
    ooo_days_max=10,
)


def test_what_a_ruleset_leaves_out_has_its_default() -> None:
    assert ReplyRules.of({}) == ReplyRules()
    assert ReplyRules.of({"drafter": "anthropic", "on_ooo": "CONTINUE"}) == ReplyRules(on_ooo=OnOoo.CONTINUE)


def test_what_was_written_is_read_back() -> None:
    assert ReplyRules.of(OTHERS.as_data()) == OTHERS
    assert ReplyRules.of(ReplyRules().as_data()) == ReplyRules()


def test_an_edit_keeps_what_it_does_not_name_and_null_is_the_default() -> None:
    edited = OTHERS.changed({"on_reply": OnReply.STOP, "ooo_days_max": None})
    assert edited == ReplyRules(
        on_colleague_reply=OnColleagueReply.NONE, on_ooo=OnOoo.CONTINUE, ooo_default_days=3
    )
    assert OTHERS.changed({}) == OTHERS
    assert OTHERS.changed(None) == ReplyRules()


@pytest.mark.parametrize(
    ("default", "most", "field"),
    [
        (7, 0, "oooDaysMax"),
        (7, 366, "oooDaysMax"),
        (0, 60, "oooDefaultDays"),
        (61, 60, "oooDefaultDays"),
        (-1, 365, "oooDefaultDays"),
    ],
)
def test_days_outside_their_bounds_are_refused_by_name(default: int, most: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_reply_rules(ReplyRules(ooo_default_days=default, ooo_days_max=most))
    assert refused.value.field == ("replyRules", field)


@pytest.mark.parametrize(("default", "most"), [(1, 1), (7, 60), (365, 365)])
def test_days_within_their_bounds_are_fine(default: int, most: int) -> None:
    check_reply_rules(ReplyRules(ooo_default_days=default, ooo_days_max=most))
