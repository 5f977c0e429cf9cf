"""A message's content as it is approved and sent: HTML, footer, and the hash an approval is bound to."""

import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import nh3

from domain.sequences.ports import Claim

UNSUBSCRIBE_PLACEHOLDER = "https://unsubscribe.invalid/"
"""Stands in the content until the delivery knows its own link; it resolves nowhere (RFC 2606)."""

FOOTER_MARK = "\n\n-- \n"
"""Between body and footer in the text part (the signature delimiter of RFC 3676 4.3)."""

HTML_TAGS = frozenset({"p", "br", "a", "hr", "strong", "em", "ul", "ol", "li", "blockquote"})
_FOOTER_RULE = "<hr>"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")

_FOOTER_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "unsubscribe": "Don't want to hear from me again? Unsubscribe: {url}",
        "notice": (
            "Why you got this: {controller} processes your business contact details to write to you "
            "about its offer (legitimate interest). Source: {sources}. You can object at any time "
            "with the link above or by replying."
        ),
        "privacy": "More, and your rights: {url}",
        "and": " and ",
    },
    "de": {
        "unsubscribe": "Sie möchten nichts mehr von mir hören? Abmelden: {url}",
        "notice": (
            "Warum Sie das erhalten: {controller} verarbeitet Ihre geschäftlichen Kontaktdaten, um "
            "Ihnen wegen des eigenen Angebots zu schreiben (berechtigtes Interesse). Quelle: "
            "{sources}. Sie können jederzeit über den Link oben oder durch eine Antwort "
            "widersprechen."
        ),
        "privacy": "Mehr dazu und zu Ihren Rechten: {url}",
        "and": " und ",
    },
    "fr": {
        "unsubscribe": "Vous ne souhaitez plus recevoir mes messages ? Se désinscrire : {url}",
        "notice": (
            "Pourquoi ce message : {controller} traite vos coordonnées professionnelles pour vous "
            "présenter son offre (intérêt légitime). Source : {sources}. Vous pouvez vous y opposer à "
            "tout moment par le lien ci-dessus ou en répondant."
        ),
        "privacy": "En savoir plus, et vos droits : {url}",
        "and": " et ",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNotice:
    """What Art. 14 GDPR asks to be told at the first contact: who processes, and where the data is from."""

    controller: str
    sources: tuple[str, ...]
    privacy_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The end of every message; ``notice`` on the first touch."""

    language: str
    postal_address: str
    unsubscribe_url: str = UNSUBSCRIBE_PLACEHOLDER
    notice: SourceNotice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContent:
    """Exactly what a person approves."""

    subject: str
    text_body: str
    html_body: str
    claims: tuple[Claim, ...] = ()


def html_from_text(text: str) -> str:
    """Return the text as HTML: paragraphs, line breaks and clickable links, everything else escaped."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return clean_html("".join(f"<p>{_html_lines(block)}</p>" for block in blocks))


def clean_html(source: str) -> str:
    """Return the HTML with only harmless tags and http(s) or mailto links left; idempotent."""
    return nh3.clean(
        source,
        tags=HTML_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        url_relative="deny",
    )


def _html_lines(block: str) -> str:
    parts, position = [], 0
    for match in _LINK.finditer(block):
        url = html.escape(match.group())
        parts += [html.escape(block[position : match.start()]), f'<a href="{url}">{url}</a>']
        position = match.end()
    parts.append(html.escape(block[position:]))
    return "".join(parts).strip().replace("\n", "<br>")


def footer_text(footer: Footer) -> str:
    """Return the footer's lines in its language (en, de, fr; another falls back to English).

    Unsubscribe link and postal address are duties of CAN-SPAM (15 USC 7704(a)(5)); the notice is one of
    Art. 14 and 21(4) GDPR.
    """
    words = _FOOTER_TEXTS.get(footer.language.split("-")[0].lower(), _FOOTER_TEXTS["en"])
    lines = [
        words["unsubscribe"].format(url=footer.unsubscribe_url),
        " · ".join(footer.postal_address.split("\n")),
    ]
    if footer.notice is not None:
        sources = _join_words(footer.notice.sources, last=words["and"])
        lines.append(words["notice"].format(controller=footer.notice.controller, sources=sources))
        if footer.notice.privacy_url:
            lines.append(words["privacy"].format(url=footer.notice.privacy_url))
    return "\n".join(line for line in lines if line.strip())


def _join_words(words: Sequence[str], *, last: str) -> str:
    return last.join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def compose_content(
    *, subject: str, text_body: str, claims: Sequence[Claim], footer: Footer
) -> MessageContent:
    """Return what is reviewed: the body and its footer, in text and in HTML."""
    end = footer_text(footer)
    return MessageContent(
        subject=subject,
        text_body=text_body.rstrip() + FOOTER_MARK + end,
        html_body=html_from_text(text_body) + _FOOTER_RULE + html_from_text(end),
        claims=tuple(claims),
    )


def split_footer(text_body: str) -> tuple[str, str]:
    """Return the body and the footer of a composed text; the footer is empty when there is none."""
    body, mark, footer = text_body.rpartition(FOOTER_MARK)
    return (body, footer) if mark else (text_body, "")


def fill_unsubscribe_url(content: MessageContent, *, url: str) -> MessageContent:
    """Return what leaves: the approved content with the delivery's own unsubscribe link in it."""
    return replace(
        content,
        text_body=content.text_body.replace(UNSUBSCRIBE_PLACEHOLDER, url),
        html_body=content.html_body.replace(UNSUBSCRIBE_PLACEHOLDER, html.escape(url)),
    )


def as_test_copy(content: MessageContent) -> MessageContent:
    """Return the content for a test-send to oneself: marked, and its unsubscribe link leads nowhere."""
    return replace(content, subject=f"[Test] {content.subject}")


def reply_subject(previous: str) -> str:
    """Return the subject of an answer in a thread, with one ``Re:``."""
    return previous if re.match(r"\s*re\s*:", previous, re.IGNORECASE) else f"Re: {previous}"


def content_hash(content: MessageContent) -> str:
    """Return the SHA-256 (hex) of the canonical content; an approval holds for this hash and no other.

    The unsubscribe placeholder is inside, the filled link isn't: it depends on the delivery, the words don't.
    """
    canonical = {
        "subject": content.subject,
        "text": content.text_body.replace("\r\n", "\n"),
        "html": content.html_body.replace("\r\n", "\n"),
        "claims": [{"span": claim.span, "evidence": sorted(claim.evidence_ids)} for claim in content.claims],
    }
    encoded = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(encoded.encode("utf-8", "surrogatepass")).hexdigest()
