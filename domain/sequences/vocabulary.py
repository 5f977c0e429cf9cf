"""Short word lists per language: what reads as spam or pretence, and what language a text is in.

Our own lists, kept small on purpose: each entry is a phrase people complain about, not a statistic.
"""

import re


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(entry.split()) for entry in text.split(","))


SPAM_PHRASES: dict[str, tuple[str, ...]] = {
    "en": _listed("""
        act now, limited time, once in a lifetime, 100% free, risk-free, guaranteed results, click
        here, no obligation, buy now, double your, make money, urgent, special promotion, this is
        not spam, lowest price, dear sir or madam, cheapest
    """),
    "de": _listed("""
        jetzt handeln, nur für kurze zeit, 100% kostenlos, garantierter erfolg, ohne risiko,
        dringend, unverbindlich und kostenlos, hier klicken, jetzt kaufen, verdoppeln sie, geld
        verdienen, sonderangebot, kein spam, sehr geehrte damen und herren, tiefstpreis
    """),
    "fr": _listed("""
        agissez maintenant, offre limitée, 100% gratuit, sans risque, résultats garantis, urgent,
        sans engagement, cliquez ici, achetez maintenant, doublez votre, gagner de l'argent, prix le
        plus bas, promotion exceptionnelle, ceci n'est pas un spam
    """),
}

PRETENCE_PHRASES: dict[str, tuple[str, ...]] = {
    "en": _listed("""
        as discussed, as we discussed, per our conversation, following up on our call, as promised,
        good to see you again, our mutual friend, mutual connection, you asked me, your request
    """),
    "de": _listed("""
        wie besprochen, nach unserem gespräch, wie versprochen, unser gemeinsamer bekannter,
        gemeinsamer kontakt, auf ihre anfrage, sie hatten mich gebeten
    """),
    "fr": _listed("""
        comme convenu, suite à notre conversation, suite à notre appel, comme promis, notre contact
        commun, notre ami commun, suite à votre demande
    """),
}
"""Phrases that pretend an acquaintance; on a first touch they deceive (CAN-SPAM 15 USC 7704(a)(2), UWG 5)."""

GREETING_WORDS = frozenset(
    _listed("""
        there, all, team, everyone, together, mr, mrs, ms, miss, mx, dr, prof, professor, and, the,
        zusammen, frau, herr, doktor, und, monsieur, madame, m, mme, mlle, à, tous, toutes, et
    """)
)
"""What a greeting may hold besides the recipient's name."""

_STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(_listed("""
        the, and, you, your, we, our, is, are, for, with, this, that, to, of, would, have, it, at,
        be
    """)),
    "de": frozenset(_listed("""
        der, die, das, und, sie, ihr, ihre, ihnen, wir, ist, sind, für, mit, dass, zu, von, ein,
        nicht, haben, eine
    """)),
    "fr": frozenset(_listed("""
        le, la, les, et, vous, votre, vos, nous, est, sont, pour, avec, que, de, du, des, pas, une,
        dans, sur
    """)),
}  # fmt: skip
_LANGUAGE_WORDS_MIN = 6


def phrases_in(text: str, *, phrases: tuple[str, ...]) -> list[str]:
    """Return the phrases the text contains as whole words, whatever the case and spacing."""
    plain = " ".join(text.casefold().replace("’", "'").split())
    found = [phrase for phrase in phrases if phrase in plain]
    return [phrase for phrase in found if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain)]


def guess_language(text: str) -> str | None:
    """Return ``en``, ``de`` or ``fr`` when the text's small words leave no doubt, else None."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    counts = {code: sum(word in stop for word in words) for code, stop in _STOP_WORDS.items()}
    (best, hits), (_, second) = sorted(counts.items(), key=lambda item: -item[1])[:2]
    return best if hits >= _LANGUAGE_WORDS_MIN and hits >= 2 * second else None
