"""Our own templates (``templates/*.liquid``: the subject, a line of dashes, the body), for steps without one.

They state nothing beyond the strategy's own words and what was read, word for word, at a named source.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

VERSION: Final = "1"
LANGUAGES: Final = ("en", "de", "fr")
_FOLDER: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePair:
    """A subject and a body in Liquid."""

    subject: str
    body: str


@cache
def default_templates(*, language: str, is_reply: bool) -> TemplatePair | None:
    """Return our templates for a language code such as ``de`` (``de-AT`` counts as ``de``), or None."""
    code = language.split("-", maxsplit=1)[0].lower()
    if code not in LANGUAGES:
        return None
    name = f"{'follow_up' if is_reply else 'first_touch'}.{code}.liquid"
    subject, _, body = (_FOLDER / name).read_text(encoding="utf-8").partition("\n---\n")
    return TemplatePair(subject=subject, body=body)
