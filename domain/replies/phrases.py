"""Phrases as patterns over folded text (lower case, no accents, one blank between words)."""

import re

_SENTENCE_REACH = 400
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")


def any_of(*phrases: str) -> re.Pattern[str]:
    r"""Compile phrases into one pattern that matches whole words only.

    Patterns are linear by habit: gaps are bounded (``[^.!?\n]{0,40}``) and never nested.
    """
    return re.compile(r"(?<![\w@])(?:" + "|".join(phrases) + r")(?![\w@])")


def sentence_around(text: str, position: int) -> str:
    """Return the sentence or line of folded text that holds ``position``; a dot inside a word doesn't end one.

    At most 400 characters to each side are looked at.
    """
    before = text[max(0, position - _SENTENCE_REACH) : position]
    start = max((match.end() for match in _SENTENCE_END.finditer(before)), default=0)
    end = _SENTENCE_END.search(text, position, position + _SENTENCE_REACH)
    return before[start:] + text[position : end.end() if end else position + _SENTENCE_REACH]
