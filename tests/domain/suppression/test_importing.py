from datetime import UTC, datetime

import pytest

from domain.errors import Invalid
from domain.suppression.importing import ImportedSuppression, guess_kind, parse_import_row
from domain.suppression.rules import Channel, SuppressionKind, SuppressionReason


@pytest.mark.parametrize(
    ("row", "kind", "value"),
    [
        ({"email": " Ada+x@Example.com "}, SuppressionKind.EMAIL, "ada@example.com"),
        ({"domain": "Example.COM", "email": "", "phone": None}, SuppressionKind.DOMAIN, "example.com"),
        ({"phone": "0049 30 123456"}, SuppressionKind.PHONE, "+4930123456"),
        ({"linkedin": "linkedin.com/in/Ada"}, SuppressionKind.LINKEDIN, "in/ada"),
        ({"value": "ada@example.com"}, SuppressionKind.EMAIL, "ada@example.com"),
        ({"value": "@example.com"}, SuppressionKind.DOMAIN, "example.com"),
        ({"value": "example.com"}, SuppressionKind.DOMAIN, "example.com"),
        ({"value": "+49 (30) 123456"}, SuppressionKind.PHONE, "+4930123456"),
        ({"value": "https://linkedin.com/in/ada"}, SuppressionKind.LINKEDIN, "in/ada"),
        ({"value": "example.com", "kind": "domain"}, SuppressionKind.DOMAIN, "example.com"),
    ],
)
def test_a_row_names_one_thing(row: dict[str, str | None], kind: SuppressionKind, value: str) -> None:
    assert parse_import_row(row) == ImportedSuppression(
        kind=kind, value=value, reason=SuppressionReason.MANUAL, channels=frozenset(), expires_at=None
    )


def test_a_row_may_say_why_where_and_how_long() -> None:
    row = {
        "email": "ada@example.com",
        "reason": "unsubscribe",
        "channels": "email; SMS",
        "expires_on": "2027-02-28",
    }

    assert parse_import_row(row) == ImportedSuppression(
        kind=SuppressionKind.EMAIL,
        value="ada@example.com",
        reason=SuppressionReason.UNSUBSCRIBE,
        channels=frozenset({Channel.EMAIL, Channel.SMS}),
        expires_at=datetime(2027, 3, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({}, ("value",)),
        ({"email": " "}, ("value",)),
        ({"email": "ada@example.com", "domain": "example.com"}, ("value",)),
        ({"email": "ada@example.com", "value": "ada@example.com"}, ("value",)),
        ({"email": "nonsense"}, ("email",)),
        ({"value": "nonsense"}, ("domain",)),
        ({"domain": "co.uk"}, ("value",)),
        ({"value": "ada@example.com", "kind": "person"}, ("kind",)),
        ({"email": "ada@example.com", "reason": "because"}, ("reason",)),
        ({"email": "ada@example.com", "reason": "ERASURE"}, ("reason",)),
        ({"email": "ada@example.com", "channels": "fax"}, ("channels",)),
        ({"email": "ada@example.com", "expires_on": "2026-02-30"}, ("expires_on",)),
        ({"email": "ada@example.com", "expires_on": "9999-12-31"}, ("expires_on",)),
    ],
)
def test_a_row_that_cant_be_understood_is_refused(row: dict[str, str | None], field: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as error:
        parse_import_row(row)

    assert error.value.field == field


def test_a_kind_is_told_from_the_form() -> None:
    forms = [
        "a@b.example",
        "@b.example",
        "b.example",
        "+49 30",
        "0049/30-1",
        "30 123",
        "de.linkedin.com/in/a@b",
    ]

    assert [guess_kind(form).value for form in forms] == [
        "EMAIL",
        "DOMAIN",
        "DOMAIN",
        "PHONE",
        "PHONE",
        "DOMAIN",
        "LINKEDIN",
    ]
