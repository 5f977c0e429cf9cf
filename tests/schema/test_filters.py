"""Filters: what each operator compiles to, and what is refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import strawberry

from domain.errors import Invalid
from domain.leads.rules import LeadStatus
from resolvers.reading.describe import EVERYTHING, Predicate
from schema.companies import Company, CompanyWhere
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, IntFilter, StringFilter, predicate_of
from schema.leads import Lead, LeadWhere
from schema.nodes import entity_of
from schema.operators import Between
from schema.scalars import DateTime

LEAD, COMPANY = entity_of(Lead), entity_of(Company)
EARLY, LATE = (DateTime(datetime(2026, 3, day, tzinfo=UTC)) for day in (1, 2))
ID = UUID("01930000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("where", "sql", "values"),
    [
        (LeadWhere(email=StringFilter(eq="a@b.de")), "t.email = {}", ("a@b.de",)),
        (LeadWhere(email=StringFilter(in_=["a", "b"])), "t.email = ANY ({})", (("a", "b"),)),
        (LeadWhere(title=StringFilter(contains="50%_\\")), "t.title ILIKE {}", ("%50\\%\\_\\\\%",)),
        (LeadWhere(title=StringFilter(starts_with="50%")), "starts_with(t.title, {})", ("50%",)),
        (LeadWhere(title=StringFilter(is_null=True)), "t.title IS NULL", ()),
        (LeadWhere(title=StringFilter(is_null=False)), "t.title IS NOT NULL", ()),
        (LeadWhere(status=EnumFilter(in_=[LeadStatus.NEW])), "t.status = ANY ({})", (("NEW",),)),
        (LeadWhere(company_id=IDFilter(eq=strawberry.ID(f"comp_{ID}"))), "t.company_id = {}", (ID,)),
        (LeadWhere(created_at=DateTimeFilter(gte=EARLY)), "t.created_at >= {}", (EARLY,)),
        (
            LeadWhere(created_at=DateTimeFilter(between=Between(from_=EARLY, to=LATE))),
            "t.created_at BETWEEN {} AND {}",
            (EARLY, LATE),
        ),
    ],
)
def test_an_operator_compares_the_column(where: LeadWhere, sql: str, values: tuple[object, ...]) -> None:
    assert predicate_of(where, LEAD) == Predicate(sql, values)


def test_combinations_nest() -> None:
    either = [CompanyWhere(employee_count=IntFilter(lt=5)), CompanyWhere(domain=StringFilter(eq="a.de"))]
    where: Any = CompanyWhere  # its combinations are added by the decorator
    predicate = predicate_of(where(not_=where(or_=either)), COMPANY)
    assert predicate.values == (5, "a.de")
    assert predicate.sql.count("NOT coalesce") == 2, "one for `not`, one for the empty `or` it starts from"
    assert predicate_of(where(and_=[]), COMPANY) == EVERYTHING


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (LeadWhere(email=StringFilter()), "email"),
        (LeadWhere(email=StringFilter(eq="a", starts_with="a")), "email"),
        (LeadWhere(email=StringFilter(in_=["a"] * 251)), "email"),
        (LeadWhere(company_id=IDFilter(eq=strawberry.ID("comp_7"))), "company_id"),
        (LeadWhere(company_id=IDFilter(eq=strawberry.ID(f"lead_{ID}"))), "company_id"),
        (LeadWhere(import_job_id=IDFilter(in_=[strawberry.ID(f"comp_{ID}")])), "import_job_id"),
        (LeadWhere(created_at=DateTimeFilter(between=Between(from_=LATE, to=EARLY))), "created_at"),
    ],
)
def test_a_bad_condition_is_refused_by_name(where: LeadWhere, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        predicate_of(where, LEAD)
    assert refused.value.field == ("where", name)
