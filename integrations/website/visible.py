"""Tells what a visitor of a page doesn't see: nobody vouches for it, so it isn't read."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from .words import word_set

_NEVER_SHOWN = word_set(
    "script style noscript template iframe object embed svg canvas select textarea math head title"
)
_SCREEN_READER = frozenset({"sr-only", "visually-hidden", "screen-reader-text", "visuallyhidden"})
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0?\.?0+\s*(?![.\d])"
    r"|font-size\s*:\s*0?\.?[01]?(px|pt|em|rem|%)?\s*(;|!|$)|(text-indent|left|top|right|margin-left)\s*:\s*-\d{3,}"
    r"|clip(-path)?\s*:\s*(rect\(0|inset\((50|100)%)|(?<![-\w])color\s*:\s*transparent|transform\s*:\s*scale\(0\)"
    r"|(?<![-\w])(max-)?(height|width)\s*:\s*0(px)?\s*(;|!|$)",
    re.IGNORECASE,
)
_RULE = re.compile(r"([^{}]{1,150})\{([^{}]{1,2000})\}")
_SIMPLE = re.compile(r"[.#][\w-]+")
_SHEETS_MAX = 100_000
_STYLE_MAX = 2000


class Hiding:
    """The page's own ways to hide things: attributes, inline styles, and classes and ids of its style sheets.

    Linked style sheets aren't fetched, so text they hide counts as visible.
    """

    def __init__(self, sheets: Iterable[str]) -> None:
        css = "\n".join(sheets)[:_SHEETS_MAX]
        selectors = [
            selector.strip()
            for rule in _RULE.finditer(css)
            if _HIDING.search(rule[2])
            for selector in rule[1].split(",")
        ]
        self._names = frozenset(each for each in selectors if _SIMPLE.fullmatch(each))

    def hides(self, node: LexborNode) -> bool:
        """Tell whether the element, and with it all that is inside, is out of sight."""
        if node.tag in _NEVER_SHOWN:
            return True
        attributes = node.attributes
        if "hidden" in attributes or attributes.get("aria-hidden") == "true":
            return True
        classes = (attributes.get("class") or "").split()
        if not _SCREEN_READER.isdisjoint(classes) or _HIDING.search(
            (attributes.get("style") or "")[:_STYLE_MAX]
        ):
            return True
        names = {f".{each}" for each in classes} | {f"#{attributes.get('id')}"}
        return not self._names.isdisjoint(names)
