from datetime import UTC, datetime, timedelta

import pytest

from domain.sending.conditions import OPEN, Standing, address_condition

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verdict", "age_days", "risky_allowed", "standing"),
    [
        ("VALID", 0, False, Standing.OPEN),
        ("VALID", 29, False, Standing.OPEN),
        ("VALID", 30, False, Standing.HELD),
        ("VALID", None, False, Standing.HELD),
        ("RISKY", 1, False, Standing.HELD),
        ("RISKY", 1, True, Standing.OPEN),
        ("RISKY", 14, True, Standing.HELD),
        ("CATCH_ALL", 13, True, Standing.OPEN),
        ("CATCH_ALL", 13, False, Standing.HELD),
        ("UNKNOWN", 0, True, Standing.HELD),
        ("UNVERIFIED", None, True, Standing.HELD),
        ("INVALID", 0, True, Standing.ENDED),
        ("INVALID", None, True, Standing.ENDED),
        ("SOMETHING_NEW", 0, True, Standing.HELD),
    ],
)
def test_only_a_fresh_good_verdict_lets_a_message_out(
    verdict: str, age_days: int | None, risky_allowed: bool, standing: Standing
) -> None:
    checked_at = None if age_days is None else NOW - timedelta(days=age_days)

    found = address_condition(verdict=verdict, checked_at=checked_at, risky_allowed=risky_allowed, now=NOW)

    assert found.standing is standing
    assert found.until is None
    assert (found == OPEN) is (standing is Standing.OPEN)
