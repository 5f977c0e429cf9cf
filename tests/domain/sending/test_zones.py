import pytest

from domain.errors import Invalid
from domain.sending.zones import ZoneClues, ZoneSource, infer_zone, parse_zone

BERLIN_LANDLINE = "+493012345678"
NEW_YORK_LANDLINE = "+12125550123"
TOLL_FREE = "+18005550123"


@pytest.mark.parametrize(
    ("clues", "zone", "source"),
    [
        (ZoneClues(workspace_zone="UTC"), "UTC", ZoneSource.WORKSPACE),
        (ZoneClues(workspace_zone="UTC", country="FR"), "Europe/Paris", ZoneSource.COUNTRY),
        (ZoneClues(workspace_zone="UTC", country="au"), "Australia/Sydney", ZoneSource.COUNTRY),
        (ZoneClues(workspace_zone="UTC", country="US"), "America/New_York", ZoneSource.COUNTRY),
        (ZoneClues(workspace_zone="UTC", country="BR"), "America/Sao_Paulo", ZoneSource.COUNTRY),
        (ZoneClues(workspace_zone="UTC", country="RU"), "Europe/Moscow", ZoneSource.COUNTRY),
        (ZoneClues(workspace_zone="UTC", country="ZZ"), "UTC", ZoneSource.WORKSPACE),
        # a phone goes before a country, when it says one thing
        (
            ZoneClues(workspace_zone="UTC", country="US", phone=BERLIN_LANDLINE),
            "Europe/Berlin",
            ZoneSource.PHONE,
        ),
        (ZoneClues(workspace_zone="UTC", phone=NEW_YORK_LANDLINE), "America/New_York", ZoneSource.PHONE),
        (ZoneClues(workspace_zone="UTC", phone="+447911123456"), "Europe/London", ZoneSource.PHONE),
        (ZoneClues(workspace_zone="UTC", phone=TOLL_FREE), "UTC", ZoneSource.WORKSPACE),
        (
            ZoneClues(workspace_zone="UTC", phone=TOLL_FREE, country="CA"),
            "America/Toronto",
            ZoneSource.COUNTRY,
        ),
        (ZoneClues(workspace_zone="UTC", phone="+972501234567"), "UTC", ZoneSource.WORKSPACE),
        (ZoneClues(workspace_zone="UTC", phone="nonsense"), "UTC", ZoneSource.WORKSPACE),
        # the company's seat goes before a phone, when it lies in one zone
        (
            ZoneClues(workspace_zone="UTC", phone=BERLIN_LANDLINE, company_country="US", company_region="CA"),
            "America/Los_Angeles",
            ZoneSource.COMPANY,
        ),
        (ZoneClues(workspace_zone="UTC", company_country="IN"), "Asia/Kolkata", ZoneSource.COMPANY),
        (
            ZoneClues(workspace_zone="UTC", phone=BERLIN_LANDLINE, company_country="US"),
            "Europe/Berlin",
            ZoneSource.PHONE,
        ),
        (ZoneClues(workspace_zone="UTC", company_country="US"), "America/New_York", ZoneSource.COUNTRY),
        (
            ZoneClues(workspace_zone="UTC", company_country="US", company_region="??"),
            "America/New_York",
            ZoneSource.COUNTRY,
        ),
        # what somebody has set goes before all
        (
            ZoneClues(
                workspace_zone="UTC", explicit="Asia/Kolkata", company_country="DE", phone=BERLIN_LANDLINE
            ),
            "Asia/Kolkata",
            ZoneSource.EXPLICIT,
        ),
    ],
)
def test_the_most_trusted_clue_decides(clues: ZoneClues, zone: str, source: ZoneSource) -> None:
    inferred = infer_zone(clues)

    assert (inferred.zone.key, inferred.source) == (zone, source)


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "europe/berlin", "America", "../etc/passwd", "localtime", "+02:00", "Etc/Unknown"],
)
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_zone(name)

    assert error.value.field == ("timeZone",)


def test_a_known_zone_is_found_by_its_exact_name() -> None:
    assert parse_zone("Australia/Lord_Howe").key == "Australia/Lord_Howe"


def test_every_zone_in_the_tables_exists() -> None:
    regions = [
        ("US", "HI"),
        ("US", "TX"),
        ("CA", "YT"),
        ("CA", "NL"),
        ("AU", "NT"),
        ("BR", "AC"),
        ("BR", "SP"),
    ]
    found = [
        infer_zone(ZoneClues(workspace_zone="UTC", company_country=country, company_region=region)).zone.key
        for country, region in regions
    ]

    assert found == [
        "Pacific/Honolulu",
        "America/Chicago",
        "America/Whitehorse",
        "America/St_Johns",
        "Australia/Darwin",
        "America/Rio_Branco",
        "America/Sao_Paulo",
    ]
