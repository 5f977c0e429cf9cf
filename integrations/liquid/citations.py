"""Facts as template values: they print only through ``| cite``, and every citation becomes a claim."""

from datetime import date
from urllib.parse import urlsplit

from liquid.exceptions import FilterValueError, LiquidTypeError

from domain.sequences.evidence import clean_hostile_text
from domain.sequences.ports import Claim, EvidenceFact, Proof

CITED_CHARS_MAX = 240


class Citable:
    """A fact or proof in a template: ``{{ x | cite }}`` prints it and records the claim.

    Printed any other way it raises, so no fact reaches a text without its evidence.
    """

    def __init__(
        self, text: str, *, evidence_id: str, source: str, observed_on: date | None, claims: list[Claim]
    ) -> None:
        self._text = _shorten(" ".join(clean_hostile_text(text).split()))
        self._evidence_id = evidence_id
        self._attributes = {"source": source, "observed_on": observed_on.isoformat() if observed_on else ""}
        self._claims = claims

    def __getitem__(self, key: str) -> str:
        value = self._attributes[key]
        if not value:
            raise KeyError(key)
        return value

    def __str__(self) -> str:
        raise LiquidTypeError(
            "a fact is shown with `| cite`, so that the text says where it is from", token=None
        )

    def cite(self) -> str:
        """Record the claim and return the words."""
        self._claims.append(Claim(span=self._text.removesuffix("…"), evidence_ids=(self._evidence_id,)))
        return self._text


def cite(value: object) -> str:
    """Print a fact or proof (the ``cite`` filter)."""
    if not isinstance(value, Citable):
        raise FilterValueError("`cite` takes a fact or a proof", token=None)
    return value.cite()


def citable_fact(fact: EvidenceFact, *, claims: list[Claim]) -> Citable:
    """Return a fact for a template; its ``source`` is the host it was read on."""
    host = (urlsplit(fact.source_url).hostname or "") if fact.source_url else ""
    return Citable(
        fact.value,
        evidence_id=fact.id,
        source=host.removeprefix("www."),
        observed_on=fact.observed_at.date(),
        claims=claims,
    )


def citable_proof(proof: Proof, *, claims: list[Claim]) -> Citable:
    """Return a proof for a template."""
    return Citable(proof.claim, evidence_id=proof.id, source="", observed_on=None, claims=claims)


def _shorten(text: str) -> str:
    if len(text) <= CITED_CHARS_MAX:
        return text.rstrip(" .")
    return text[:CITED_CHARS_MAX].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"
