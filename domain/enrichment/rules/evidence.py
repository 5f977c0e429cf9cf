"""Text from outside: how it is cleaned, how a quote is checked, how orders hidden in it are recognised.

Whatever a page says is data. A quote counts only if it stands on the page, and a passage that talks to
a machine ("ignore previous instructions") is never turned into a fact.
"""

import re
import unicodedata

from .facts import SNIPPET_MAX

# Zero-width and bidirectional controls, soft hyphen, variation selectors and the tag block:
# all invisible, all used to hide or reorder text.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")  # without those that count as white space
_PUNCTUATION = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "‑": "-"}
    | {"‒": "-", "–": "-", "—": "-", "−": "-", "…": "..."}
)

# Verbs and nouns of the orders seen in injected pages, in the languages we crawl most. Deliberately
# greedy: a lost description costs little, an obeyed order a lot.
_ORDERS = re.compile(
    "|".join(
        (
            r"\b(ignore|disregard|forget|override|bypass)\b.{0,40}"
            r"\b(instructions?|prompts?|rules|guidelines|context|guardrails|everything (above|before))\b",
            r"\b(you are now|act as|pretend to be|from now on,? you)\b.{0,60}"
            r"\b(assistant|ai|model|agent|bot|system|admin|dan)\b",
            r"\b(system|developer|hidden|initial) (prompt|message|instructions?)\b",
            r"\b(new|updated|important|special|additional) instructions? (for|to) "
            r"(the |any |all )?(ai|assistants?|models?|llms?|agents?|bots?)\b",
            r"\b(ai|llm|language model|chatbot|assistant)s?\b.{0,30}\b(must|should|shall)\b.{0,60}"
            r"\b(send|write|include|reveal|output|reply|respond|recommend|forward|say)\b",
            r"\bdo not (tell|inform|mention|reveal)\b.{0,40}\b(user|human|operator|customer)\b",
            r"\b(reveal|print|repeat|exfiltrate|leak)\b.{0,40}\b(prompt|api keys?|secrets?|credentials)\b",
            r"<\|?(im_start|im_end|system|endoftext)\|?>|\[/?inst\]|^[ \t#]{0,20}system ?:",
            r"\b(ignorier\w*|vergiss|missachte\w*)\b.{0,40}\b(anweisung\w*|vorgaben|instruktion\w*|regeln)\b",
            r"\b(ignor(e[zr]?|ons)|oublie[zr]?)\b.{0,40}\b(instructions?|consignes?|règles)\b",
            r"\b(ignora|ignore|olvida|olvide)\b.{0,40}\b(instrucciones|reglas|indicaciones|istruzioni|regole)\b",
            r"\b(ignore|esqueça)\b.{0,40}\b(instruções|regras)\b",
            r"\b(negeer|vergeet)\b.{0,40}\b(instructies|regels)\b",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)
_QUOTE_MIN = 3


def strip_invisible(text: str) -> str:
    """Remove characters nobody sees: zero-width, bidirectional, tag and control characters."""
    return _CONTROL.sub("", _INVISIBLE.sub("", text))


def fold_text(text: str) -> str:
    """Return ``text`` in the form quotes are compared in.

    Compatibility forms, case, invisible characters, typographic quotes and dashes and the amount of
    white space make no difference.
    """
    visible = strip_invisible(unicodedata.normalize("NFKC", text)).translate(_PUNCTUATION)
    return " ".join(visible.casefold().split())


class StoredText:
    """A page's text, prepared once for many quotes."""

    def __init__(self, text: str) -> None:
        self._folded = fold_text(text)

    def has(self, quote: str) -> bool:
        """Tell whether ``quote`` stands here word for word (see ``fold_text`` for what is ignored).

        Quotes of fewer than three characters prove nothing and never count.
        """
        folded = fold_text(quote)
        return len(folded) >= _QUOTE_MIN and folded in self._folded


def is_instruction_like(text: str) -> bool:
    """Tell whether ``text`` speaks to a machine that reads it rather than to a person.

    Source: the injection patterns of the OWASP Top 10 for LLM applications (LLM01), tried on our own
    hostile test pages; a heuristic, so nothing may be allowed only because this returned False.
    """
    return _ORDERS.search(unicodedata.normalize("NFKC", strip_invisible(text))) is not None


def cut_snippet(text: str, *, around: str = "") -> str:
    """Return at most 300 characters of ``text``, verbatim, that contain ``around`` if ``text`` does.

    Cuts fall between words where there are any.
    """
    line = " ".join(text.split())
    if len(line) <= SNIPPET_MAX:
        return line
    at = max(line.find(around), 0)
    start = max(0, min(at - (SNIPPET_MAX - len(around)) // 2, len(line) - SNIPPET_MAX))
    piece = line[start : start + SNIPPET_MAX]
    return _trim_words(piece, open_start=start > 0, open_end=start + SNIPPET_MAX < len(line), keep=around)


def _trim_words(piece: str, *, open_start: bool, open_end: bool, keep: str) -> str:
    trimmed = piece
    if open_start and " " in trimmed:
        trimmed = trimmed.split(" ", 1)[1]
    if open_end and " " in trimmed:
        trimmed = trimmed.rsplit(" ", 1)[0]
    return trimmed if keep in trimmed else piece
