"""The built-in drafter: fills a template with what the brief says. It is no AI and says so."""

import re
from typing import Final

from domain.sequences.content import html_from_text, reply_subject
from domain.sequences.evidence import clean_hostile_text, usable_facts, valid_proofs
from domain.sequences.ports import Claim, Draft, DraftBrief, DraftFailed, StepBrief
from domain.sequences.rules import ThreadMode
from domain.sequences.templates import InvalidTemplate, TemplatePart, check_template
from integrations.liquid.citations import citable_fact, citable_proof
from integrations.liquid.default_templates import VERSION, TemplatePair, default_templates
from integrations.liquid.engine import LiquidEngine

NAME: Final = "liquid-template"


class LiquidDrafter:
    """The ``Drafter`` port without any outside party; the same brief gives the same draft."""

    def __init__(self, *, engine: LiquidEngine | None = None) -> None:
        self._engine = engine or LiquidEngine()

    @property
    def name(self) -> str:
        """Return what drafts made here say about their author."""
        return NAME

    async def draft(self, brief: DraftBrief) -> Draft:
        """Render the step's templates, or ours where it has none.

        Raises:
            DraftFailed: a template is wrong, prints what this lead hasn't, or we have none in the language.
        """
        templates, version = _templates(brief.step)
        claims: list[Claim] = []
        values = _values(brief, claims=claims)
        try:
            subject = self._render(templates.subject, TemplatePart.SUBJECT, values=values)
            body = self._render(templates.body, TemplatePart.BODY, values=values)
        except InvalidTemplate as error:
            raise DraftFailed(f"the template can't be filled for this lead: {error.message}") from error
        return Draft(
            subject=_subject(subject, brief=brief),
            text_body=body,
            html_body=html_from_text(body),
            claims=_printed(claims, text=f"{subject}\n{body}"),
            drafted_by=NAME,
            prompt_version=version,
        )

    def _render(self, source: str, part: TemplatePart, *, values: dict[str, object]) -> str:
        check_template(source, part=part, language=self._engine)
        return _tidy(self._engine.render(source, values=values))


def _templates(step: StepBrief) -> tuple[TemplatePair, str]:
    """The step's templates, each replaced by ours where it is empty; and which version of ours took part."""
    if step.subject_template.strip() and step.body_template.strip():
        return TemplatePair(subject=step.subject_template, body=step.body_template), "step"
    ours = default_templates(language=step.language, is_reply=step.thread_mode is ThreadMode.REPLY)
    if ours is None:
        raise DraftFailed(f"there is no built-in template in {step.language!r}; the step needs its own")
    pair = TemplatePair(
        subject=step.subject_template if step.subject_template.strip() else ours.subject,
        body=step.body_template if step.body_template.strip() else ours.body,
    )
    return pair, f"liquid-default-{VERSION}"


def _values(brief: DraftBrief, *, claims: list[Claim]) -> dict[str, object]:
    """What templates may refer to (``templates.VARIABLES``); what isn't known is left out."""
    recipient, sender, strategy = brief.recipient, brief.sender, brief.strategy
    facts = usable_facts(brief.facts, now=brief.now)
    by_field = {fact.field: citable_fact(fact, claims=claims) for fact in reversed(facts)}
    proofs = valid_proofs(strategy.proofs, now=brief.now)
    return {
        "lead": _known(first_name=recipient.first_name, last_name=recipient.last_name, title=recipient.title),
        "company": _known(name=recipient.company_name, domain=recipient.company_domain),
        "sender": _known(name=sender.name, role=sender.role, company=sender.company),
        "thread": _known(subject=next(iter(brief.previous_subjects), "")),
        **_known(offer=strategy.offer, cta=strategy.cta),
        "facts": [citable_fact(fact, claims=claims) for fact in facts],
        "fact": by_field,
        "proofs": [citable_proof(proof, claims=claims) for proof in proofs],
    }


def _printed(claims: list[Claim], *, text: str) -> tuple[Claim, ...]:
    """The claims whose words reached the text, each once (a filter after ``cite`` may have cut them)."""
    return tuple(dict.fromkeys(claim for claim in claims if claim.span in text))


def _known(**values: str) -> dict[str, str]:
    cleaned = {name: " ".join(clean_hostile_text(value).split()) for name, value in values.items()}
    return {name: value for name, value in cleaned.items() if value}


def _subject(rendered: str, *, brief: DraftBrief) -> str:
    if brief.step.thread_mode is ThreadMode.REPLY and brief.previous_subjects:
        return reply_subject(brief.previous_subjects[0])
    return " ".join(rendered.split())


def _tidy(text: str) -> str:
    """Remove what unused parts of a template leave behind: trailing spaces and runs of empty lines."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()
