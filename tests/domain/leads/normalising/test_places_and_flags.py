import pytest

from domain.leads.normalising import (
    country_code,
    is_no,
    is_opt_out_status,
    normalise_language,
    normalise_time_zone,
    parse_flag,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Germany", "DE"), ("deutschland", "DE"), ("DE", "DE"), ("de", "DE"), ("U.S.A.", "US"), ("United States", "US"), ("the Netherlands", "NL"),
     ("Österreich", "AT"), ("UK", "GB"), ("Côte d'Ivoire", "CI"), ("Türkiye", "TR"), ("South Korea", "KR"), ("Brasil", "BR"),
     ("Bosnia and Herzegovina", "BA"), ("Atlantis", None), ("", None)],
)  # fmt: skip
def test_countries(text: str, expected: str | None) -> None:
    assert country_code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("europe/berlin", "Europe/Berlin"), ("america_slash_new_york", "America/New_York"), ("America/New York", "America/New_York"),
     ("Pacific Standard Time", "America/Los_Angeles"), ("(UTC+01:00) Europe/Paris", "Europe/Paris"), ("UTC", "UTC"), ("Mars/Olympus", None)],
)  # fmt: skip
def test_time_zones(text: str, expected: str | None) -> None:
    assert normalise_time_zone(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("EN", "en"),
        ("pt_br", "pt-BR"),
        ("de-DE", "de-DE"),
        ("en_US.UTF-8", "en-US"),
        ("Deutsch", "de"),
        ("English (UK)", "en"),
        ("Klingon", None),
    ],
)
def test_languages(text: str, expected: str | None) -> None:
    assert normalise_language(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "TRUE",
        "Yes",
        "y",
        "x",
        "Ja",
        "Oui",
        "Sí",
        "Sim",
        "wahr",
        "✓",
        "1.0",
        "Unsubscribed",
        "Opted out",
        "DNC",
    ],
)
def test_an_opt_out_is_set(text: str) -> None:
    assert parse_flag(text) is True


@pytest.mark.parametrize("text", ["", "0", "FALSE", "no", "Nein", "non", "0.0", "☐", "Subscribed"])
def test_an_opt_out_is_not_set(text: str) -> None:
    assert parse_flag(text) is False


@pytest.mark.parametrize("text", ["2024-05-01", "asked by phone", "maybe"])
def test_an_unclear_opt_out_is_reported_as_such(text: str) -> None:
    assert parse_flag(text) is None


def test_a_status_forbids_contact_only_in_so_many_words() -> None:
    assert is_opt_out_status("Do Not Contact")
    assert is_opt_out_status("UNSUBSCRIBED")
    assert not is_opt_out_status("Not Interested")
    assert not is_opt_out_status("Contacted")
    assert not is_opt_out_status("")


def test_an_empty_consent_is_no_refusal() -> None:
    assert is_no("no")
    assert is_no("0")
    assert not is_no("")
    assert not is_no("subscribed")
