"""Text from the world, made safe to show and easy to match.

Mail is written by strangers: it may carry NULs, lone surrogates, invisible and direction-changing
characters, or megabytes. ``clean_text`` is for people, ``fold`` for pattern matching.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

TEXT_BYTES_MAX = 100_000

# Zero-width characters, soft hyphen, bidi controls, invisible operators, BOM, tag characters, variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_MANY_BLANK_LINES = re.compile(r"\n{4,}")
_QUOTE_MARKS = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-"}
)


def clean_text(text: str, *, bytes_max: int = TEXT_BYTES_MAX) -> str:
    """Return ``text`` without control and invisible characters, newlines as LF, at most ``bytes_max`` of UTF-8."""
    shown = _NEWLINES.sub("\n", text[: bytes_max * 2])
    shown = _INVISIBLE.sub("", _CONTROLS.sub("", shown))
    lines = (line.rstrip() for line in shown.split("\n"))
    shown = _MANY_BLANK_LINES.sub("\n\n\n", "\n".join(lines)).strip("\n")
    return shown.encode()[:bytes_max].decode(errors="ignore")


def clean_line(text: str, *, length_max: int = 1_000) -> str:
    """Return ``text`` cleaned and on one line, whitespace runs as one blank, at most ``length_max`` characters."""
    return " ".join(clean_text(text[: length_max * 4]).split())[:length_max]


@dataclass(frozen=True, slots=True)
class Folded:
    """Text reduced to what patterns need: lower case, no accents, one blank between words, LF between paragraphs.

    Args:
        text: the folded text.
        origins: for each character of ``text`` its index in the original, same length.
    """

    text: str
    origins: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span of the original that ``text[start:end]`` came from."""
        if start >= end:
            return (0, 0)
        return (self.origins[start], self.origins[end - 1] + 1)


def fold(text: str) -> Folded:
    """Fold ``text`` for matching, remembering where each character came from."""
    chars: list[str] = []
    origins: list[int] = []
    newlines = blanks = 0
    for index, char in enumerate(text):
        if char.isspace():
            blanks += 1
            newlines += char == "\n"
            continue
        if blanks and chars:
            chars.append("\n" if newlines > 1 else " ")
            origins.append(index - 1)
        newlines = blanks = 0
        for piece in _fold_char(char):
            chars.append(piece)
            origins.append(index)
    return Folded(text="".join(chars), origins=tuple(origins))


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char.translate(_QUOTE_MARKS)).casefold()
    return "".join(piece for piece in plain if not unicodedata.combining(piece) and not piece.isspace())
