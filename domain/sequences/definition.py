"""What an author writes down as a sequence, and what makes it wrong. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.errors import Invalid, NotConfigured
from domain.hidden_characters import has_hidden
from domain.sequences.ports import TemplateLanguage
from domain.sequences.reply_rules import DEFAULT_RULES, ReplyRules, check_reply_rules
from domain.sequences.rules import VARIANT_WEIGHT_MAX, StepDelay, StepKind, ThreadMode, check_thread_modes
from domain.sequences.templates import TemplatePart, check_template

STEPS_MAX: Final = 20
VARIANTS_MAX: Final = 10
NAME_CHARS_MAX: Final = 200

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")


class DrafterName(StrEnum):
    """Who writes the drafts; the value is what a message's ``drafted_by`` says."""

    LIQUID_TEMPLATE = "liquid-template"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDefinition:
    """One wording of a step; empty templates mean the drafter's own.

    Attributes:
        label: unique in its step.
        language: BCP 47, such as ``de`` or ``en-GB``.
        weight: 0..1000, its share among the step's variants.
    """

    label: str
    language: str = "en"
    subject_template: str = ""
    body_template: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDefinition:
    """One e-mail; its delay counts from the step before it (from the approval, for the first)."""

    variants: tuple[VariantDefinition, ...]
    kind: StepKind = StepKind.EMAIL
    delay_days: int = 0
    is_business_days: bool = True
    thread_mode: ThreadMode = ThreadMode.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceDefinition:
    """A whole sequence; without a ``drafter`` the workspace's default writes."""

    name: str
    steps: tuple[StepDefinition, ...]
    drafter: DrafterName | None = None
    reply_rules: ReplyRules = DEFAULT_RULES


def check_definition(
    definition: SequenceDefinition, *, templates: TemplateLanguage, drafters: Collection[str]
) -> None:
    """Do nothing when a sequence could be run.

    Args:
        definition: what the author wrote.
        templates: knows the templates' syntax.
        drafters: names of those that are configured.

    Raises:
        Invalid: the first thing that is wrong, with its path in the input.
        NotConfigured: the drafter it names isn't set up in this installation.
    """
    _check_line(definition.name, chars_max=NAME_CHARS_MAX, field=("name",))
    if not 1 <= len(definition.steps) <= STEPS_MAX:
        raise Invalid(f"a sequence has 1 to {STEPS_MAX} steps", field=("steps",))
    for index, step in enumerate(definition.steps):
        _check_step(step, templates=templates, field=("steps", str(index)))
    check_thread_modes([step.thread_mode for step in definition.steps])
    check_reply_rules(definition.reply_rules)
    if definition.drafter is not None and definition.drafter not in drafters:
        raise NotConfigured(
            f"the drafter {definition.drafter.name} has no credentials here", field=("drafter",)
        )


def _check_step(step: StepDefinition, *, templates: TemplateLanguage, field: tuple[str, ...]) -> None:
    if step.kind is not StepKind.EMAIL:
        raise Invalid("only EMAIL steps can be run by this version", field=(*field, "kind"))
    try:
        StepDelay(days=step.delay_days, is_business_days=step.is_business_days)
    except Invalid as error:
        raise Invalid(error.message, field=(*field, *error.field)) from None
    if not 1 <= len(step.variants) <= VARIANTS_MAX:
        raise Invalid(f"a step has 1 to {VARIANTS_MAX} variants", field=(*field, "variants"))
    labels = [variant.label for variant in step.variants]
    if len(set(labels)) < len(labels):
        raise Invalid("two variants have the same label", field=(*field, "variants"))
    for index, variant in enumerate(step.variants):
        _check_variant(variant, templates=templates, field=(*field, "variants", str(index)))
    if not any(variant.weight for variant in step.variants):
        raise Invalid("one variant needs a weight above 0", field=(*field, "variants"))


def _check_variant(
    variant: VariantDefinition, *, templates: TemplateLanguage, field: tuple[str, ...]
) -> None:
    _check_line(variant.label, chars_max=80, field=(*field, "label"))
    if not _LANGUAGE.fullmatch(variant.language):
        raise Invalid("not a language code such as de or en-GB", field=(*field, "language"))
    if not 0 <= variant.weight <= VARIANT_WEIGHT_MAX:
        raise Invalid(f"a weight is 0 to {VARIANT_WEIGHT_MAX}", field=(*field, "weight"))
    check_wording(
        subject=variant.subject_template, body=variant.body_template, templates=templates, field=field
    )


def check_wording(
    *, subject: str, body: str, templates: TemplateLanguage, field: tuple[str, ...] = ()
) -> None:
    """Do nothing when both templates could be filled; raises InvalidTemplate with the path."""
    check_template(subject, part=TemplatePart.SUBJECT, language=templates, field=(*field, "subjectTemplate"))
    check_template(body, part=TemplatePart.BODY, language=templates, field=(*field, "bodyTemplate"))


def _check_line(text: str, *, chars_max: int, field: tuple[str, ...]) -> None:
    if not text.strip() or len(text) > chars_max:
        raise Invalid(f"1 to {chars_max} characters", field=field)
    if has_hidden(text):
        raise Invalid("line breaks, control or invisible characters have no place here", field=field)
