from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sequences.content import (
    FOOTER_MARK,
    UNSUBSCRIBE_PLACEHOLDER,
    Footer,
    as_test_copy,
    clean_html,
    content_hash,
    fill_unsubscribe_url,
    footer_text,
    html_from_text,
    reply_subject,
    split_footer,
)
from domain.sequences.ports import Claim
from tests.domain.sequences.samples import BODY, FOOTER, a_message


def test_text_becomes_paragraphs_breaks_and_links() -> None:
    assert html_from_text("Hi <Ada> & co\nline\n\nSee https://a.example/x?y=1&z=2.") == (
        "<p>Hi &lt;Ada&gt; &amp; co<br>line</p>"
        '<p>See <a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>.</p>'
    )


@pytest.mark.parametrize(
    "dirty",
    [
        "<script>alert(1)</script>",
        '<img src="https://x.example/pixel.gif">',
        '<a href="javascript:alert(1)" onclick="x()">a</a>',
        '<p style="display:none">hidden</p>',
        "<!-- hidden -->",
        '<a href="/relative">a</a>',
    ],
)
def test_html_keeps_nothing_that_runs_loads_or_hides(dirty: str) -> None:
    cleaned = clean_html(dirty)
    assert cleaned != dirty
    for word in ("script", "img", "javascript", "onclick", "style", "<!--", "/relative"):
        assert word not in cleaned


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_html_from_any_text_is_clean_already(text: str) -> None:
    once = html_from_text(text)
    assert clean_html(once) == once


@pytest.mark.parametrize(
    ("language", "unsubscribe", "law"),
    [("en", "Unsubscribe: ", "object"), ("de-AT", "Abmelden: ", "widersprechen"), ("fr", "désinscrire : ", "opposer"),
     ("es", "Unsubscribe: ", "object")],
)  # fmt: skip
def test_the_footer_speaks_the_language_and_names_source_and_right(
    language: str, unsubscribe: str, law: str
) -> None:
    text = footer_text(replace(FOOTER, language=language))
    assert f"{unsubscribe}{UNSUBSCRIBE_PLACEHOLDER}" in text
    assert "Pumpwerk GmbH · Hafenstraße 12 · 20457 Hamburg" in text
    assert "northwind.example" in text
    assert law in text


def test_the_notice_is_left_out_after_the_first_touch() -> None:
    text = footer_text(Footer(language="en", postal_address="A\nB"))
    assert text == f"Don't want to hear from me again? Unsubscribe: {UNSUBSCRIBE_PLACEHOLDER}\nA · B"


def test_body_and_footer_come_apart_again() -> None:
    composed = a_message(body=f"{BODY}{FOOTER_MARK}not the footer")
    body, footer = split_footer(composed.text_body)
    assert body == f"{BODY}{FOOTER_MARK}not the footer"
    assert footer == footer_text(FOOTER)
    assert split_footer("no footer") == ("no footer", "")


def test_the_unsubscribe_link_is_filled_everywhere_and_leaves_the_approved_hash_alone() -> None:
    content = a_message()
    approved = content_hash(content)
    filled = fill_unsubscribe_url(content, url="https://u.example/x?a=1&b=2")
    assert UNSUBSCRIBE_PLACEHOLDER not in filled.text_body + filled.html_body
    assert "https://u.example/x?a=1&b=2" in filled.text_body
    assert 'href="https://u.example/x?a=1&amp;b=2"' in filled.html_body
    assert content_hash(content) == approved


def test_every_word_and_every_claim_counts_in_the_hash() -> None:
    content = a_message()
    changes = [
        replace(content, subject=content.subject + "."),
        replace(content, text_body=content.text_body + " "),
        replace(content, html_body=content.html_body + "<br>"),
        replace(content, claims=()),
        replace(content, claims=(Claim(span=content.claims[0].span, evidence_ids=("other",)),)),
    ]
    assert len({content_hash(each) for each in (content, *changes)}) == 6


def test_the_hash_is_the_same_for_the_same_content_however_its_lines_end() -> None:
    content = a_message()
    assert content_hash(replace(content, text_body=content.text_body.replace("\n", "\r\n"))) == content_hash(
        content
    )
    assert len(content_hash(replace(content, subject="\ud800"))) == 64  # a lone surrogate doesn't crash


def test_a_test_copy_says_so_and_its_link_leads_nowhere() -> None:
    copy = as_test_copy(a_message())
    assert copy.subject == "[Test] A question for Northwind"
    assert UNSUBSCRIBE_PLACEHOLDER in copy.text_body


def test_a_reply_has_one_re() -> None:
    assert reply_subject("Hello") == "Re: Hello"
    assert reply_subject("RE: Hello") == "RE: Hello"
