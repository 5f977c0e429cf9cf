"""What every ``EnrichmentSource`` must do; an adapter's test class derives from it and gives the three fixtures."""

from domain.enrichment.ports import EnrichmentSource
from domain.enrichment.rules.facts import EnrichmentQuery, EnrichmentResult, Field, Outcome, Subject


class SourceContract:
    """Needs the fixtures ``source``, ``known`` (a query it has answers to) and ``unknown`` (one it has none to)."""

    async def test_a_known_lead_brings_wanted_facts_with_evidence(
        self, source: EnrichmentSource, known: EnrichmentQuery
    ) -> None:
        want = frozenset({Field.DESCRIPTION, Field.TITLE, Field.EMAIL})
        result = await source.find(known, want=want)

        assert result.outcome in (Outcome.FOUND, Outcome.PARTIAL)
        assert result.facts
        assert {fact.field for fact in result.facts} <= want & source.provides
        assert result.units > 0
        for fact in result.facts:
            assert fact.source_url.startswith(("http://", "https://"))
            assert fact.snippet
            assert 0 < fact.confidence < 1
            assert fact.retrieved_at.tzinfo is not None

    async def test_found_means_every_wanted_field(
        self, source: EnrichmentSource, known: EnrichmentQuery
    ) -> None:
        result = await source.find(known, want=frozenset({Field.DESCRIPTION}))

        assert result.outcome is Outcome.FOUND
        assert {fact.field for fact in result.facts} == {Field.DESCRIPTION}

    async def test_facts_about_the_asked_person_are_the_leads(
        self, source: EnrichmentSource, known: EnrichmentQuery
    ) -> None:
        result = await source.find(known, want=frozenset({Field.NAME}))
        about = {fact.about for fact in result.facts if fact.subject is Subject.LEAD}

        assert about == {known.full_name}

    async def test_an_unknown_lead_is_an_outcome_that_costs_nothing(
        self, source: EnrichmentSource, unknown: EnrichmentQuery
    ) -> None:
        result = await source.find(unknown, want=frozenset({Field.EMAIL}))

        assert result.outcome not in (Outcome.FOUND, Outcome.PARTIAL)
        assert result.facts == ()
        assert source.cost(result.outcome) == 0

    async def test_the_same_question_has_the_same_fingerprint_and_another_has_not(
        self, source: EnrichmentSource, known: EnrichmentQuery, unknown: EnrichmentQuery
    ) -> None:
        want = frozenset({Field.EMAIL})
        results: list[EnrichmentResult] = [
            await source.find(query, want=want) for query in (known, known, unknown)
        ]

        assert results[0].request_fingerprint == results[1].request_fingerprint
        assert results[0].request_fingerprint != results[2].request_fingerprint

    async def test_prices_are_never_negative(self, source: EnrichmentSource) -> None:
        assert all(source.cost(outcome) >= 0 for outcome in Outcome)
