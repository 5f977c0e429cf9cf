from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.enrichment.rules.facts import (
    EnrichmentQuery,
    Fact,
    Field,
    Outcome,
    Subject,
    claim_for_lead,
    fingerprint_request,
    outcome_for,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
WANT = frozenset({Field.TITLE, Field.EMAIL})
TITLE = Fact(
    subject=Subject.PERSON,
    field=Field.TITLE,
    value="CTO",
    source_url="https://acme.example/team",
    snippet="Ada Lovelace, CTO",
    confidence=0.8,
    retrieved_at=NOW,
    about="Dr. Ada Lovelace",
)


@pytest.mark.parametrize(
    "broken",
    [{"value": ""}, {"snippet": "x" * 301}, {"confidence": 1.1}, {"about": ""}, {"subject": Subject.COMPANY}],
)
def test_a_fact_without_value_evidence_limit_or_person_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(TITLE, **broken)  # type: ignore[arg-type]


def test_the_fingerprint_ignores_case_blanks_and_order_but_nothing_else() -> None:
    query = EnrichmentQuery(company_domain="Acme.example ", full_name="Ada")
    print_ = fingerprint_request(source="website", query=query, want=[Field.TITLE, Field.EMAIL])

    same = EnrichmentQuery(company_domain="acme.example", full_name="ADA")
    assert fingerprint_request(source="website", query=same, want=[Field.EMAIL, Field.TITLE]) == print_
    assert fingerprint_request(source="apollo", query=query, want=WANT) != print_
    assert fingerprint_request(source="website", query=query, want=[Field.TITLE]) != print_
    moved = EnrichmentQuery(company_name="Acme.example ", full_name="Ada")
    assert fingerprint_request(source="website", query=moved, want=WANT) != print_


def test_the_outcome_counts_wanted_fields_only() -> None:
    email = replace(TITLE, field=Field.EMAIL, value="ada@acme.example")

    assert outcome_for(facts=[], want=WANT) is Outcome.NOT_FOUND
    assert outcome_for(facts=[replace(TITLE, field=Field.PHONE)], want=WANT) is Outcome.NOT_FOUND
    assert outcome_for(facts=[TITLE], want=WANT) is Outcome.PARTIAL
    assert outcome_for(facts=[TITLE, email], want=WANT) is Outcome.FOUND


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("ada LOVELACE", Subject.LEAD),
        ("Ada Augusta Lovelace", Subject.LEAD),
        ("Ada", Subject.PERSON),
        ("", Subject.PERSON),
        ("Adam Lovelace", Subject.PERSON),
    ],
)
def test_only_facts_about_a_person_of_that_name_become_the_leads(name: str, subject: Subject) -> None:
    assert claim_for_lead([TITLE], full_name=name) == (replace(TITLE, subject=subject),)


def test_company_facts_never_become_the_leads() -> None:
    company = replace(TITLE, subject=Subject.COMPANY, about="")
    assert claim_for_lead([company], full_name="Ada Lovelace") == (company,)
