"""Checks of a message's form: subject, length, characters, HTML, footer, placeholders, name, language."""

import html
import re
import unicodedata
from collections.abc import Iterator

from domain.sequences.content import FOOTER_MARK, MessageContent, clean_html, footer_text, split_footer
from domain.sequences.readiness.checks import CheckResult, ReadinessCheck, Rule, Standard, judged
from domain.sequences.rules import ThreadMode
from domain.sequences.vocabulary import GREETING_WORDS, guess_language

SUBJECT_CHARS_MAX = 60
SUBJECT_CHARS_BLOCK = 150
SUBJECT_WORDS = range(2, 8)
FIRST_TOUCH_WORDS = range(40, 121)
FOLLOW_UP_WORDS = range(10, 91)
BODY_WORDS_BLOCK = 400

_WARN, _BLOCK = CheckResult.WARN, CheckResult.BLOCK
_THREAD_PREFIX = re.compile(r"^\s*(?:re|fwd?|aw|wg|antw|tr|rv)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{\w+\}|<%|%%\w+%%|\$\{\w+\}"
    r"|[\[<(](?:your|my|the|first|last|full|company|insert|recipient|sender|vorname|nachname|firma|prénom|nom)"
    r"(?:[\s_-]?(?:name|title|company|position|role|here|date|vorname|nachname))*[\]>)]"
    r"|\b(?:lorem ipsum|TODO|TBD|XXX+|FIRSTNAME|LASTNAME)\b|\b(?:undefined|NaN)\b|\[object Object\]",
)
_PLACEHOLDER_ANY_CASE = re.compile(_PLACEHOLDER.pattern, re.IGNORECASE)
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|day)|hallo|guten (?:tag|morgen)|liebe[rs]?|moin"
    r"|servus|sehr geehrte[rs]?|bonjour|salut|chère?|cher)\b(?P<name>[^\n]*?)\s*(?P<end>[,!:.\n]|$)",
    re.IGNORECASE,
)
_MISSING = frozenset({"none", "null", "nil", "unknown", "n/a"})


def check_form(content: MessageContent, *, standard: Standard) -> Iterator[ReadinessCheck]:
    """Yield one check per rule of form."""
    body, footer = split_footer(content.text_body)
    yield judged(Rule.SUBJECT_FORM, _BLOCK, list(_subject_faults(content.subject)))
    yield check_subject_length(content.subject)
    yield judged(Rule.FAKE_THREAD, _BLOCK, list(_thread_faults(content.subject, standard=standard)))
    yield check_body_length(body, is_first_touch=standard.is_first_touch)
    hidden = _hidden_characters(content.text_body, keep="\n\t")
    yield judged(
        Rule.CONTROL_CHARACTERS, _BLOCK, [f"invisible or control character {hidden}"] if hidden else []
    )
    yield judged(Rule.HTML, _BLOCK, list(_html_faults(content)))
    yield judged(Rule.FOOTER, _BLOCK, list(_footer_faults(footer, standard=standard)))
    yield judged(Rule.PLACEHOLDER, _BLOCK, _placeholders(content.subject, body))
    yield check_name(body, standard=standard)
    yield check_language(body, content=content, standard=standard)


def check_subject_length(subject: str) -> ReadinessCheck:
    """Two to seven words and at most 60 characters read best on a phone; above 150 it isn't a subject."""
    if len(subject) > SUBJECT_CHARS_BLOCK:
        return judged(
            Rule.SUBJECT_LENGTH, _BLOCK, [f"{len(subject)} characters; at most {SUBJECT_CHARS_BLOCK}"]
        )
    problems = (
        [] if len(subject) <= SUBJECT_CHARS_MAX else [f"{len(subject)} characters; {SUBJECT_CHARS_MAX} fit"]
    )
    words = len(_THREAD_PREFIX.sub("", subject).split())
    if words not in SUBJECT_WORDS:
        problems.append(f"{words} words; 2 to 7 are usual")
    return judged(Rule.SUBJECT_LENGTH, _WARN, problems)


def check_body_length(body: str, *, is_first_touch: bool) -> ReadinessCheck:
    """Empty or endless blocks; outside the usual range warns."""
    words = len(body.split())
    if words == 0:
        return judged(Rule.BODY_LENGTH, _BLOCK, ["the text is empty"])
    if words > BODY_WORDS_BLOCK:
        return judged(Rule.BODY_LENGTH, _BLOCK, [f"{words} words; at most {BODY_WORDS_BLOCK}"])
    usual = FIRST_TOUCH_WORDS if is_first_touch else FOLLOW_UP_WORDS
    problem = f"{words} words; {usual.start} to {usual.stop - 1} are usual"
    return judged(Rule.BODY_LENGTH, _WARN, [] if words in usual else [problem])


def check_name(body: str, *, standard: Standard) -> ReadinessCheck:
    """A greeting with an empty or a wrong name blocks; a known first name that isn't used warns."""
    recipient = standard.recipient
    known = _name_words(f"{recipient.first_name} {recipient.last_name}")
    greeting = _GREETING.match(body)
    if greeting is not None:
        given = _name_words(greeting["name"])
        if given & _MISSING or re.search(r"\s[,!:.]", greeting.group()):
            return judged(Rule.NAME, _BLOCK, ["the greeting's name is missing"])
        wrong = given - known - GREETING_WORDS
        if wrong and len(given) <= 5:
            return judged(Rule.NAME, _BLOCK, [f"greets {' '.join(sorted(wrong))}, who isn't the recipient"])
    is_unused = bool(known) and standard.is_first_touch and not known & _name_words(body)
    return judged(Rule.NAME, _WARN, ["the recipient's name is known but not used"] if is_unused else [])


def check_language(body: str, *, content: MessageContent, standard: Standard) -> ReadinessCheck:
    """Block a text that is clearly in another language; what it quotes may be in any."""
    for claim in content.claims:
        body = body.replace(claim.span, " ") if claim.span.strip() else body
    guessed = guess_language(body)
    is_wrong = guessed is not None and guessed != standard.language.split("-")[0].lower()
    problem = f"reads as {guessed}, should be {standard.language}"
    return judged(Rule.LANGUAGE, _BLOCK, [problem] if is_wrong else [])


def _name_words(text: str) -> frozenset[str]:
    return frozenset(
        word.strip(".'’").casefold() for word in re.findall(r"[^\W\d_]+(?:[.'’][^\W\d_]*)*|n/a", text)
    )


def _subject_faults(subject: str) -> Iterator[str]:
    if not subject.strip():
        yield "the subject is empty"
    hidden = _hidden_characters(subject, keep="")
    if hidden:
        yield f"line break, invisible or control character {hidden}"


def _hidden_characters(text: str, *, keep: str) -> str:
    for char in dict.fromkeys(text):  # each once, the first first
        is_control = unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in keep
        if is_control or _INVISIBLE.match(char):
            return f"U+{ord(char):04X}"
    return ""


def _thread_faults(subject: str, *, standard: Standard) -> Iterator[str]:
    """A reply mark without a thread deceives (CAN-SPAM 15 USC 7704(a)(2); Gmail's sender guidelines)."""
    claims_thread = _THREAD_PREFIX.match(subject) is not None
    if claims_thread and (standard.is_first_touch or standard.thread_mode is ThreadMode.NEW):
        yield "the subject pretends to answer or forward a message"
    if standard.thread_mode is ThreadMode.REPLY and standard.is_first_touch:
        yield "the step answers in a thread, but nothing was sent in it"


def _html_faults(content: MessageContent) -> Iterator[str]:
    if clean_html(content.html_body) != content.html_body:
        yield "the HTML has tags, attributes or links that aren't allowed"
    shown = html.unescape(re.sub(r"<[^>]*>", "", content.html_body))
    if "".join(shown.split()) != "".join(content.text_body.replace(FOOTER_MARK, "").split()):
        yield "the HTML says something else than the text"


def _footer_faults(footer: str, *, standard: Standard) -> Iterator[str]:
    if standard.footer is None:
        return
    if not standard.footer.postal_address.strip():
        yield "the workspace has no postal address"
    if footer != footer_text(standard.footer):
        yield "it doesn't end with the footer: unsubscribe link, postal address, notice of the source"


def _placeholders(subject: str, body: str) -> list[str]:
    found = {match.group() for match in _PLACEHOLDER.finditer(f"{subject}\n{body}")}
    found |= {
        match.group()
        for match in _PLACEHOLDER_ANY_CASE.finditer(f"{subject}\n{body}")
        if match.group()[0] in "[<("
    }
    return [f"left to fill in: {text}" for text in sorted(found)]
