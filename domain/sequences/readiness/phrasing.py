"""Checks of a message's wording: what it must not say, and how it shouldn't say it."""

import re
import unicodedata
from collections.abc import Iterator

from rapidfuzz import fuzz, process

from domain.enrichment.rules.sensitive import find_sensitive_topic
from domain.sequences.content import MessageContent, split_footer
from domain.sequences.evidence import normalize_text
from domain.sequences.ports import FactSubject
from domain.sequences.readiness.checks import CheckResult, ReadinessCheck, Rule, Standard, judged
from domain.sequences.readiness.claims import cited_facts
from domain.sequences.vocabulary import PRETENCE_PHRASES, SPAM_PHRASES, phrases_in

SIMILARITY_MAX = 85.0
SENTENCE_WORDS_MAX = 25
FORBIDDEN_MATCH = 90.0
"""How alike (rapidfuzz partial ratio, 0..100) a passage is to a forbidden claim; short ones match exactly."""

_FUZZY_CHARS_MIN = 12
_WARN, _BLOCK = CheckResult.WARN, CheckResult.BLOCK


def check_phrasing(content: MessageContent, *, standard: Standard) -> Iterator[ReadinessCheck]:
    """Yield the checks of wording."""
    body = split_footer(content.text_body)[0]
    text = f"{content.subject}\n{body}"
    said = [claim for claim in standard.forbidden_claims if _says(text, claim)]
    yield judged(Rule.FORBIDDEN_CLAIM, _BLOCK, [f"says “{claim[:80]}”" for claim in said])
    yield check_sensitive_topic(text, content=content, standard=standard)
    pretences = _phrases(text, PRETENCE_PHRASES, standard) if standard.is_first_touch else []
    yield judged(Rule.PRETENCE, _BLOCK, [f"pretends an acquaintance: “{phrase}”" for phrase in pretences])
    yield judged(Rule.SHOUTING, _WARN, list(_shouting(content.subject, body, standard=standard)))
    spam = _phrases(text, SPAM_PHRASES, standard)
    yield judged(Rule.SPAM_PHRASE, _WARN, [f"reads as advertising: “{phrase}”" for phrase in spam])
    questions = body.count("?")
    yield judged(
        Rule.QUESTIONS, _WARN, [f"{questions} questions; one is answered more often"] if questions > 1 else []
    )
    longest = _longest_sentence(body)
    is_long = longest > SENTENCE_WORDS_MAX
    yield judged(Rule.READABILITY, _WARN, [f"a sentence of {longest} words"] if is_long else [])
    alike = similarity(body, previous=standard.previous_bodies)
    yield judged(
        Rule.SIMILARITY,
        _WARN,
        [f"{alike:.0f}% the same as an earlier message"] if alike >= SIMILARITY_MAX else [],
    )


def check_sensitive_topic(text: str, *, content: MessageContent, standard: Standard) -> ReadinessCheck:
    """Block a topic of Art. 9/10 GDPR, unless it is the workspace's or the company's own trade: then warn."""
    topic = find_sensitive_topic(text)
    if topic is None:
        return judged(Rule.SENSITIVE_TOPIC, _BLOCK, [])
    facts = cited_facts(content.claims, standard=standard)
    trade = " ".join(
        [standard.own_words, *(fact.value for fact in facts if fact.subject is FactSubject.COMPANY)]
    )
    severity = _WARN if find_sensitive_topic(trade) == topic else _BLOCK
    return judged(Rule.SENSITIVE_TOPIC, severity, [f"touches {topic}"])


def similarity(body: str, *, previous: tuple[str, ...]) -> float:
    """Return how alike the text is to the most similar earlier one, 0..100 (0 without any)."""
    best = process.extractOne(
        normalize_text(body), [normalize_text(text) for text in previous], scorer=fuzz.ratio
    )
    return float(best[1]) if best else 0.0


def _says(text: str, claim: str) -> bool:
    wanted, plain = normalize_text(claim), normalize_text(text)
    if not wanted:
        return False
    if re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain):
        return True
    return len(wanted) >= _FUZZY_CHARS_MIN and fuzz.partial_ratio(wanted, plain) >= FORBIDDEN_MATCH


def _phrases(text: str, lists: dict[str, tuple[str, ...]], standard: Standard) -> list[str]:
    return phrases_in(text, phrases=lists.get(standard.language.split("-")[0].lower(), lists["en"]))


def _shouting(subject: str, body: str, *, standard: Standard) -> Iterator[str]:
    quiet = {
        word.casefold()
        for word in re.findall(r"\w+", f"{standard.own_words} {standard.recipient.company_name}")
    }
    quiet |= {word.casefold() for fact in standard.facts for word in re.findall(r"\w+", fact.value)}
    loud = [word for word in re.findall(r"[^\W\d_]{4,}", f"{subject} {body}") if word.isupper()]
    loud = [word for word in loud if word.casefold() not in quiet]
    if loud:
        yield f"capitals: {', '.join(dict.fromkeys(loud))}"
    if re.search(r"!\s*!", f"{subject}\n{body}"):
        yield "several exclamation marks"
    if any(unicodedata.category(char) == "So" for char in subject):
        yield "a pictogram in the subject"


def _longest_sentence(body: str) -> int:
    return max((len(sentence.split()) for sentence in re.split(r"[.!?:]\s|\n", body)), default=0)
