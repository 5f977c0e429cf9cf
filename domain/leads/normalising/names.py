"""People's names: fit to be written in a greeting, and folded to be compared."""

import re
import unicodedata
from functools import lru_cache

from domain.leads.normalising.text import word_set

NAME_CHARS_MAX = 200

# Letters that don't decompose into a base letter and a mark.
_PLAIN_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ß": "ss",
        "ħ": "h",
        "ŧ": "t",
    }
)
_DECORATION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|[\"“”„«»*|~•·®™©]+")
_HONORIFIC = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|herr|frau|hr|fr|mme|mlle|sr|sra|srta|dott|ing|dipl\.?-?ing)\b\.?\s+)+",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(
    r"(?:,\s*|\s+)(?:ph\.?\s?d|m\.?b\.?a|m\.?sc|b\.?sc|m\.?d|j\.?d|ll\.?m|cpa|cfa|cissp|pmp|csm|acca|fca|shrm-s?cp|phr|sphr|esq|"
    r"dba|ed\.?d|mph|rn|msw|ccie|pe)\.?$",
    re.IGNORECASE,
)
_GENERATION = frozenset({"jr", "sr", "ii", "iii", "iv"})
_PARTICLES = word_set(
    """
    al bin bint da das de del della den der des di do dos du el ibn la le lo san st te ten ter van vom von y
    zu zum zur
    """
)
_APOSTROPHE = re.compile("['’‘ʼ`]")
_WORD = re.compile(r"[^\W\d_]+")
_NOT_A_NAME = re.compile(r"@|://|www\.|^[\W\d_]*$")


@lru_cache(maxsize=32_768)
def fold_name(text: str) -> str:
    """Return letters and digits only, without case and accents, one space between words: for comparing."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS))
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    folded = text.lower()
    if not folded.isalnum():
        folded = " ".join(
            "".join(char if char.isalnum() else " " for char in _APOSTROPHE.sub("", folded)).split()
        )
    return folded


def phrase_set(text: str) -> frozenset[str]:
    """Return the folded phrases of a text that separates them with bars."""
    return frozenset(fold_name(phrase) for phrase in text.split("|"))


def tidy_person_name(text: str) -> str | None:
    """Return a first or last name as one would write it; ``None`` when it is no name (address, digits).

    Titles, credentials, nicknames in brackets and emoji go; a name all in capitals or small letters
    gets capitals where they belong, any other spelling is the person's own and stays.
    """
    if text.isalpha() and text.istitle():
        return text
    return _tidy_unusual(text) or None


@lru_cache(maxsize=16_384)
def _tidy_unusual(text: str) -> str:
    if _NOT_A_NAME.search(text) or len(text) > NAME_CHARS_MAX:
        return ""
    previous = ""
    while text != previous:  # titles and credentials come in rows: "Dr. Prof. Ada Lovelace, PhD, MBA"
        previous = text
        text = _HONORIFIC.sub("", _CREDENTIAL.sub("", _without_decoration(text)))
        text = " ".join(text.split()).strip(" ,;-–—_")
    if _NOT_A_NAME.search(text) or not any(map(str.isalpha, text)):  # what the decoration stood around
        return ""
    return _capitalised(text) if text.islower() or (text.isupper() and len(text) > 3) else text


def _without_decoration(text: str) -> str:
    text = _DECORATION.sub(" ", text)
    if text.isascii():
        return text
    return "".join(
        " "
        if unicodedata.category(char) in {"So", "Sk", "Cs", "Co", "Cn"} or "\ufe00" <= char <= "\ufe0f"
        else char
        for char in text
    )


def _capitalised(text: str) -> str:
    words = text.lower().split(" ")
    cased = [
        word if index and word in _PARTICLES else _WORD.sub(_capitalise, word)
        for index, word in enumerate(words)
    ]
    return " ".join(cased)


def _capitalise(match: re.Match[str]) -> str:
    word = match[0]
    if word in {"ii", "iii", "iv"}:
        return word.upper()
    if word.startswith("mc") and len(word) > 4:
        return "Mc" + word[2:].capitalize()
    return word.capitalize()


def split_full_name(text: str) -> tuple[str | None, str | None]:
    """Return (first name, last name) of a full name.

    ``Last, First`` is understood. Particles (van der, de la) and generations (Jr) belong to the last
    name; middle names stay with the first name, single initials go. A single word is a first name.
    """
    tidy = tidy_person_name(text)
    if tidy is None:
        return None, None
    last, comma, first = (part.strip() for part in tidy.partition(","))
    if comma and first and first.rstrip(".").lower() not in _GENERATION:
        return first, last or None
    words = tidy.replace(",", " ").split()
    if len(words) == 1:
        return words[0], None
    start = len(words) - 1
    if words[start].rstrip(".").lower() in _GENERATION and start > 1:
        start -= 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    given = [word for index, word in enumerate(words[:start]) if not index or len(word.rstrip(".")) > 1]
    return " ".join(given), " ".join(words[start:])
