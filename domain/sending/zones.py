"""Which time zone a lead lives in, and how we know."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from domain.errors import Invalid

_NOT_PLACES: Final = frozenset({"localtime", "posixrules", "Factory", "Etc/Unknown"})

_MAIN_ZONES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # IANA's zone.tab lists a country's zones roughly east to west; where the first one listed
        # isn't where most people live, this says which one is.
        "AU": "Australia/Sydney",
        "BR": "America/Sao_Paulo",
        "CA": "America/Toronto",
        "FM": "Pacific/Pohnpei",
        "RU": "Europe/Moscow",
        "UA": "Europe/Kyiv",
        "UZ": "Asia/Tashkent",
    }
)

_REGION_ZONES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        # ISO 3166-2 codes by the zone in which most of the region's people live.
        "US": {
            "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
            "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
            "America/Denver": "CO ID MT NM UT WY",
            "America/Phoenix": "AZ",
            "America/Los_Angeles": "CA NV OR WA",
            "America/Anchorage": "AK",
            "Pacific/Honolulu": "HI",
        },
        "CA": {
            "America/St_Johns": "NL",
            "America/Halifax": "NB NS PE",
            "America/Toronto": "NU ON QC",
            "America/Winnipeg": "MB",
            "America/Regina": "SK",
            "America/Edmonton": "AB NT",
            "America/Vancouver": "BC",
            "America/Whitehorse": "YT",
        },
        "AU": {
            "Australia/Sydney": "ACT NSW",
            "Australia/Melbourne": "VIC",
            "Australia/Brisbane": "QLD",
            "Australia/Hobart": "TAS",
            "Australia/Adelaide": "SA",
            "Australia/Darwin": "NT",
            "Australia/Perth": "WA",
        },
        "BR": {
            "America/Sao_Paulo": "DF ES GO MG PR RJ RS SC SP",
            "America/Bahia": "BA",
            "America/Fortaleza": "AL CE MA PB PE PI RN SE",
            "America/Belem": "AP PA TO",
            "America/Cuiaba": "MT",
            "America/Campo_Grande": "MS",
            "America/Manaus": "AM RO RR",
            "America/Rio_Branco": "AC",
        },
    }
)


class ZoneSource(StrEnum):
    """What a lead's time zone was inferred from, most trusted first."""

    EXPLICIT = "EXPLICIT"
    COMPANY = "COMPANY"
    PHONE = "PHONE"
    COUNTRY = "COUNTRY"
    WORKSPACE = "WORKSPACE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneClues:
    """What is known about where a lead is.

    Args:
        explicit: IANA name somebody set for this lead.
        company_country: ISO 3166-1 alpha-2 of the company's seat.
        company_region: second half of its ISO 3166-2 code ("CA" of "US-CA").
        phone: E.164.
        country: the lead's own country, ISO 3166-1 alpha-2; the company's when unset.
        workspace_zone: IANA name, the last resort.
    """

    workspace_zone: str
    explicit: str | None = None
    company_country: str | None = None
    company_region: str | None = None
    phone: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class InferredZone:
    """A time zone with the reason for it."""

    zone: ZoneInfo
    source: ZoneSource


def parse_zone(name: str) -> ZoneInfo:
    """Return the IANA time zone of this exact name.

    Raises:
        Invalid: there is none.
    """
    if name not in _zone_names():
        raise Invalid("unknown time zone; use an IANA name such as Europe/Berlin", field=("timeZone",))
    return ZoneInfo(name)


def infer_zone(clues: ZoneClues) -> InferredZone:
    """Return the lead's zone: explicit, company's seat, phone, country's main zone, workspace's.

    A company's seat counts when its region or its country has one zone; a phone number when all zones it
    may belong to keep the same time (a toll-free +1 number belongs to about forty).

    Raises:
        Invalid: the explicit zone or the workspace's is unknown.
    """
    country = clues.country or clues.company_country
    found = (
        (clues.explicit, ZoneSource.EXPLICIT),
        (_zone_of_place(clues.company_country, clues.company_region), ZoneSource.COMPANY),
        (_zone_of_phone(clues.phone), ZoneSource.PHONE),
        (_main_zone(country), ZoneSource.COUNTRY),
    )
    for name, source in found:
        if name:
            return InferredZone(parse_zone(name), source)
    return InferredZone(parse_zone(clues.workspace_zone), ZoneSource.WORKSPACE)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NOT_PLACES


def _zone_of_place(country: str | None, region: str | None) -> str | None:
    if country is None:
        return None
    code = country.upper()
    for zone, regions in _REGION_ZONES.get(code, {}).items():
        if region is not None and region.upper() in regions.split():
            return zone
    zones = _zones_by_country().get(code, [])
    return _main_zone(code) if zones and _keep_same_time(zones) else None


def _zone_of_phone(phone: str | None) -> str | None:
    if phone is None:
        return None
    import phonenumbers  # its tables are large; most leads are placed without them
    from phonenumbers.timezone import time_zones_for_number

    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return None
    zones = [zone for zone in time_zones_for_number(number) if zone in _zone_names()]
    if not zones or not _keep_same_time(zones):
        return None
    main = _main_zone(phonenumbers.region_code_for_country_code(number.country_code or 0))
    return main if main in zones else zones[0]


def _main_zone(country: str | None) -> str | None:
    if country is None:
        return None
    code = country.upper()
    return _MAIN_ZONES.get(code) or next(iter(_zones_by_country().get(code, [])), None)


def _keep_same_time(zones: Sequence[str]) -> bool:
    """Tell whether the zones are one set of rules under several names (Guernsey and London)."""
    return len(zones) == 1 or len({_rules_of(zone) for zone in zones}) == 1


@lru_cache(maxsize=1024)
def _rules_of(zone: str) -> bytes:
    return files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()


@lru_cache(maxsize=1)
def _zones_by_country() -> Mapping[str, list[str]]:
    zones: dict[str, list[str]] = defaultdict(list)
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones[country].append(zone)
    return dict(zones)
