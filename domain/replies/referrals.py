"""Who is named as the one to talk to instead. Found for a person's review; nobody is contacted because of it."""

import re
from collections.abc import Collection

from domain.replies.labels import ReferredContact
from domain.replies.text import clean_line

_ADDRESS = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+'-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}", re.ASCII
)
_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’.-]{0,30}"
_NAME_BEFORE = re.compile(
    rf"(?P<name>{_WORD}(?: (?:van|von|de|der|den|di|da|del|la|le|{_WORD})){{1,4}})(?:,[^,.;\n]{{1,40}},?)?"
    r"\s{0,3}(?:(?:at|unter|à|a|en|via|op|per|by e-?mail at|by mail|per mail|par mail|por correo|adresse|mail|"
    r"e-?mail|em|su)\b:? ?|[-–:] ?){0,2}"
    r"[\s(<\[]{0,3}(?:mailto:)?$"
)
_NOT_NAMES = frozenset(
    [
        "please",
        "contact",
        "bitte",
        "kontaktieren",
        "sie",
        "wenden",
        "merci",
        "veuillez",
        "por",
        "favor",
        "para",
        "contacte",
        "per",
        "favore",
        "contattare",
        "neem",
        "contact",
        "best",
        "kind",
        "regards",
        "for",
        "urgent",
        "in",
        "dringenden",
        "pour",
        "toute",
        "en",
        "caso",
        "casos",
        "urgentes",
        "or",
        "and",
        "if",
        "you",
        "can",
        "my",
        "our",
        "the",
    ]
)
_NO_PERSON = re.compile(r"^(?:no-?reply|noreply|mailer-daemon|postmaster|privacy|unsubscribe|abuse)\b")
_NAME_REACH = 120


def find_referred_contact(text: str, *, known: Collection[str]) -> ReferredContact | None:
    """Return the first person in ``text`` given with an address that isn't among ``known`` (lower case), or None."""
    for found in _ADDRESS.finditer(text[:20_000]):
        address = found.group().rstrip(".-'").lower()
        if address in known or _NO_PERSON.match(address):
            continue
        return ReferredContact(
            name=_name_before(text[max(0, found.start() - _NAME_REACH) : found.start()]), address=address
        )
    return None


def _name_before(text: str) -> str:
    found = _NAME_BEFORE.search(text.replace("\n", " "))
    if not found:
        return ""
    words = found.group("name").split()
    while words and words[0].lower().strip(".,") in _NOT_NAMES:
        words.pop(0)
    return clean_line(" ".join(words), length_max=200)
