"""Countries, time zones and languages: names as exports write them to ISO 3166, IANA and BCP 47."""

import re
from functools import lru_cache
from importlib.resources import files
from zoneinfo import available_timezones

from domain.leads.normalising.names import fold_name


def _by_name(text: str) -> dict[str, str]:
    """Return the codes by name from lines such as ``DE: germany | deutschland``; indented lines go on."""
    entries = (line.partition(":") for line in re.sub(r"\n {8}", " ", text).splitlines() if ":" in line)
    return {name.strip(): code.strip() for code, _, names in entries for name in names.split("|")}


_COUNTRY_ALIASES = _by_name(
    """
    US: usa | u s a | us | united states of america | america | vereinigte staaten | etats unis | estados unidos
        | stati uniti | verenigde staten
    GB: uk | u k | united kingdom | great britain | england | scotland | wales | northern ireland |
        vereinigtes konigreich | grossbritannien | royaume uni | reino unido | regno unito | verenigd koninkrijk
    DE: germany | deutschland | allemagne | alemania | germania | duitsland
    AT: austria | osterreich | oesterreich | autriche
    CH: schweiz | suisse | svizzera
    FR: frankreich | francia | frankrijk
    ES: espana | spanien | espagne
    IT: italia | italien | italie
    NL: niederlande | nederland | holland | the netherlands | pays bas | paises bajos
    BE: belgie | belgique | belgien
    DK: danmark | danemark
    SE: sverige | schweden
    NO: norge | norwegen
    FI: suomi | finnland
    PL: polska | polen
    CZ: cesko | czechia | tschechien | czech republic
    HU: magyarorszag | ungarn
    TR: turkiye | turkey
    RU: russian federation
    KR: south korea | korea republic of | republic of korea
    KP: north korea
    VN: viet nam
    AE: uae | u a e
    SA: ksa
    BR: brasil | brasilien
    MX: mexiko
    CN: peoples republic of china | prc | mainland china
    HK: hong kong sar
    MK: macedonia
    CI: ivory coast
    IR: iran islamic republic of
    CA: kanada
    AU: australien
    IE: irland | irlande | republic of ireland
    IN: indien
    JP: japon
    ZA: suedafrika | sudafrika
    TW: taiwan province of china
    BO: bolivia
    TZ: tanzania
    VE: venezuela
    MD: moldova
    SY: syria
    LA: laos
    CV: cape verde
    SZ: swaziland
    MM: burma
    """
)
_WINDOWS_ZONES = _by_name(
    """
    America/New_York: eastern standard time | us eastern
    America/Chicago: central standard time | us central
    America/Denver: mountain standard time | us mountain
    America/Los_Angeles: pacific standard time | us pacific
    Europe/London: gmt standard time
    Europe/Berlin: w europe standard time
    Europe/Paris: romance standard time
    Europe/Budapest: central europe standard time
    Asia/Kolkata: india standard time
    Europe/Warsaw: central european standard time
    Europe/Helsinki: fle standard time
    Asia/Tokyo: tokyo standard time
    Asia/Shanghai: china standard time
    Asia/Singapore: singapore standard time
    Australia/Sydney: aus eastern standard time
    Africa/Johannesburg: south africa standard time
    America/Sao_Paulo: e south america standard time
    """
)
_LANGUAGES = _by_name(
    """
    en: english | englisch | anglais | ingles
    de: german | deutsch | allemand | aleman
    fr: french | francais | franzosisch
    es: spanish | espanol | spanisch
    it: italian | italiano | italienisch
    nl: dutch | nederlands | niederlandisch
    pt: portuguese | portugues
    pl: polish | polski | polnisch
    sv: swedish | svenska
    da: danish | dansk
    no: norwegian | norsk
    fi: finnish | suomi
    cs: czech | cestina
    ja: japanese | 日本語
    zh: chinese | 中文
    ko: korean | 한국어
    ru: russian | русский
    tr: turkish | turkce
    ar: arabic
    he: hebrew
    hu: hungarian | magyar
    ro: romanian
    el: greek
    """
)
_LOCALE = re.compile(r"([a-z]{2})(?:[-_]([a-z]{2}))?(?:\.utf-?8)?", re.IGNORECASE)


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Map folded names and codes to ISO 3166 alpha-2 codes."""
    known = {}
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    for code, name in (line.split("\t") for line in table.splitlines() if not line.startswith("#")):
        known[code.lower()] = code
        known[fold_name(name.partition("(")[0])] = code
        known[fold_name(name.replace("&", "and").replace("St ", "Saint "))] = code
    return known | _COUNTRY_ALIASES


@lru_cache(maxsize=8_192)
def country_code(text: str) -> str | None:
    """Return the ISO 3166 alpha-2 code of a country named in one of the usual ways."""
    folded = fold_name(text.replace(".", "") if len(text) < 8 else text)
    return _countries().get(folded) or _countries().get(folded.removeprefix("the "))


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=8_192)
def normalise_time_zone(text: str) -> str | None:
    """Return an IANA zone for its name in any case, HubSpot's ``_slash_`` form or a Windows name."""
    name = (
        re.sub(r"^\((?:utc|gmt)[^)]*\)\s*", "", text.strip().lower())
        .replace("_slash_", "/")
        .replace(" ", "_")
    )
    if found := _zone_names().get(name):
        return found
    return _WINDOWS_ZONES.get(fold_name(name))


@lru_cache(maxsize=8_192)
def normalise_language(text: str) -> str | None:
    """Return a BCP 47 tag (``de``, ``pt-BR``) for a tag, POSIX locale or the language's name."""
    if match := _LOCALE.fullmatch(text.strip()):
        language, region = match[1].lower(), match[2]
        return f"{language}-{region.upper()}" if region else language
    return _LANGUAGES.get(fold_name(re.sub(r"[(\-–,].*", "", text)))
