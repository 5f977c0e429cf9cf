from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enrichment.rules.facts import Fact, Field, Subject, evidence_name, fact_expires_at
from domain.enrichment.rules.merging import (
    StoredValue,
    elect,
    origin_of,
    plan_additions,
    same_value,
    shown,
    with_states,
)
from domain.enrichment.rules.sensitive import without_sensitive
from domain.leads.rules import FactState, SourceKind

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def stored(
    number: int, value: str = "Robots", *, state: FactState = FactState.CANDIDATE, **values: object
) -> StoredValue:
    base = StoredValue(
        id=UUID(int=number),
        about="",
        field=Field.INDUSTRY,
        value=value,
        source_kind=SourceKind.PUBLIC,
        source="website",
        source_url="https://www.acme.co.uk/about",
        confidence=0.6,
        observed_at=NOW,
        expires_at=NOW + timedelta(days=1),
        pinned=False,
        state=state,
    )
    return replace(base, **values)  # type: ignore[arg-type]


def said(value: str, *, about: str = "", subject: Subject = Subject.COMPANY) -> Fact:
    return Fact(
        subject=subject,
        field=Field.INDUSTRY,
        value=value,
        about=about,
        source_url="https://acme.example/",
        snippet=value,
        confidence=0.5,
        retrieved_at=NOW,
    )


def test_the_same_from_the_same_source_is_a_confirmation_and_repeats_in_one_answer_count_once() -> None:
    additions = plan_additions(
        stored=[stored(1, "Robots")],
        facts=[said(" robots"), said("Toys"), said("TOYS")],
        source="website",
    )

    assert [(id_.int, fact.value) for id_, fact in additions.again] == [(1, " robots")]
    assert [fact.value for fact in additions.new] == ["Toys"]


def test_another_source_that_says_the_same_is_an_opinion_of_its_own() -> None:
    additions = plan_additions(stored=[stored(1, "Robots")], facts=[said("Robots")], source="shop")

    assert [fact.value for fact in additions.new] == ["Robots"]


@pytest.mark.parametrize("source", ["website", "shop"])
def test_a_rejected_value_is_not_taken_from_anybody(source: str) -> None:
    rejected = stored(1, "Robots", state=FactState.REJECTED)

    additions = plan_additions(stored=[rejected], facts=[said("robots")], source=source)

    assert (additions.new, additions.again) == ((), ())


def test_an_erased_value_may_be_found_again() -> None:
    erased = stored(1, "Robots", state=FactState.ERASED)

    assert len(plan_additions(stored=[erased], facts=[said("Robots")], source="website").new) == 1


def test_a_lead_named_on_the_page_is_the_owner_and_a_colleague_is_not() -> None:
    own = [stored(1, "Robots"), stored(2, "Robots", about="Bo Boss")]
    lead = said("Robots", about="Ada Byron", subject=Subject.LEAD)
    colleague = said("Robots", about="BO boss", subject=Subject.PERSON)

    additions = plan_additions(stored=own, facts=[lead, colleague], source="website")

    assert [id_.int for id_, _ in additions.again] == [1, 2]


def test_the_best_becomes_current_and_the_former_current_is_superseded() -> None:
    values = [
        stored(1, "Robots", state=FactState.CURRENT),
        stored(2, "Toys", confidence=0.9, source="shop", source_url=None),
        stored(3, "Ships", confidence=0.1),
    ]

    assert elect(values, now=NOW) == {
        UUID(int=1): FactState.SUPERSEDED,
        UUID(int=2): FactState.CURRENT,
    }


def test_expired_rejected_and_erased_values_are_never_current_and_pinned_ones_always() -> None:
    old = NOW - timedelta(days=1)
    values = [
        stored(1, "Robots", state=FactState.CURRENT, expires_at=old, confidence=0.9),
        stored(2, "Toys", state=FactState.REJECTED, confidence=0.9),
        stored(3, "Cars", state=FactState.ERASED, confidence=0.9),
        stored(4, "Ships", confidence=0.1, pinned=True, expires_at=old),
    ]

    assert elect(values, now=NOW) == {UUID(int=1): FactState.SUPERSEDED, UUID(int=4): FactState.CURRENT}


VALUES = st.lists(
    st.builds(
        stored,
        st.integers(1, 10_000),
        st.sampled_from(["Robots", "robots", "Toys"]),
        state=st.sampled_from(FactState),
        field=st.sampled_from([Field.INDUSTRY, Field.COUNTRY]),
        about=st.sampled_from(["", "Bo Boss"]),
        confidence=st.floats(0, 1),
        pinned=st.booleans(),
        expires_at=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
    ),
    unique_by=lambda value: value.id,
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_after_an_election_each_slot_has_one_current_value_if_any_may_be(
    values: Sequence[StoredValue],
) -> None:
    after = with_states(values, elect(values, now=NOW))

    for slot in {value.slot for value in values}:
        current = [value for value in after if value.slot == slot and value.state is FactState.CURRENT]
        eligible = [value for value in values if value.slot == slot and value.is_eligible(now=NOW)]
        assert len(current) == bool(eligible)
    assert elect(after, now=NOW) == {}
    kept = {value.id for value in values if value.state in (FactState.REJECTED, FactState.ERASED)}
    assert kept == {value.id for value in after if value.state in (FactState.REJECTED, FactState.ERASED)}


CURRENT, GONE = FactState.CURRENT, FactState.REJECTED


@pytest.mark.parametrize(
    ("present", "values", "sticky", "expected"),
    [
        (None, [stored(1, "Robots", state=CURRENT)], False, "Robots"),
        ("Uploaded", [stored(1, "Robots", state=CURRENT)], False, "Uploaded"),
        ("Toys", [stored(1, "Robots", state=CURRENT), stored(2, "Toys")], False, "Robots"),
        ("Toys", [stored(1, "Robots", state=CURRENT), stored(2, "Toys")], True, "Toys"),
        ("Toys", [stored(1, "Robots", state=CURRENT), stored(2, "Toys", state=GONE)], True, "Robots"),
        ("Toys", [stored(2, "Toys", state=GONE)], True, None),
        ("Toys", [stored(1, "Toys"), stored(2, "Toys", state=GONE)], True, "Toys"),
        ("Uploaded", [stored(1, "Robots", state=CURRENT, pinned=True)], False, "Robots"),
        ("Uploaded", [], False, "Uploaded"),
        ("Said", [stored(1, "Said", state=GONE, source_kind=SourceKind.USER_EDIT)], False, "Said"),
        (None, [stored(1, "Robots", state=CURRENT, about="Bo Boss")], False, None),
    ],
)
def test_a_column_shows_the_current_value_unless_a_person_put_something_there(
    present: str | None, values: list[StoredValue], sticky: bool, expected: str | None
) -> None:
    assert shown(Field.INDUSTRY, present=present, values=values, sticky=sticky) == expected


@pytest.mark.parametrize(
    ("value", "present", "expected"),
    [
        ("250", None, 250),
        ("11-50", None, None),
        ("11-50", 40, 40),
        ("٣", None, None),
        ("99999999", None, None),
    ],
)
def test_a_number_of_employees_is_shown_only_when_it_is_one(
    value: str, present: int | None, expected: int | None
) -> None:
    of_field = stored(1, value, state=CURRENT, field=Field.EMPLOYEES)

    assert shown(Field.EMPLOYEES, present=present, values=[of_field], sticky=False) == expected


def test_the_origin_is_the_registrable_domain_and_else_the_source() -> None:
    assert origin_of(source="website", source_url="https://www.acme.co.uk/about") == "acme.co.uk"
    assert origin_of(source="shop", source_url=None) == "shop"
    assert origin_of(source="shop", source_url="not a url") == "shop"


def test_saying_the_same_ignores_case_and_space_but_not_the_field() -> None:
    values = [stored(1, "Robots"), stored(2, "ROBOTS "), stored(3, "Robots", field=Field.KEYWORDS)]

    assert [value.id.int for value in same_value(values, as_=values[0])] == [1, 2]


def test_evidence_has_one_name_per_fact() -> None:
    of_company = {evidence_name(field, of_company=True) for field in Field}
    of_lead = {evidence_name(field, of_company=False) for field in Field if field is not Field.DESCRIPTION}

    assert len(of_company) == len(Field)
    assert evidence_name(Field.DESCRIPTION, of_company=True) == "what_company_does"
    assert evidence_name("CITY", of_company=True) == "city"
    assert of_company & of_lead == {"industry", "employees", "founded", "keywords", "legal_name"}


def test_what_hangs_on_a_job_is_stale_first() -> None:
    assert fact_expires_at(Field.TITLE, retrieved_at=NOW) == NOW + timedelta(days=30)
    assert fact_expires_at(Field.INDUSTRY, retrieved_at=NOW) == NOW + timedelta(days=90)


def test_only_facts_about_people_can_be_too_sensitive() -> None:
    facts = [
        said("a clinic for cancer patients"),
        said("in burnout since May", about="Bo Boss", subject=Subject.PERSON),
        said("Gewerkschaftssekretär", about="Ada Byron", subject=Subject.LEAD),
        said("Founder", about="Ada Byron", subject=Subject.LEAD),
    ]

    kept, refused = without_sensitive(facts)

    assert [fact.value for fact in kept] == ["a clinic for cancer patients", "Founder"]
    assert refused == 2
