import contextlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sequences.templates import InvalidTemplate, TemplatePart, check_template
from integrations.liquid.engine import LiquidEngine

ENGINE = LiquidEngine()


def test_it_says_what_a_template_refers_to_without_its_own_locals() -> None:
    source = (
        "{% assign name = lead.first_name %}{{ name }} {% for p in proofs %}{{ p | cite }}{{ forloop.index }}"
        "{% endfor %}{% if fact.news.source %}{{ fact.news | cite }}{% endif %}"
    )
    assert ENGINE.inspect(source).variables == (
        "fact.news",
        "fact.news.source",
        "lead.first_name",
        "proofs",
    )


REFUSALS = {
    "expected '}}', found end of file": ["{{ lead.first_name", "{{ lead.first_name }"],
    "expected tag endif": ["{% if offer %}"],
    "unexpected '{'": ["{{{ offer }}}"],
    "unexpected tag": [
        "{% endif %}",
        "{% unknown %}",
        "{% render 'a' %}",
        "{% include 'a' %}",
        "{% capture x %}y{% endcapture %}",
        "{% increment x %}",
        "{% tablerow i in proofs %}x{% endtablerow %}",
        "{% liquid echo offer %}",
    ],
    "unknown filter": [
        "{{ offer | unknown }}",
        "{{ 'now' | date: '%Y' }}",
        "{{ offer | replace: 'a', 'aaaaaaaaaa' }}",
        "{{ 9 | times: 9 }}",
        "{{ offer | base64_encode }}",
    ],
    # Before anything is rendered: the library would walk a range to its end.
    "ranges such as (1..5) aren't allowed": [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{{ (1..100000000) | join: ',' | size }}",
        "{% assign r = (1..9) %}",
        "{% if offer == (1..9) %}x{% endif %}",
    ],
    "a fact is shown with `| cite`": [
        "{{ fact.news }}",
        "{{ fact.news | upcase }}",
        "{% assign x = fact.news %}{{ x }}",
        "{{ facts | join: ' ' }}",
    ],
    "`cite` takes a fact or a proof": ["{{ offer | cite }}"],
    "is undefined": ["{{ fact.news.secret }}", "{{ offer.__class__ }}"],
    "integer string conversion limit": ["{{ " + "9" * 5000 + " }}"],
    "unexpected liquid parsing error": ["{{ a" + "[a" * 2000 + "]" * 2000 + " }}"],
    "block nesting limit reached": ["{% if offer %}" * 20 + "{% endif %}" * 20],
    "local namespace limit reached": ["{% assign x = 'a' %}" + "{% assign x = x | append: x %}" * 30],
    "loop iteration limit reached": [
        "{% assign w = 'a a a a a a a a a a a a' | split: ' ' %}"
        "{% for i in w %}{% for j in w %}x{% endfor %}{% endfor %}",
    ],
    "longer than 10000 characters": ["{{ '" + "x" * 9_000 + "' }}" * 2 + "x" * 2000],
}


@pytest.mark.parametrize(
    ("refusal", "source"), [(refusal, source) for refusal, sources in REFUSALS.items() for source in sources]
)
def test_a_wrong_or_greedy_template_is_refused_for_what_it_is(refusal: str, source: str) -> None:
    with pytest.raises(InvalidTemplate, match=re.escape(refusal)):
        ENGINE.inspect(source)


def test_much_output_is_stopped() -> None:
    words = "{% assign w = 'a a a a a a a a a a' | split: ' ' %}"
    loop = "{% for i in w %}" + "x" * 4_000 + "{% endfor %}"
    with pytest.raises(InvalidTemplate, match="output"):
        ENGINE.inspect(words + loop)


def test_the_message_names_the_line() -> None:
    with pytest.raises(InvalidTemplate, match=r"unknown filter 'shout' \(line 2\)"):
        ENGINE.inspect("Hi\n{{ offer | shout }}")


def test_a_value_that_is_missing_can_be_asked_for_but_not_printed() -> None:
    source = "{% if lead.title %}{{ lead.title }}{% else %}-{% endif %}{{ lead.title | default: '+' }}"
    assert ENGINE.render(source, values={"lead": {}}) == "-+"
    with pytest.raises(InvalidTemplate, match=r"lead\.title is undefined"):
        ENGINE.render("{{ lead.title }}", values={"lead": {}})


def test_there_is_no_clock() -> None:
    assert ENGINE.render("{{ now }}{{ today }}", values={}) == ""


def test_values_are_never_templates() -> None:
    assert ENGINE.render("{{ offer }}", values={"offer": "{{ cta }}{% if %}"}) == "{{ cta }}{% if %}"


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", " offer ", "lead", ".", "[", "]", "(1..9)", "|", "cite", "if ", "endif", "for x in ", "'",
     '"', "assign a = ", "and ", "contains ", "-", "0", "-9999999999", "{%-", "# ", ":", ",", "fact.x", "==",
     "\x00", "é"]
)  # fmt: skip


@settings(max_examples=150, deadline=1000)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_template_either_passes_or_is_invalid(source: str) -> None:
    with contextlib.suppress(InvalidTemplate):  # any other error fails the test
        check_template(source, part=TemplatePart.BODY, language=ENGINE)


def test_a_template_is_parsed_once_and_keeps_nothing_from_one_lead_to_the_next() -> None:
    engine = LiquidEngine()
    source = "{% assign seen = cta | append: offer %}{{ seen }}{{ lead.title | default: '-' }}"

    first = engine.render(source, values={"offer": "A", "cta": "", "lead": {"title": "CEO"}})
    second = engine.render(source, values={"offer": "B", "cta": "", "lead": {}})

    assert (first, second) == ("ACEO", "B-")
    assert engine.inspect(source) == engine.inspect(source)
    assert engine.kept() == 1


def test_only_so_many_templates_stay_parsed_and_wrong_ones_never_do() -> None:
    engine = LiquidEngine(kept_max=3)
    for number in range(10):
        assert engine.render(f"{number}", values={}) == str(number)
    for _ in range(2):
        with pytest.raises(InvalidTemplate):
            engine.inspect("{{ offer | shout }}")
    assert engine.kept() == 3
