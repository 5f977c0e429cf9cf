"""Yes and no as real exports write them, and the words that mean "don't contact"."""

from functools import lru_cache

from domain.leads.normalising.names import fold_name, phrase_set
from domain.leads.normalising.text import word_set

_YES = word_set(
    """
    1 true t yes y x on checked wahr ja j oui o vrai si s verdadero sim verdadeiro vero da tak ano igen kylla
    evet hai はい 是 да ✓ ✔ ☑ ✅
    """
)
_NO = word_set(
    """
    0 false f no n off unchecked falsch nein non faux falso nao nej nee nie ne nem ei hayir いいえ 否 нет ✗ ✘ ☐ ❌
    """
)

_REFUSED = phrase_set(
    """
    do not contact | do not email | do not mail | do not call | donotcontact | donotemail | do not disturb |
    dnc | unsubscribed | unsubscribe | opted out | opt out | optout | opt-out | removed by request |
    gdpr removal | withdrawn | no consent | objected | abgemeldet | nicht kontaktieren | widersprochen |
    widerspruch | desabonne | desinscrit | ne pas contacter | desuscrito | no contactar | dado de baja |
    disiscritto | non contattare | uitgeschreven | niet benaderen | descadastrado | nao contatar
    """
)
_ALLOWED = phrase_set(
    "subscribed | opted in | opt in | opt-in | active | allowed | ok | okay | contact | consented | granted"
)


@lru_cache(maxsize=4_096)
def parse_flag(text: str) -> bool | None:
    """Return what a yes/no cell of an opt-out column says; ``None`` when it is neither.

    ``unsubscribed`` counts as yes and ``subscribed`` as no. An empty cell is a no.
    """
    if not text:
        return False
    word = text.strip().lower()
    if word in _NO:
        return False
    if word in _YES:
        return True
    folded = fold_name(word.removesuffix(".0"))
    if folded in _NO or folded in _ALLOWED or folded in {"0", ""}:
        return False
    return True if folded in _YES or folded in _REFUSED else None


def is_no(text: str) -> bool:
    """Return whether a cell says no in one of the languages known; an empty one says nothing."""
    word = text.strip().lower()
    return word in _NO or word.removesuffix(".0") == "0"


@lru_cache(maxsize=4_096)
def is_opt_out_status(text: str) -> bool:
    """Return whether a status or stage cell says that this person mustn't be contacted."""
    return bool(text) and fold_name(text) in _REFUSED
