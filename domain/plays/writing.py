"""How profiles are stored: between the values of ``profiles`` and the columns of a version."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from domain.plays.models import StrategyProfile
from domain.plays.profiles import IdealCustomer, Persona, Profile, Proof


def columns_of(profile: Profile) -> dict[str, Any]:
    """Return the columns that hold a profile; dates as ISO 8601 text."""
    columns = asdict(profile)
    for proof in columns["proofs"]:
        day = proof["valid_until_on"]
        proof["valid_until_on"] = day.isoformat() if day else None
    return {name: list(value) if isinstance(value, tuple) else value for name, value in columns.items()}


def profile_of(version: StrategyProfile) -> Profile:
    """Rebuild a profile from one of its versions."""
    return Profile(
        name=version.name,
        persona=Persona(**version.persona),
        offer=version.offer,
        tone=version.tone,
        cta=version.cta,
        languages=tuple(version.languages),
        proofs=tuple(_proof(proof) for proof in version.proofs),
        forbidden_claims=tuple(version.forbidden_claims),
        icp=IdealCustomer(**{name: tuple(values) for name, values in version.icp.items()}),
    )


def _proof(proof: Mapping[str, Any]) -> Proof:
    day = proof.get("valid_until_on")
    return Proof(proof["claim"], proof["evidence_url"], date.fromisoformat(day) if day else None)
