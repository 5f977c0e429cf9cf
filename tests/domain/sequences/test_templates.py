import pytest

from domain.sequences.ports import TemplateUse
from domain.sequences.templates import InvalidTemplate, TemplatePart, check_template, is_known_variable


class Reads:
    """A template language that finds the given variables in every source."""

    def __init__(self, *variables: str) -> None:
        self.variables = variables

    def inspect(self, source: str) -> TemplateUse:
        if "%" in source:
            raise InvalidTemplate("unclosed tag (line 1)")
        return TemplateUse(variables=self.variables)


@pytest.mark.parametrize(
    "name",
    ["lead.first_name", "company.domain", "offer", "facts", "facts.first", "facts[0].source", "proofs.size",
     "fact.what_company_does", "fact.news.source", "thread.subject"],
)  # fmt: skip
def test_the_catalogue_knows(name: str) -> None:
    assert is_known_variable(name)


@pytest.mark.parametrize(
    "name",
    ["lead", "lead.password", "lead.first_name.size", "user.email", "fact", "fact.Bad", "fact['a b']", "fact.a.b.c",
     "fact.a.secret", "facts.first.first.first", "now", "settings", "proofs.claim", "offer.x", "fact[lead.title]"],
)  # fmt: skip
def test_the_catalogue_does_not_know(name: str) -> None:
    assert not is_known_variable(name)


def test_a_workspaces_own_fields_narrow_the_facts() -> None:
    assert is_known_variable("fact.news", fact_fields={"news"})
    assert not is_known_variable("fact.what_company_does", fact_fields={"news"})


def test_an_unknown_variable_is_named_with_the_inputs_field() -> None:
    with pytest.raises(InvalidTemplate) as caught:
        check_template(
            "x", part=TemplatePart.BODY, language=Reads("offer", "lead.salary"), field=("steps", "0", "body")
        )
    assert caught.value.message == "unknown variable: lead.salary"
    assert caught.value.field == ("steps", "0", "body")


def test_a_syntax_error_carries_the_inputs_field() -> None:
    with pytest.raises(InvalidTemplate) as caught:
        check_template("{% if", part=TemplatePart.SUBJECT, language=Reads(), field=("subject",))
    assert (caught.value.message, caught.value.field) == ("unclosed tag (line 1)", ("subject",))


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("a\nb", TemplatePart.SUBJECT),
        ("a\r\nBcc: x@y.example", TemplatePart.SUBJECT),
        ("x" * 301, TemplatePart.SUBJECT),
        ("x" * 10_001, TemplatePart.BODY),
        ("a\x00b", TemplatePart.BODY),
        ("a\u202eb", TemplatePart.BODY),
        ("a\u200bb", TemplatePart.SUBJECT),
        ("a\ud800b", TemplatePart.BODY),
    ],
)
def test_oversized_and_crooked_templates_are_refused_before_they_are_parsed(
    source: str, part: TemplatePart
) -> None:
    with pytest.raises(InvalidTemplate):
        check_template(source, part=part, language=Reads())


def test_an_ordinary_template_passes() -> None:
    check_template("Hi\n\tthere", part=TemplatePart.BODY, language=Reads("lead.first_name"))
    check_template("", part=TemplatePart.SUBJECT, language=Reads())
