"""What every ``EmailVerifier`` must do; an adapter's test class derives from it and gives the fixtures."""

from domain.enrichment.ports import EmailVerifier
from domain.enrichment.rules.emails import EmailReason, EmailStatus, verdict_expires_at


class VerifierContract:
    """Needs the fixtures ``verifier``, ``good`` and ``dead`` (addresses), and ``unanswered`` (nobody can tell)."""

    async def test_a_good_address_is_valid(self, verifier: EmailVerifier, good: str) -> None:
        verdict = await verifier.verify(good)
        assert (verdict.address, verdict.status) == (good, EmailStatus.VALID)

    async def test_a_dead_address_is_invalid(self, verifier: EmailVerifier, dead: str) -> None:
        assert (await verifier.verify(dead)).status is EmailStatus.INVALID

    async def test_what_cant_be_found_out_is_unknown(self, verifier: EmailVerifier, unanswered: str) -> None:
        assert (await verifier.verify(unanswered)).status is EmailStatus.UNKNOWN

    async def test_nonsense_is_a_verdict_not_an_exception(self, verifier: EmailVerifier) -> None:
        for nonsense in (
            "",
            "nonsense",
            "a@",
            "@b.example",
            "a@b@c.example",
            "a\r\nBcc: x@y.example",
            "a" * 5000,
        ):
            verdict = await verifier.verify(nonsense)
            assert (verdict.status, verdict.reasons) == (EmailStatus.INVALID, (EmailReason.SYNTAX,))

    async def test_every_verdict_is_dated_and_has_its_term(
        self, verifier: EmailVerifier, good: str, dead: str
    ) -> None:
        for address in (good, dead):
            verdict = await verifier.verify(address)
            assert verdict.checked_at.tzinfo is not None
            assert verdict.expires_at == verdict_expires_at(verdict.status, checked_at=verdict.checked_at)
