"""Characters that a reader doesn't see, and that make a text look like another or break out of its line."""

import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

JOINERS: Final = "\u200c\u200d"
"""Persian, Hindi and emoji sequences need them."""


def has_hidden(text: str, *, allowed: str = "") -> bool:
    """Tell whether there are controls, line ends, lone surrogates, or marks that hide or reorder text.

    Args:
        allowed: characters that are welcome all the same, such as line feeds or the joiners.
    """
    return any(unicodedata.category(character) in _HIDDEN and character not in allowed for character in text)
