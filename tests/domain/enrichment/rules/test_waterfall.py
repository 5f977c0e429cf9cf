from domain.enrichment.rules.facts import Field
from domain.enrichment.rules.waterfall import SourceOffer, missing_fields, next_source, order_sources

EMAIL, PHONE = frozenset({Field.EMAIL}), frozenset({Field.PHONE})
WEBSITE = SourceOffer(name="website", cost=1, provides=EMAIL | PHONE, hit_rate=0.5)
CHEAP_MISS = SourceOffer(name="cheap", cost=1, provides=EMAIL, hit_rate=0.1)
PAID = SourceOffer(name="paid", cost=4, provides=EMAIL, hit_rate=0.8)
DEAD = SourceOffer(name="dead", cost=0, provides=EMAIL, hit_rate=0.0)


def test_sources_are_asked_by_what_a_hit_costs() -> None:
    ordered = order_sources([PAID, DEAD, CHEAP_MISS, WEBSITE], want=EMAIL)
    assert [offer.name for offer in ordered] == ["website", "paid", "cheap"]
    assert order_sources([PAID, CHEAP_MISS, WEBSITE], want=PHONE) == (WEBSITE,)


def test_equal_costs_are_ordered_by_freshness_then_name() -> None:
    old = SourceOffer(name="a", cost=1, provides=EMAIL, freshness_days=90)
    fresh = SourceOffer(name="z", cost=1, provides=EMAIL, freshness_days=1)
    assert order_sources([old, fresh], want=EMAIL) == (fresh, old)


def test_a_field_known_well_enough_is_not_asked_for() -> None:
    known = {Field.EMAIL: 0.8, Field.PHONE: 0.79}
    assert missing_fields(want=EMAIL | PHONE, confidence=known, target=0.8) == PHONE
    assert missing_fields(want=EMAIL, confidence={}, target=0.8) == EMAIL


def test_the_next_source_is_unasked_useful_and_affordable() -> None:
    ordered = order_sources([WEBSITE, PAID, CHEAP_MISS], want=EMAIL)
    asked = frozenset({"website"})

    assert next_source(ordered, asked=frozenset(), missing=EMAIL, budget=9) == WEBSITE
    assert next_source(ordered, asked=asked, missing=EMAIL, budget=9) == PAID
    assert next_source(ordered, asked=asked, missing=EMAIL, budget=3) == CHEAP_MISS
    assert next_source(ordered, asked=asked, missing=PHONE, budget=9) is None
    assert next_source(ordered, asked=frozenset(), missing=frozenset(), budget=9) is None
    assert next_source(ordered, asked=frozenset(), missing=EMAIL, budget=0) is None
