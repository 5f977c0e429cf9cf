"""python-liquid with every limit on: few tags and filters, no ranges, no includes, no clock.

The library alone has no limits, and filters over ranges escape even those it can be given: with all of them
set, ``(1..100000000) | join`` ran for 35 s. So ranges are refused when a template is parsed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, TypeVar

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LiquidError
from liquid.expression import Expression

from domain.sequences.ports import Claim, TemplateUse
from domain.sequences.templates import BODY_TEMPLATE_CHARS_MAX, InvalidTemplate
from integrations.liquid.citations import Citable, cite

TAGS: Final = frozenset({"if", "unless", "case", "for", "break", "continue", "assign", "comment", "#"})
FILTERS: Final = frozenset({
    "append", "capitalize", "default", "downcase", "first", "join", "last", "lstrip", "prepend", "rstrip",
    "size", "slice", "split", "strip", "strip_newlines", "truncate", "truncatewords", "upcase",
})  # fmt: skip
_Result = TypeVar("_Result")
_NO_CLOCK = {"now": None, "today": None}
"""Shadows the library's own variables: a draft may depend on its brief only."""


class _LimitedEnvironment(Environment):
    block_nesting_limit = 8
    context_depth_limit = 12
    loop_iteration_limit = 100
    local_namespace_limit = 32_768
    output_stream_limit = 32_768

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register the built-ins, then keep only the allowed ones."""
        super().setup_tags_and_filters(extra=extra)
        syntax = {"content", "output", "illegal"}
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS or name in syntax}
        self.filters = {name: function for name, function in self.filters.items() if name in FILTERS}
        self.add_filter("cite", cite)


class LiquidEngine:
    """The ``TemplateLanguage`` port, and the renderer behind the built-in drafter.

    Args:
        kept_max: how many templates stay parsed; those used least recently make room.
    """

    def __init__(self, *, kept_max: int = 128) -> None:
        self._environment = _LimitedEnvironment(undefined=FalsyStrictUndefined, globals=_NO_CLOCK)
        self._parsed = lru_cache(kept_max)(self._parse)
        self._inspected = lru_cache(kept_max)(self._inspect)

    def inspect(self, source: str) -> TemplateUse:
        """Return what the template refers to, after it rendered once with sample values.

        Raises:
            InvalidTemplate: syntax, an unknown tag or filter, a range, a limit, or a fact without ``cite``.
        """
        return self._inspected(source)

    def render(self, source: str, *, values: Mapping[str, object]) -> str:
        """Render the template; raises InvalidTemplate, also when it prints a value that isn't there."""
        template = self._parsed(source)
        return _guarded(lambda: template.render(**values))

    def kept(self) -> int:
        """Return how many templates stay parsed now."""
        return self._parsed.cache_info().currsize

    def _inspect(self, source: str) -> TemplateUse:
        template = self._parsed(source)
        variables = _guarded(lambda: _global_variables(template))
        _guarded(lambda: template.render(**_sample()))
        return TemplateUse(variables=variables)

    def _parse(self, source: str) -> BoundTemplate:
        if len(source) > BODY_TEMPLATE_CHARS_MAX:
            raise InvalidTemplate(f"the template is longer than {BODY_TEMPLATE_CHARS_MAX} characters")
        template = _guarded(lambda: self._environment.from_string(source))
        if _guarded(lambda: any(isinstance(part, RangeLiteral) for part in _expressions(template))):
            raise InvalidTemplate("ranges such as (1..5) aren't allowed")
        return template


def _guarded(work: Callable[[], _Result]) -> _Result:
    """Run the library and put its errors into our words, with Python's own about depth and size."""
    try:
        return work()
    except LiquidError as error:
        context = error.context()
        place = f" (line {context[0]})" if context else ""
        raise InvalidTemplate(f"{str(error.message)[:160]}{place}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidTemplate("the template is nested too deeply or has a number too large") from error


def _expressions(template: BoundTemplate) -> Iterator[Expression]:
    context = RenderContext(template)
    nodes: list[Node] = list(template.nodes)
    while nodes:
        node = nodes.pop()
        nodes.extend(node.children(context, include_partials=False))
        yield from _with_children(node.expressions())


def _with_children(expressions: Iterable[Expression]) -> Iterator[Expression]:
    waiting = list(expressions)
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting.extend(expression.children())


def _global_variables(template: BoundTemplate) -> tuple[str, ...]:
    found = template.analyze(include_partials=False).globals
    return tuple(sorted({str(variable) for uses in found.values() for variable in uses}))


class _EveryFact(dict[str, Citable]):
    """Has a sample for every field that a template may ask for."""

    def __missing__(self, key: str) -> Citable:
        return _sample_citable(key)


def _sample_citable(text: str) -> Citable:
    claims: list[Claim] = []
    return Citable(
        text, evidence_id="sample", source="example.com", observed_on=date(2026, 1, 1), claims=claims
    )


def _sample() -> dict[str, object]:
    """Values for a trial: what is wrong for every lead comes out before anybody is written to."""
    person = dict.fromkeys(
        ("first_name", "last_name", "title", "name", "domain", "role", "company"), "Sample"
    )
    citables = [_sample_citable("A sample")]
    return {
        **dict.fromkeys(("lead", "company", "sender"), person),
        **dict.fromkeys(("offer", "cta"), "Sample"),
        **dict.fromkeys(("proofs", "facts"), citables),
        "fact": _EveryFact(),
        "thread": {"subject": "Sample"},
    }
