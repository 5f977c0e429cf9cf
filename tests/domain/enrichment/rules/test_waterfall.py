from domain.enrichment.rules.facts import Field
from domain.enrichment.rules.waterfall import SourceOffer, missing_fields, next_source

EMAIL, PHONE = frozenset({Field.EMAIL}), frozenset({Field.PHONE})
WEBSITE = SourceOffer(name="website", cost=1, provides=EMAIL | PHONE)
CHEAP = SourceOffer(name="cheap", cost=1, provides=EMAIL)
PAID = SourceOffer(name="paid", cost=4, provides=EMAIL)


def test_a_field_known_well_enough_is_not_asked_for() -> None:
    known = {Field.EMAIL: 0.8, Field.PHONE: 0.79}
    assert missing_fields(want=EMAIL | PHONE, confidence=known, target=0.8) == PHONE
    assert missing_fields(want=EMAIL, confidence={}, target=0.8) == EMAIL


def test_the_next_source_is_unasked_useful_and_affordable() -> None:
    ordered = [WEBSITE, PAID, CHEAP]
    asked = frozenset({"website"})

    assert next_source(ordered, asked=frozenset(), missing=EMAIL, budget=9) == WEBSITE
    assert next_source(ordered, asked=asked, missing=EMAIL, budget=9) == PAID
    assert next_source(ordered, asked=asked, missing=EMAIL, budget=3) == CHEAP
    assert next_source(ordered, asked=asked, missing=PHONE, budget=9) is None
    assert next_source(ordered, asked=frozenset(), missing=frozenset(), budget=9) is None
    assert next_source(ordered, asked=frozenset(), missing=EMAIL, budget=0) is None
