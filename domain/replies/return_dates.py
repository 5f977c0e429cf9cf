"""The day an out-of-office note names as the return, in seven languages, relative to when it came."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH_NAMES = (
    "january januar janvier enero gennaio januari janeiro jan janv ene gen janner",
    "february februar fevrier febrero febbraio februari fevereiro feb fevr fev febr",
    "march marz maerz mars marzo maart marco mar mrz mrt",
    "april avril abril aprile apr avr abr",
    "may mai mayo maggio mei maio mag",
    "june juni juin junio giugno junho jun giu",
    "july juli juillet julio luglio julho jul juil lug",
    "august aout agosto augustus aug ago agos",
    "september septembre septiembre settembre setembro sep sept set",
    "october oktober octobre octubre ottobre outubro oct okt ott",
    "november novembre noviembre novembro nov",
    "december dezember decembre diciembre dicembre dezembro dec dez dic",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_WEEKDAY_NAMES = (
    "monday montag lundi lunes lunedi maandag segunda segunda-feira",
    "tuesday dienstag mardi martes martedi dinsdag terca terca-feira",
    "wednesday mittwoch mercredi miercoles mercoledi woensdag quarta quarta-feira",
    "thursday donnerstag jeudi jueves giovedi donderdag quinta quinta-feira",
    "friday freitag vendredi viernes venerdi vrijdag sexta sexta-feira",
    "saturday samstag sonnabend samedi sabado sabato zaterdag",
    "sunday sonntag dimanche domingo domenica zondag",
)
_WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names.split()}
_TOMORROW = "tomorrow|morgen|demain|manana|domani|amanha"
_NEXT_WEEK = (
    "next week|nachste woche|nachster woche|la semaine prochaine|semaine prochaine|la semana que viene|"
    "la proxima semana|la prossima settimana|prossima settimana|volgende week|na proxima semana|proxima semana"
)


def _alternatives(names: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_MONTH = rf"(?:{_alternatives(_MONTHS)})\b\.?"
_WEEKDAY = rf"(?:{_alternatives(_WEEKDAYS)})\b"
_ORDINAL = r"(?:st|nd|rd|th|er|e|o|ª|º|\.)?"
_DATE = re.compile(
    rf"(?P<iso>\b(?P<iy>20\d\d)-(?P<im>\d\d?)-(?P<id>\d\d?)\b)"
    rf"|(?P<numeric>\b(?P<na>\d\d?)(?P<sep>[./-])(?P<nb>\d\d?)(?:(?P=sep)(?P<ny>20\d\d|\d\d))?(?![\d/]))"
    rf"|(?P<dmy>\b(?P<dd>\d\d?) ?{_ORDINAL},? ?(?:of |de |d'|di )?(?P<dm>{_MONTH}),?(?: (?:de |del )?(?P<dy>20\d\d))?)"
    rf"|(?P<mdy>\b(?P<mm>{_MONTH}) (?:the )?(?P<md>\d\d?)(?:st|nd|rd|th)?\b(?!:\d)(?:,? (?P<my>20\d\d))?)"
    rf"|(?P<soon>\b(?:{_TOMORROW}|{_NEXT_WEEK})\b)"
    rf"|(?P<weekday>\b{_WEEKDAY})"
)
_SKIP = (
    rf"(?:[ ,:(]|(?:on|the|am|den|dem|zum|einschliesslich|inkl\.?|including|and including|end of|le|au|el|dia|"
    rf"il|al|op|em|o|"
    rf"a|en met|e|inclus|incluido|compreso|compresi|inclusief|and|inclusive|cob|next|{_WEEKDAY}|date)\b[.,]?){{0,6}}"
)
_BACK = re.compile(
    r"\b(?:(?:i(?:'ll| will)?|we(?:'ll| will)?|and|will) (?:be |am |are )?(?:back|return(?:ing)?|"
    r"available again|in the office again)|"
    r"be back(?: (?:in|at) (?:the |my )?(?:office|desk|work))?|back (?:in|at) (?:the |my )?(?:office|desk|work)|"
    r"(?:return|returning|back|return date|returns|again available|resume work|"
    r"reachable again)(?: to (?:the )?(?:office|work))?|"
    r"ab\b|(?:wieder|zuruck|zurueck|wieder (?:da|im (?:buro|haus)|erreichbar|verfugbar|fur sie da|zuruck))|"
    r"(?:de retour|serai de retour|reviens|reviendrai|retour|a (?:partir|compter) (?:du|de)|"
    r"des le)(?: (?:au bureau|parmi vous))?|"
    r"(?:de vuelta|regreso|regresare|volvere|vuelvo|reincorporo|a partir del?|estare de vuelta|"
    r"de regreso)(?: (?:a la|en la) oficina)?|"
    r"(?:rientr\w{1,4}|tornero|torno|sono di ritorno|di ritorno|saro (?:di nuovo|nuovamente) \w+|"
    r"a partire dal?|di nuovo (?:in ufficio|disponibile))(?: in (?:ufficio|sede))?|"
    r"(?:terug|weer (?:terug|aanwezig|bereikbaar|op kantoor|beschikbaar)|vanaf)(?: op kantoor)?|"
    r"(?:de volta|retorno|retornarei|regressarei|voltarei|volto|estarei de volta|regresso|"
    r"a partir d[eo])(?: ao (?:escritorio|trabalho))?)"
)
_BEFORE_BACK = re.compile(
    r"^,? (?:[\w'-]{1,20} ){0,3}(?:back|wieder|zuruck|zurueck|de retour|"
    r"de vuelta|di ritorno|di nuovo|terug|weer|de volta)\b"
)
_UNTIL = re.compile(
    r"\b(?:until|till|through|thru|up to(?: and including)?|bis(?: (?:zum|einschliesslich|inklusive))?|"
    r"jusqu'(?:au|a|en)|hasta(?: el)?|"
    r"fino (?:al?|a)|sino al|tot(?: en met)?|t/m|ate(?: (?:a|ao|o|dia))?)\b"
)
_RANGE = re.compile(r"^ ?(?:to|-|until|till|through|thru|bis(?: zum)?|au|al?|ate|a|tot(?: en met)?|t/m|e) ?")
_SHORT_RANGE = re.compile(
    r"\b(?:from|vom|du|del|dal|van|de|do dia|between|the) \d\d?(?:st|nd|rd|th|er|\.)? "
    r"(?:to|-|bis(?: zum)?|au|al?|tot(?: en met)?|and) "
)  # its first day has no month of its own: "du 23 au 27 novembre"
_ENGLISH_HINT = re.compile(r"\b(?:the|office|back|return|until|will)\b")
_REACH = 60
_YEAR_AHEAD_DAYS = 400


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A calendar day and where folded text names it, half-open."""

    day: date
    start: int
    end: int


def find_return_date(text: str, *, received_on: date) -> FoundDate | None:
    """Return the day a person is said to be back in folded ``text``, or None.

    "back on 5 December" goes before "until 4 December" (which gives the 4th: whether that day is still off is unclear)
    and before a range. Days without a year are the next ones after ``received_on``; a day that has passed or is more
    than 400 days away counts as not named. "12/05" is read day first except in English, where the nearer reading wins.
    """
    text = text[:10_000]
    for candidates in (
        _dates_after(_BACK, text, received_on),
        _dates_before_back(text, received_on),
        _range_ends(text, received_on),
        _dates_after(_SHORT_RANGE, text, received_on),
        _dates_after(_UNTIL, text, received_on),
    ):
        for found in candidates:
            if received_on <= found.day <= received_on + timedelta(days=_YEAR_AHEAD_DAYS):
                return found
    return None


def _dates_after(trigger: re.Pattern[str], text: str, received_on: date) -> Iterator[FoundDate]:
    for match in trigger.finditer(text):
        skipped = re.compile(_SKIP).match(text, match.end(), match.end() + _REACH)
        position = skipped.end() if skipped else match.end()
        found = (
            _DATE.match(text, position) or _DATE.match(text, match.end()) or _after_weekday(text, match.end())
        )
        if found:
            if found.lastgroup and _named(found) == "weekday":
                found = _fuller_date(text, found) or found
            yield from _resolve(found, text=text, received_on=received_on)


def _dates_before_back(text: str, received_on: date) -> Iterator[FoundDate]:
    """Yield days named first: "ben maandag 30 november weer bereikbaar"."""
    for match in _DATE.finditer(text):
        found = _fuller_date(text, match) or match if _named(match) == "weekday" else match
        if _BEFORE_BACK.match(text[found.end() : found.end() + _REACH]):
            yield from _resolve(found, text=text, received_on=received_on)


def _after_weekday(text: str, position: int) -> re.Match[str] | None:
    """Look a little further on: "back in the office at 9 am on Monday, 5 December"."""
    found = _DATE.search(text, position, position + 30)
    return found if found and not re.search(r"[.!?;\n]", text[position : found.start()]) else None


def _fuller_date(text: str, weekday: re.Match[str]) -> re.Match[str] | None:
    """Return the date right behind a weekday ("Monday, 5 December", "lundi le 5"), or None."""
    gap = re.compile(r"[ ,(]{1,3}(?:(?:the|den|dem|le|el|dia|il|de|o)\b ?)?").match(text, weekday.end())
    found = _DATE.match(text, gap.end()) if gap else None
    return found if found and _named(found) != "weekday" else None


def _range_ends(text: str, received_on: date) -> Iterator[FoundDate]:
    for first in _DATE.finditer(text):
        joint = _RANGE.match(text[first.end() : first.end() + 20])
        if not joint or not joint.group():
            continue
        start = re.compile(_SKIP).match(text, first.end() + joint.end(), first.end() + _REACH)
        second = _DATE.match(text, start.end() if start else first.end() + joint.end())
        if second and _named(second) not in {"weekday", "soon"}:
            yield from _resolve(second, text=text, received_on=received_on)


def _named(match: re.Match[str]) -> str:
    return next(name for name in ("iso", "numeric", "dmy", "mdy", "soon", "weekday") if match.group(name))


def _resolve(match: re.Match[str], *, text: str, received_on: date) -> Iterator[FoundDate]:
    days = sorted(day for day in _readings(match, text=text, received_on=received_on) if day >= received_on)
    if days:
        yield FoundDate(day=days[0], start=match.start(), end=match.end())


def _readings(match: re.Match[str], *, text: str, received_on: date) -> Iterator[date]:
    kind, group = _named(match), match.group
    if kind == "soon":
        is_tomorrow = re.fullmatch(_TOMORROW, group("soon"))
        yield received_on + timedelta(days=1 if is_tomorrow else 7 - received_on.weekday())
    elif kind == "weekday":
        yield received_on + timedelta(days=(_WEEKDAYS[group("weekday")] - received_on.weekday() - 1) % 7 + 1)
    elif kind == "iso":
        yield from _valid(
            year=group("iy"), month=int(group("im")), day=int(group("id")), received_on=received_on
        )
    elif kind == "dmy":
        yield from _valid(
            year=group("dy"), month=_month(group("dm")), day=int(group("dd")), received_on=received_on
        )
    elif kind == "mdy":
        yield from _valid(
            year=group("my"), month=_month(group("mm")), day=int(group("md")), received_on=received_on
        )
    else:
        first, second, year = int(group("na")), int(group("nb")), group("ny")
        yield from _valid(year=year, month=second, day=first, received_on=received_on)
        if group("sep") != "." and _ENGLISH_HINT.search(text):
            yield from _valid(year=year, month=first, day=second, received_on=received_on)


def _month(name: str) -> int:
    return _MONTHS[name.rstrip(".")]


def _valid(*, year: str | None, month: int, day: int, received_on: date) -> Iterator[date]:
    years = (
        [int(year) + (2000 if len(year) == 2 else 0)] if year else [received_on.year, received_on.year + 1]
    )
    for each in years:
        try:
            yield date(each, month, day)
        except ValueError:
            continue
