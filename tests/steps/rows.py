"""Steps with a table's rows: the mapping that is suggested for it, and the leads it holds."""

from collections.abc import Iterable, Iterator, Sequence

from domain.leads.columns import ColumnChoice, ColumnMapping, suggest_columns, validate_mapping
from domain.leads.outcomes import LeadRow, RowError
from domain.leads.rows import RowReader
from domain.leads.tables.reading import Record


def suggested_mapping(headers: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> ColumnMapping:
    """Return the mapping of a person who agrees with every suggestion."""
    suggestions = suggest_columns(headers, samples)
    return validate_mapping(
        headers, [ColumnChoice(each.index, each.field) for each in suggestions if not each.is_ignored]
    )


def read_rows(
    records: Iterable[Record], mapping: ColumnMapping, *, default_country: str | None = None
) -> Iterator[LeadRow | RowError]:
    """Yield what becomes of each record, in order."""
    return map(RowReader(mapping, default_country=default_country).read, records)
