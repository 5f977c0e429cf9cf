from typing import Any
from uuid import UUID

import pytest

from domain.errors import Invalid
from domain.plays.sources import Source, SourceKind, from_filter, from_import, from_leads

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        (from_import(ONE), {"kind": "IMPORT", "import_job_id": str(ONE)}),
        (from_leads((ONE, TWO, ONE)), {"kind": "LEADS", "lead_ids": [str(ONE), str(TWO)]}),
        (
            from_filter(statuses=("QUALIFIED", "NEW", "NEW"), company_domain=" Example.COM ", country="de"),
            {
                "kind": "FILTER",
                "statuses": ["NEW", "QUALIFIED"],
                "company_domain": "example.com",
                "country": "DE",
            },
        ),
    ],
)
def test_a_source_comes_back_as_it_was_stored(source: Source, stored: dict[str, Any]) -> None:
    assert source.as_json() == stored
    assert Source.from_json(stored) == source


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, ("source", "filter")),
        ({"statuses": ("ERASED",)}, ("source", "filter", "status")),
        ({"statuses": ("new",)}, ("source", "filter", "status")),
        ({"country": "DEU"}, ("source", "filter", "country")),
        ({"country": "ÄÖ"}, ("source", "filter", "country")),
        ({"title_contains": "  "}, ("source", "filter", "titleContains")),
        ({"company_domain": "x" * 201}, ("source", "filter", "companyDomain")),
    ],
)
def test_a_filter_that_makes_no_sense_names_its_field(given: dict[str, Any], field: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        from_filter(**given)
    assert refused.value.field == field


@pytest.mark.parametrize("count", [0, 1001])
def test_a_play_names_one_to_a_thousand_leads(count: int) -> None:
    with pytest.raises(Invalid):
        from_leads(tuple(UUID(int=n) for n in range(count)))
    assert from_leads(tuple(UUID(int=n) for n in range(1000))).kind is SourceKind.LEADS
