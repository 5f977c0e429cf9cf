"""Outside text inside a prompt: cleaned, cut, and fenced with a tag nobody could have known when writing it."""

import json
import secrets
from collections.abc import Callable
from typing import Final

from domain.sequences.evidence import clean_hostile_text

NewTag = Callable[[], str]
TAG_CHARS_MIN: Final = 8


def random_tag() -> str:
    """Return a tag for one call: 64 unguessable bits."""
    return secrets.token_hex(8)


def fence(text: str, *, name: str, tag: str, chars_max: int, **attributes: str) -> str:
    """Return the text between ``<name-tag>`` and ``</name-tag>``, without the tag inside.

    Args:
        text: hostile; comments, invisible characters and data URIs are removed.
        name: what it is, such as ``page``.
        tag: random per call, at least 8 characters.
        chars_max: the rest is cut off.
        attributes: shown in the opening tag as JSON strings.
    """
    if len(tag) < TAG_CHARS_MIN:
        raise ValueError(f"a tag has at least {TAG_CHARS_MIN} characters")
    shown = "".join(f" {key}={json.dumps(_clean(value, tag))}" for key, value in attributes.items())
    return f"<{name}-{tag}{shown}>\n{_clean(text, tag)[:chars_max]}\n</{name}-{tag}>"


def _clean(text: str, tag: str) -> str:
    return clean_hostile_text(text).replace(tag, "")
