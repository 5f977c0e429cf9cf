from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.errors import Invalid
from domain.plays.profiles import (
    PROFILE_STATES,
    IdealCustomer,
    Persona,
    Profile,
    ProfileState,
    Proof,
    check_profile,
    require_activatable,
    usable_proofs,
)

TODAY = date(2026, 6, 2)
PERSONA = Persona(name="Ada Lovelace", role="Founder", company="Analytical Engines")
FRESH = Proof("Cut month-end close from 9 days to 3.", "https://engines.example/case", date(2026, 6, 2))
STALE = Proof("Used by 40 firms.", "https://engines.example/customers", date(2026, 6, 1))
PROFILE = Profile(
    name="Finance leads, DACH",
    persona=PERSONA,
    offer="A close that takes three days.\nNo new system.",
    tone="plain, short, no jargon",
    cta="A 15-minute call next week?",
    languages=("de", "en-GB", "zh-Hant-TW"),
    proofs=(FRESH, STALE),
    forbidden_claims=("guaranteed savings",),
    icp=IdealCustomer(
        titles=("CFO",), industries=("Manufacturing",), sizes=("11-50", "1000+"), geos=("DE", "US-CA")
    ),
)


def test_a_complete_profile_is_accepted() -> None:
    check_profile(PROFILE)
    require_activatable(PROFILE, today=TODAY)


def test_text_in_any_script_is_welcome() -> None:
    check_profile(replace(PROFILE, name="می‌خواهم 👩‍💻", offer="עברית, 日本語, हिन्दी"))


def proof(**changes: Any) -> dict[str, Any]:
    return {"proofs": (replace(FRESH, **changes),)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, ("name",)),
        ({"name": "  "}, ("name",)),
        ({"name": "a" * 201}, ("name",)),
        ({"name": "two\nlines"}, ("name",)),
        ({"name": "head\r\nBcc: x"}, ("name",)),
        ({"cta": "zero\u200bwidth"}, ("cta",)),
        ({"offer": "right\u202eto left"}, ("offer",)),
        ({"offer": "nul\x00"}, ("offer",)),
        ({"offer": "lone \ud800"}, ("offer",)),
        ({"offer": "a" * 4001}, ("offer",)),
        ({"tone": ""}, ("tone",)),
        ({"persona": replace(PERSONA, name="Ada\u2066")}, ("persona", "name")),
        ({"persona": replace(PERSONA, role="")}, ("persona", "role")),
        ({"persona": replace(PERSONA, company="a\nb")}, ("persona", "company")),
        ({"languages": ()}, ("languages",)),
        ({"languages": ("en", "EN_us")}, ("languages", "1")),
        ({"forbidden_claims": ("ok", "")}, ("forbiddenClaims", "1")),
        ({"forbidden_claims": ("x",) * 51}, ("forbiddenClaims",)),
        ({"icp": IdealCustomer(titles=("CFO", "C\tO"))}, ("icp", "titles", "1")),
        ({"icp": IdealCustomer(geos=("Germany",))}, ("icp", "geos", "0")),
        ({"icp": IdealCustomer(sizes=("50-11",))}, ("icp", "sizes", "0")),
        ({"icp": IdealCustomer(sizes=("many",))}, ("icp", "sizes", "0")),
        ({"proofs": (FRESH,) * 21}, ("proofs",)),
        (proof(claim=""), ("proofs", "0", "claim")),
        (proof(evidence_url=""), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="engines.example/case"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="ftp://engines.example/"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="javascript:alert(1)"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="https://user:pw@engines.example/"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="https://engines.example:99999/"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="http://127.0.0.1/"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="http://[::1]/"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="http://localhost/"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="http://2130706433/"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="https://engines.example/a b"), ("proofs", "0", "evidenceUrl")),
        (proof(evidence_url="https://engines.example/" + "a" * 2000), ("proofs", "0", "evidenceUrl")),
    ],
)
def test_a_malformed_profile_names_the_field(changes: dict[str, Any], field: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as error:
        check_profile(replace(PROFILE, **changes))

    assert error.value.field == field


def test_a_proof_may_be_used_to_its_last_day() -> None:
    assert usable_proofs(PROFILE, on=TODAY) == (FRESH,)
    assert usable_proofs(PROFILE, on=date(2026, 6, 1)) == (FRESH, STALE)
    assert usable_proofs(PROFILE, on=date(2026, 6, 3)) == ()
    assert Proof("x", "https://a.example").is_valid(on=date(2099, 1, 1))


def test_nothing_is_drafted_without_a_proof_that_still_holds() -> None:
    with pytest.raises(Invalid) as error:
        require_activatable(replace(PROFILE, proofs=(STALE,)), today=TODAY)

    assert error.value.field == ("proofs",)


def test_a_claim_cant_be_proof_and_forbidden() -> None:
    with pytest.raises(Invalid) as error:
        require_activatable(replace(PROFILE, forbidden_claims=(STALE.claim.upper(),)), today=TODAY)

    assert error.value.field == ("proofs", "1", "claim")


def test_an_active_version_is_only_ever_archived() -> None:
    assert PROFILE_STATES.after(ProfileState.ACTIVE) == {ProfileState.ARCHIVED}
    assert PROFILE_STATES.is_terminal(ProfileState.ARCHIVED)
