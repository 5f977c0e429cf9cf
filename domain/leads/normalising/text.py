"""Cell text: what spreadsheets, web pages and copy-paste leave around a value is taken off.

A row is cleaned as a whole first, because most rows need nothing but stripping: three scans in C
over the joined cells are far cheaper than looking at every cell in Python.
"""

import html
import re
import unicodedata
from collections.abc import Sequence

_PLACEHOLDER_WORDS = (
    "-", "--", "---", "–", "—", "_", ".", "...", "?", "??", "n/a", "#n/a", "n.a.", "n.a", "na", "#na", "<na>",
    "nan", "nil", "none", "null", "(null)", "\\n", "undefined", "unknown", "not available", "not provided", "not found",
    "[not provided]", "(blank)", "blank", "empty", "#ref!", "#value!", "#name?", "#null!", "#div/0!", "#num!",
    "k.a.", "keine angabe", "unbekannt", "inconnu", "desconocido", "sconosciuto", "onbekend",
)  # fmt: skip
PLACEHOLDERS = frozenset(
    form for word in _PLACEHOLDER_WORDS for form in (word, word.upper(), word.title(), word.capitalize())
) | {"NaN", "#N/a", "n/A"}
"""What people and programs write instead of leaving a cell empty, in the spellings that occur."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
# Joiners are part of the spelling in Arabic and Indic scripts and smuggled in everywhere else.
_STRAY_JOINER = re.compile(r"(?<![\u0600-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0dff])")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_HAS_FULL_WIDTH = re.compile("[\uff01-\uff5e]")
_REPEATED_AMPERSAND = re.compile(r"&(?:(?:amp|AMP|#0{0,5}38|#[xX]0{0,5}26);)+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_ENTITY_START = re.compile("&[#a-zA-Z]")
_MARKS = frozenset("'=")
_FORMULA_SIGNS = frozenset("=+-@")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text: for tables that read better as prose than as a column of quotes."""
    return frozenset(text.split())


def has_control_characters(text: str) -> bool:
    """Return whether ``text`` holds control characters other than tab and line ends."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def clean_cells(cells: Sequence[str], joined: str) -> list[str]:
    """Return the cells of one row as single-line text, placeholders such as ``#N/A`` emptied.

    Args:
        cells: the row as read.
        joined: the same cells joined without a separator; the caller has it at hand.
    """
    if "  " in joined or not _is_plain(joined):
        cleaned = [_tidy(cell) if cell else cell for cell in cells]
    else:
        cleaned = [cell.strip() for cell in cells] if _has_outer_space(cells, joined) else list(cells)
        if "&" in joined and _ENTITY_START.search(joined):
            cleaned = [_decode_entities(cell) if "&" in cell else cell for cell in cleaned]
        if "'" in joined or "=" in joined:
            cleaned = [_unwrap(cell) if cell[:1] in _MARKS else cell for cell in cleaned]
    if PLACEHOLDERS.isdisjoint(cleaned):
        return cleaned
    return ["" if cell in PLACEHOLDERS else cell for cell in cleaned]


def clean_text(text: str) -> str:
    """Return ``text`` as one clean line; empty when it only stands for nothing.

    Takes off invisible and control characters, HTML entities, full-width forms, the apostrophe and
    ``="..."`` with which spreadsheets mark text; folds white space. A formula stays as plain text:
    nothing is ever evaluated.
    """
    tidy = _tidy(text)
    return "" if tidy in PLACEHOLDERS else tidy


def clean_note(text: str) -> str:
    """Return ``text`` cleaned like ``clean_text`` line by line, every line end a line feed."""
    lines = (_tidy(line) for line in _LINE_ENDS.sub("\n", text).split("\n"))
    note = "\n".join(lines).strip()
    return "" if note in PLACEHOLDERS else note


def _has_outer_space(cells: Sequence[str], joined: str) -> bool:
    """Return whether a cell of printable text begins or ends with a space; asks all of them at once."""
    if " " not in joined:
        return False
    separated = "\n".join(("", *cells, ""))
    return "\n " in separated or " \n" in separated


def _tidy(text: str) -> str:
    if not _is_plain(text):
        text = _fold_characters(text)
    text = text.strip()
    if "  " in text:
        text = " ".join(text.split())
    if "&" in text:
        text = _decode_entities(text)
    return _unwrap(text) if text[:1] in _MARKS else text


def _is_plain(text: str) -> bool:
    """Return whether no character of the text needs folding; holds for its parts, too."""
    if not text.isprintable():
        return False
    if text.isascii():
        return True
    try:  # nothing in Latin-1 needs folding, and this is the quickest way to ask
        text.encode("latin-1")
    except UnicodeEncodeError:
        return unicodedata.is_normalized("NFC", text) and _HAS_FULL_WIDTH.search(text) is None
    return True


def _fold_characters(text: str) -> str:
    text = _STRAY_JOINER.sub("", _INVISIBLE.sub("", text))
    # Surrogates can't be stored; they only come from a program that cut a character in two.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", " ".join(text.translate(_FULL_WIDTH).split()))


def _decode_entities(text: str) -> str:
    decoded = _ENTITY.sub(_decode_entity, _REPEATED_AMPERSAND.sub("&", text))
    return decoded if decoded == text else " ".join(_fold_characters(decoded).split())


def _decode_entity(match: re.Match[str]) -> str:
    """Decode one entity unless its result could form another one: decoding twice must change nothing."""
    decoded = html.unescape(match[0])
    return (
        match[0] if decoded[:1] in {"#", ";", "&"} or (decoded.isascii() and decoded.isalnum()) else decoded
    )


def _unwrap(text: str) -> str:
    while text[:1] in _MARKS:
        bare = text.lstrip("'")
        if bare != text and bare[:1] in _FORMULA_SIGNS:
            text = bare
        elif len(text) > 2 and text.startswith('="') and text.endswith('"') and text.count('"') == 2:
            text = text[2:-1].strip()
        else:
            break
    return text
