"""Which column of a file holds what: suggested from its header, decided by a person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from domain.errors import Invalid
from domain.leads.normalising import clean_text, normalise_linkedin
from domain.leads.normalising.text import word_set
from domain.leads.vocabulary import (
    HEADER_NAMES,
    LeadField,
    field_of,
    fold_header,
    fold_words,
    recognise_header,
)

CUSTOM_COLUMNS_MAX: Final = 50
CUSTOM_NAME_CHARS_MAX: Final = 100

_FUZZY_SCORE_MIN: Final = 88
_FUZZY_CHARS_MIN: Final = 6
_EMAIL: Final = re.compile(r"\S+@\S+\.[a-z]{2,}", re.IGNORECASE)
# A near miss must never decide who may be written to.
_PERMISSIONS: Final = frozenset(
    {LeadField.OPT_IN, LeadField.OPT_OUT, LeadField.OPT_OUT_PHONE, LeadField.OPT_OUT_STATUS}
)
_NAME: Final = frozenset({LeadField.FIRST_NAME, LeadField.LAST_NAME, LeadField.FULL_NAME})
_COMPANY: Final = frozenset({LeadField.COMPANY_NAME, LeadField.COMPANY_DOMAIN, LeadField.COMPANY_WEBSITE})
_IGNORED: Final = re.compile(
    r"""(?:(?:apollo|hs|salesforce|zoominfo|hubspot)\ )?
    (?:(?:record|lead|contact|account|company|vm|member|object|person)\ ?)?id
    | (?:(?:contact|lead|account|record|company|deal|hubspot)\ )?owner(?:\ (?:name|alias|id|email))?
    | (?:primary\ )?associated\ (?:company|contact|deal)\ ids? | query | timestamp | (?:profile\ )?ima?ge?\ url""",
    re.VERBOSE,
)
_VAGUE: Final = word_set("url name contact person link profile_url profile_link web site first last")
_SECOND_CHOICE: Final = word_set(
    "secondary tertiary owner alternate alternative other personal private 2 3 assistant source company"
)


class MappingInvalid(Invalid):
    """A mapping names a column that doesn't exist, or leaves out what tells people apart."""

    code = "COLUMN_MAPPING_INVALID"


@dataclass(frozen=True, slots=True)
class ColumnSuggestion:
    """What one column probably is.

    Attributes:
        index: the column's position from 0.
        header: its name.
        field: what to map it to; ``None`` for a custom field or, with ``is_ignored``, nothing.
        confidence: 0..1; below 0.8 a person should look.
        is_ignored: whether it holds another system's ids or owners, or has no name.
    """

    index: int
    header: str
    field: LeadField | None
    confidence: float
    is_ignored: bool = False


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A valid mapping.

    Attributes:
        width: number of columns the header has.
        fields: positions of the columns per field; where there are several, the first filled one counts
            (for opt-outs: any of them).
        custom: (name, position) of the columns kept as custom fields.
        notices: codes of what a person should know, with the header concerned.
    """

    width: int
    fields: Mapping[LeadField, tuple[int, ...]]
    custom: tuple[tuple[str, int], ...]
    notices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What a person wants with one column: a field, or a custom field (``field`` unset); else leave it out."""

    index: int
    field: LeadField | None = None


def suggest_columns(
    headers: Sequence[str], samples: Sequence[Sequence[str]] = ()
) -> tuple[ColumnSuggestion, ...]:
    """Return one suggestion per column, in order.

    Args:
        headers: the column names.
        samples: some rows below them; they settle what a name leaves open (``Contact``, ``Profile``).
    """
    return tuple(_suggest_column(index, header, samples) for index, header in enumerate(headers))


def _suggest_column(index: int, header: str, samples: Sequence[Sequence[str]]) -> ColumnSuggestion:
    values = [clean_text(row[index]) for row in samples if index < len(row)]
    values = [value for value in values if value]
    known = recognise_header(header)
    if known:
        field, confidence = known[0], known[2]
        seen = _field_of_values(values)
        if seen and seen is not field and field not in _PERMISSIONS and (_is_vague(header) or field in _NAME):
            return ColumnSuggestion(index, header, seen, 0.7)
        if field is LeadField.LINKEDIN_URL and values and _is_vague(header) and seen is not field:
            return ColumnSuggestion(index, header, None, 0.5)
        return ColumnSuggestion(index, header, field, confidence)
    if not header or _IGNORED.fullmatch(fold_words(header)):
        return ColumnSuggestion(index, header, None, 1.0, is_ignored=True)
    if (seen := _field_of_values(values)) and not _is_second_choice(header):
        return ColumnSuggestion(index, header, seen, 0.6)
    if similar := _similar_field(header):
        return ColumnSuggestion(index, header, similar, 0.6)
    return ColumnSuggestion(index, header, None, 1.0)


def _is_vague(header: str) -> bool:
    """Return whether a header could stand for several things, so that the values must decide."""
    return fold_words(header).replace(" ", "_") in _VAGUE


def _is_second_choice(header: str) -> bool:
    """Return whether a header says so: ``Secondary Email``, ``Owner Email``."""
    return not _SECOND_CHOICE.isdisjoint(fold_words(header).split())


def _field_of_values(values: Sequence[str]) -> LeadField | None:
    if len(values) < 2:
        return None
    if sum(_EMAIL.fullmatch(value) is not None for value in values) > 0.8 * len(values):
        return LeadField.EMAIL
    if sum(normalise_linkedin(value) is not None for value in values) > 0.8 * len(values):
        return LeadField.LINKEDIN_URL
    return None


def _similar_field(header: str) -> LeadField | None:
    """Return the field whose name a header misspells (``Frist Name``)."""
    folded = fold_header(header)
    if not _FUZZY_CHARS_MIN <= len(folded) <= 40:
        return None
    found = process.extractOne(folded, HEADER_NAMES, scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE_MIN)
    field = field_of(found[0]) if found and len(found[0]) >= _FUZZY_CHARS_MIN else None
    return None if field in _PERMISSIONS or _is_second_choice(header) else field


def validate_mapping(headers: Sequence[str], choices: Sequence[ColumnChoice]) -> ColumnMapping:
    """Return the mapping a person chose, checked.

    A status column that may say "Do Not Contact" is kept as a custom field as well. More than 50 custom
    columns are cut; leaving out a column that looks like an opt-out gives a notice.

    Raises:
        MappingInvalid: an unknown or repeated column; or no way to tell people apart, which takes an
            e-mail column, a LinkedIn column, or a name and a company.
    """
    _check_indexes(headers, choices)
    fields = _columns_by_field(headers, choices)
    _check_identity(fields)
    kept = [
        choice.index for choice in choices if choice.field is None or choice.field is LeadField.OPT_OUT_STATUS
    ]
    custom = _name_custom_columns(headers, sorted(kept))
    return ColumnMapping(
        width=len(headers),
        fields=fields,
        custom=tuple(custom[:CUSTOM_COLUMNS_MAX]),
        notices=(
            *(("CUSTOM_COLUMN_LIMIT", headers[index]) for _, index in custom[CUSTOM_COLUMNS_MAX:]),
            *(("OPT_OUT_COLUMN_IGNORED", header) for header in _ignored_opt_outs(headers, choices)),
        ),
    )


def _check_indexes(headers: Sequence[str], choices: Sequence[ColumnChoice]) -> None:
    seen: set[int] = set()
    for position, choice in enumerate(choices):
        if not 0 <= choice.index < len(headers):
            raise MappingInvalid(
                f"there is no column {choice.index}", field=("columns", str(position), "index")
            )
        if choice.index in seen:
            raise MappingInvalid(
                f"column {choice.index} is mapped twice", field=("columns", str(position), "index")
            )
        seen.add(choice.index)


def _columns_by_field(
    headers: Sequence[str], choices: Sequence[ColumnChoice]
) -> dict[LeadField, tuple[int, ...]]:
    columns: dict[LeadField, list[int]] = {}
    for choice in choices:
        if choice.field is not None:
            columns.setdefault(choice.field, []).append(choice.index)
    return {
        field: tuple(sorted(indexes, key=lambda index: (_rank(headers[index]), index)))
        for field, indexes in columns.items()
    }


def _rank(header: str) -> int:
    known = recognise_header(header)
    return known[1] if known else 1_000


def _check_identity(fields: Mapping[LeadField, tuple[int, ...]]) -> None:
    has_person = bool(fields.keys() & _NAME) and bool(fields.keys() & _COMPANY)
    if LeadField.EMAIL not in fields and LeadField.LINKEDIN_URL not in fields and not has_person:
        raise MappingInvalid(
            "map an e-mail column, a LinkedIn column, or a name and a company", field=("columns",)
        )


def _name_custom_columns(headers: Sequence[str], indexes: Sequence[int]) -> list[tuple[str, int]]:
    named: dict[str, int] = {}
    for index in indexes:
        name = headers[index][:CUSTOM_NAME_CHARS_MAX] or f"Column {index + 1}"
        number = 2
        while name in named:
            name = f"{headers[index][: CUSTOM_NAME_CHARS_MAX - 6]} ({number})"
            number += 1
        named[name] = index
    return list(named.items())


def _ignored_opt_outs(headers: Sequence[str], choices: Sequence[ColumnChoice]) -> list[str]:
    used = {choice.index for choice in choices if choice.field in _PERMISSIONS}
    opt_outs = {LeadField.OPT_OUT, LeadField.OPT_OUT_PHONE}
    return [
        header
        for index, header in enumerate(headers)
        if index not in used and (known := recognise_header(header)) and known[0] in opt_outs
    ]
