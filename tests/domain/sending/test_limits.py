"""A workspace's own limits."""

from dataclasses import asdict

import pytest

from domain.errors import Invalid
from domain.sending.limits import SendingLimits, parse_limits


def test_what_is_missing_keeps_its_default() -> None:
    assert asdict(parse_limits({})) == {
        "conversations_per_day": 30,
        "company_sends_per_day": 3,
        "domain_sends_per_day": None,
        "risky_allowed": False,
    }


def test_limits_are_read_back_as_they_were_kept() -> None:
    limits = SendingLimits(conversations_per_day=7, domain_sends_per_day=9, risky_allowed=True)

    assert parse_limits(limits.as_data()) == limits


@pytest.mark.parametrize("wrong", [{"conversations_per_day": 0}, {"domain_sends_per_day": 100_001}])
def test_absurd_limits_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        parse_limits(wrong)
