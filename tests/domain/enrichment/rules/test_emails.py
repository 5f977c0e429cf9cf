from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest

from domain.enrichment.rules.emails import (
    EmailReason,
    EmailSignals,
    EmailStatus,
    MailRouting,
    judge_address,
    verdict_expires_at,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
S: TypeAlias = EmailStatus
R: TypeAlias = EmailReason
M: TypeAlias = MailRouting


@pytest.mark.parametrize(
    ("signals", "status", "reasons"),
    [
        ({"routing": M.MX}, S.VALID, (R.MX_FOUND,)),
        ({"routing": M.MX, "role": True}, S.RISKY, (R.ROLE_ADDRESS,)),
        ({"routing": M.MX, "role": True, "webmail": True}, S.RISKY, (R.ROLE_ADDRESS, R.WEBMAIL)),
        ({"routing": M.ADDRESS_ONLY}, S.RISKY, (R.ADDRESS_RECORD_ONLY,)),
        ({"routing": M.MX, "accepts_all": True, "role": True}, S.CATCH_ALL, (R.ACCEPTS_ALL, R.ROLE_ADDRESS)),
        ({"routing": M.MX, "disposable": True}, S.DISPOSABLE, (R.DISPOSABLE_DOMAIN,)),
        ({"routing": M.NO_DOMAIN, "disposable": True}, S.INVALID, (R.NO_SUCH_DOMAIN,)),
        ({"routing": M.NULL_MX, "role": True}, S.INVALID, (R.NULL_MX, R.ROLE_ADDRESS)),
        ({"routing": M.NOWHERE}, S.INVALID, (R.NO_MAIL_SERVER,)),
        ({"routing": M.UNAVAILABLE}, S.UNKNOWN, (R.DNS_UNAVAILABLE,)),
        ({"routing": M.UNAVAILABLE, "disposable": True}, S.DISPOSABLE, (R.DISPOSABLE_DOMAIN,)),
        ({"routing": None}, S.UNKNOWN, (R.DNS_UNAVAILABLE,)),
    ],
)
def test_the_worst_signal_decides(signals: dict[str, object], status: S, reasons: tuple[R, ...]) -> None:
    assert judge_address(EmailSignals(syntax_valid=True, **signals)) == (status, reasons)  # type: ignore[arg-type]


def test_a_malformed_address_is_invalid_whatever_else_holds() -> None:
    signals = EmailSignals(syntax_valid=False, routing=M.MX)
    assert judge_address(signals) == (S.INVALID, (R.SYNTAX,))


def test_every_status_has_a_row_above() -> None:
    assert len(S) == 6


@pytest.mark.parametrize(
    ("status", "days"),
    [
        (S.VALID, 30),
        (S.RISKY, 14),
        (S.CATCH_ALL, 14),
        (S.UNKNOWN, 3),
        (S.INVALID, 180),
        (S.DISPOSABLE, 180),
    ],
)
def test_each_status_has_its_term(status: S, days: int) -> None:
    assert verdict_expires_at(status, checked_at=NOW) == NOW + timedelta(days=days)
