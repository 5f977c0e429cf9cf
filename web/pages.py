"""The few pages people reach from a mail or from another site: one renderer, escaped, in their language.

A page that changes something asks first and acts on POST, because mail scanners open every link.
"""

import base64
import hashlib
import re
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

from auth.passwords import LENGTH_MAX, LENGTH_MIN
from web.headers import page_headers
from web.texts import TEXTS, Language, PageName, PageText

_STYLE: Final = (
    ":root{color-scheme:light dark;--ground:#f6f6fb;--card:#fff;--ink:#1c1b29;--accent:#5b4bd6;--on:#fff}"
    "@media(prefers-color-scheme:dark)"
    "{:root{--ground:#14131c;--card:#1d1c28;--ink:#eceaf6;--accent:#a99dff;--on:#16131f}}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);"
    "color:var(--ink);font:17px/1.5 system-ui,sans-serif}"
    "main{max-width:26rem;margin:1rem;padding:2rem;background:var(--card);border-radius:16px}"
    "h1{font-size:1.3rem;margin:0 0 .5rem}p{margin:0 0 1rem;overflow-wrap:anywhere}"
    "button{font:inherit;font-weight:600;padding:.6rem 1.4rem;border:0;border-radius:10px;"
    "background:var(--accent);color:var(--on);cursor:pointer}"
    "label{display:block;margin:0 0 1rem}"
    "input{display:block;box-sizing:border-box;width:100%;margin:.3rem 0 0;padding:.55rem;font:inherit;"
    "color:inherit;background:var(--ground);border:1px solid;border-radius:10px}"
    "form+p{margin:1rem 0 0}a{color:var(--accent)}"
    "button.second{margin:.8rem 0 0;padding:0;background:none;color:inherit;font-weight:400;text-decoration:underline}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    **page_headers(policy=f"style-src 'sha256-{_STYLE_HASH}'; form-action 'self'", caching="no-store"),
    "X-Robots-Tag": "noindex",
}


def render_page(
    name: PageName,
    *,
    language: Language,
    status: int = 200,
    action: str | None = None,
    href: str | None = None,
    note: str | None = None,
) -> HTMLResponse:
    """Return one of our pages; it is never cached, framed, indexed or scripted.

    Args:
        name: which page.
        language: from ``choose_language``.
        status: HTTP status.
        action: path of our own that the page's button posts to; needed exactly when the page has a button.
        href: path of our own that the page's link leads to; needed exactly when the page has a link.
        note: one more paragraph of text from elsewhere (a sender's name, a request id); shown as text.

    Raises:
        ValueError: the button or the link has nowhere to go, or is missing, or leads elsewhere.
    """
    text = TEXTS[name][language]
    for label, path in ((text.button, action), (text.link, href)):
        if (label is None) is not (path is None):
            raise ValueError(f"the page {name} says {label!r}, but leads to {path!r}")
        if path is not None and not (path.startswith("/") and path[1:2] not in {"/", "\\"}):
            raise ValueError("a page leads to a path of ours")
    form = _form(action, text) if action else ""
    link = f'<p><a href="{escape(href)}" rel="noreferrer">{escape(text.link or "")}</a></p>' if href else ""
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(text.title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(text.title)}</h1><p>{escape(text.body)}</p>"
        f"{f'<p>{escape(note)}</p>' if note else ''}{form}{link}</main></body></html>"
    )
    return HTMLResponse(page, status_code=status, headers={**_HEADERS, "Content-Language": language})


def choose_language(accept_language: str | None) -> Language:
    """Return the language a browser likes best among ours (RFC 9110 12.5.4); English when it names none."""
    best, best_weight = Language.EN, 0.0
    for part in (accept_language or "")[:500].split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in set(Language) and weight > best_weight:
            best, best_weight = Language(language), weight
    return best


def _form(action: str, text: PageText) -> str:
    """The second button says in the form that it was the one: ``wish=object``."""
    second = (
        f'<p><button class="second" name="wish" value="object">{escape(text.second_button)}</button></p>'
        if text.second_button
        else ""
    )
    first = f"<button>{escape(text.button or '')}</button>"
    return f'<form method="post" action="{escape(action)}">{_field(text)}{first}{second}</form>'


def _field(text: PageText) -> str:
    """Return the page's one field, if it has one: a new password, which browsers may offer to make and keep."""
    if text.field is None:
        return ""
    return (
        f'<label>{escape(text.field)}<input type="password" name="password" autocomplete="new-password"'
        f' minlength="{LENGTH_MIN}" maxlength="{LENGTH_MAX}" required autofocus></label>'
    )


def _weight(parameter: str) -> float:
    """Return the q of ``q=0.8``: 1 when there is none, 0 when it is no weight."""
    name, _, number = parameter.strip().partition("=")
    if not name:
        return 1.0
    return float(number) if name == "q" and re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", number) else 0.0
