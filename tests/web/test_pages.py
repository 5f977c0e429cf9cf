import base64
import hashlib
import re
from dataclasses import astuple

import pytest

from web.pages import choose_language, render_page
from web.texts import TEXTS, Language, PageName


def test_every_page_exists_in_every_language_with_the_same_parts() -> None:
    assert set(TEXTS) == set(PageName)
    for texts in TEXTS.values():
        assert set(texts) == set(Language)
        parts = {tuple(part is None for part in astuple(text)) for text in texts.values()}
        assert len(parts) == 1
        assert len({text.title for text in texts.values()}) == len(Language)


def test_a_page_that_asks_posts_to_us() -> None:
    answer = render_page(PageName.UNSUBSCRIBE, language=Language.DE, action="/u/abc")
    html = bytes(answer.body).decode()

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == "de"
    assert '<html lang="de">' in html
    assert '<form method="post" action="/u/abc"><button>Abmelden</button>' in html
    assert html.count('name="wish" value="object"') == 1


def test_headers_forbid_scripts_frames_caches_and_referrers() -> None:
    answer = render_page(PageName.LINK_INVALID, language=Language.EN, status=404)
    style = re.search(r"<style>(.*)</style>", bytes(answer.body).decode())
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()

    assert answer.status_code == 404
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-robots-tag"] == "noindex"


def test_text_from_elsewhere_stays_text() -> None:
    answer = render_page(PageName.UNSUBSCRIBED, language=Language.EN, note='<script>alert("1")</script>')

    assert b"<script" not in answer.body
    assert b"&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;" in answer.body
    assert b"<form" not in answer.body


def test_an_action_cannot_break_out_of_its_attribute() -> None:
    answer = render_page(PageName.UNSUBSCRIBE, language=Language.EN, action='/u/"><script>')

    assert b'action="/u/&quot;&gt;&lt;script&gt;"' in answer.body


@pytest.mark.parametrize(
    "action", ["https://evil.example", "//evil.example", "/\\evil.example", "u/abc", "", None]
)
def test_a_page_that_asks_needs_a_path_of_ours(action: str | None) -> None:
    with pytest.raises(ValueError):
        render_page(PageName.UNSUBSCRIBE, language=Language.EN, action=action)


@pytest.mark.parametrize("way", ["action", "href"])
def test_a_page_without_a_button_or_a_link_leads_nowhere(way: str) -> None:
    with pytest.raises(ValueError):
        render_page(PageName.UNSUBSCRIBED, language=Language.EN, **{way: "/u/abc"})  # type: ignore[arg-type]


def test_a_page_may_ask_for_a_new_password() -> None:
    html = bytes(render_page(PageName.RESET_PASSWORD, language=Language.FR, action="/reset").body).decode()

    assert (
        '<form method="post" action="/reset"><label>Nouveau mot de passe<input type="password" name="password" '
        'autocomplete="new-password" minlength="12" maxlength="256" required autofocus></label><button>'
    ) in html


@pytest.mark.parametrize(
    "href", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", None]
)
def test_a_page_with_a_link_needs_a_path_of_ours(href: str | None) -> None:
    with pytest.raises(ValueError):
        render_page(PageName.SIGN_IN_FIRST, language=Language.EN, href=href)


def test_a_link_tells_the_next_page_nothing_and_cannot_break_out() -> None:
    answer = render_page(PageName.SIGN_IN_FIRST, language=Language.EN, href='/graphiql#"><script>')

    assert b'<a href="/graphiql#&quot;&gt;&lt;script&gt;" rel="noreferrer">' in answer.body


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr;q=0.5, de;q=0.7", "de"),
        ("it, fr-CA;q=0.3", "fr"),
        ("FR", "fr"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=2, fr;q=nan, en", "en"),
        ("*", "en"),
        (",;,q=1;;", "en"),
        ("de" * 100_000, "en"),
    ],
)
def test_the_language_is_the_one_the_browser_likes_best(header: str | None, language: str) -> None:
    assert choose_language(header) == language
