"""Users' templates: what they may refer to, how large they may be, and what makes one wrong.

The syntax is an adapter's business (``ports.TemplateLanguage``); which names mean something is decided here.
"""

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum

from domain.errors import Invalid
from domain.sequences.ports import TemplateLanguage

SUBJECT_TEMPLATE_CHARS_MAX = 300
BODY_TEMPLATE_CHARS_MAX = 10_000

VARIABLES: dict[str, str] = {
    "lead.first_name": "the lead's first name",
    "lead.last_name": "the lead's last name",
    "lead.title": "the lead's job title",
    "company.name": "the lead's company",
    "company.domain": "the company's domain",
    "sender.name": "the name of the person who sends",
    "sender.role": "their role",
    "sender.company": "their company",
    "offer": "the strategy's offer",
    "cta": "the strategy's call to action",
    "proofs": "the strategy's proofs that are still valid, a list; each is shown with `| cite`",
    "facts": "the lead's usable facts, best first, a list; each is shown with `| cite`",
    "fact.<field>": "one fact by its field's name, such as fact.what_company_does; shown with `| cite`",
    "thread.subject": "the subject of the thread that is answered; only in replies",
}
"""The catalogue: what a template may name, and what it stands for."""

CITABLE_ATTRIBUTES = frozenset({"source", "observed_on"})
"""What may follow a fact or proof: the host it was read on, and the date."""

_LIST_ATTRIBUTES = frozenset({"first", "last", "size"})
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DIRECTION_AND_ZERO_WIDTH = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class TemplatePart(StrEnum):
    """Which part of a message a template makes."""

    SUBJECT = "SUBJECT"
    BODY = "BODY"


class InvalidTemplate(Invalid):
    """A template has a syntax error, an unknown name, or exceeds a limit."""

    code = "TEMPLATE_INVALID"


def check_template(
    source: str,
    *,
    part: TemplatePart,
    language: TemplateLanguage,
    fact_fields: Collection[str] | None = None,
    field: tuple[str, ...] = (),
) -> None:
    """Refuse a template that couldn't render for any lead.

    Args:
        source: the user's text; empty means the drafter's own template, and is fine.
        part: SUBJECT is one line.
        language: knows the syntax.
        fact_fields: the workspace's fact fields; None allows every well-formed name.
        field: path of the input field, for the error.

    Raises:
        InvalidTemplate: what is wrong, in words for the author.
    """
    try:
        _check_text(source, part=part)
        unknown = [
            name
            for name in language.inspect(source).variables
            if not is_known_variable(name, fact_fields=fact_fields)
        ]
    except InvalidTemplate as error:
        raise InvalidTemplate(error.message, field=field) from error
    if unknown:
        raise InvalidTemplate(f"unknown variable: {', '.join(unknown[:3])}"[:200], field=field)


def is_known_variable(name: str, *, fact_fields: Collection[str] | None = None) -> bool:
    """Return whether a dotted name is in the catalogue (``facts[0]`` counts as ``facts``)."""
    root, *rest = re.sub(r"\[\d+\]", "", name).split(".")
    if root == "fact":
        return bool(rest) and _is_fact(rest, fact_fields=fact_fields)
    if root in ("facts", "proofs"):
        return len(rest) <= 2 and all(part in _LIST_ATTRIBUTES | CITABLE_ATTRIBUTES for part in rest)
    return ".".join((root, *rest)) in VARIABLES


def _is_fact(path: list[str], *, fact_fields: Collection[str] | None) -> bool:
    name, *attributes = path
    known = _FIELD.fullmatch(name) is not None if fact_fields is None else name in fact_fields
    return known and (not attributes or (len(attributes) == 1 and attributes[0] in CITABLE_ATTRIBUTES))


def _check_text(source: str, *, part: TemplatePart) -> None:
    limit = SUBJECT_TEMPLATE_CHARS_MAX if part is TemplatePart.SUBJECT else BODY_TEMPLATE_CHARS_MAX
    if len(source) > limit:
        raise InvalidTemplate(f"the template has {len(source)} characters; at most {limit} are allowed")
    if part is TemplatePart.SUBJECT and re.search(r"[\r\n\u2028\u2029]", source):
        raise InvalidTemplate("a subject is one line")
    if _DIRECTION_AND_ZERO_WIDTH.search(source) or any(
        unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in source
    ):
        raise InvalidTemplate("the template has control or invisible characters")
