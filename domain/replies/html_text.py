"""HTML bodies as plain text, with quoted blocks marked by ``>`` so that one rule strips all quotes."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Lexbor needs seconds for much more of deliberately unclosed nesting; what a person wrote stands at the top.
HTML_LENGTH_MAX = 200_000

_INLINE_DATA = re.compile(r"data:[^\"'()<>\s]{200,}")
_HIDDEN = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|font-size\s{0,3}:\s{0,3}0(?![.\d])", re.I
)
_SKIPPED = frozenset({"head", "script", "style", "template", "title", "noscript", "svg", "object"})
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_PARAGRAPHS = frozenset({"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"})
_BLANKS = re.compile(r"[ \t\r\n\u00a0]+")


class _Page:
    """Collects lines while the tree is walked."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.quote_depth = 0

    def write(self, text: str) -> None:
        words = _BLANKS.sub(" ", text)
        self.line += words.lstrip(" ") if not self.line or self.line.endswith(" ") else words

    def end_line(self, *, even_if_empty: bool = False) -> None:
        if self.line.strip() or even_if_empty:
            self.lines.append("> " * min(self.quote_depth, 5) + self.line.strip())
        self.line = ""

    def blank_line(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * min(self.quote_depth, 5))


def html_to_text(html: str) -> str:
    """Return the visible text of ``html``; lines inside a quoted block start with ``>``."""
    tree = LexborHTMLParser(_INLINE_DATA.sub("", html)[:HTML_LENGTH_MAX])
    page = _Page()
    for node, entering in _walk(tree.root):
        if node.tag == "-text":
            page.write(node.text_content or "")
        elif entering:
            _enter(page, node)
        else:
            _leave(page, node)
    page.end_line()
    return "\n".join(page.lines).strip("\n")


def _enter(page: _Page, node: LexborNode) -> None:
    if node.tag == "br":
        page.end_line(even_if_empty=True)
    elif node.tag in _BLOCKS:
        page.end_line()
    elif node.tag in {"td", "th"} and page.line:
        page.write(" ")
    page.quote_depth += _is_quote(node)


def _leave(page: _Page, node: LexborNode) -> None:
    if node.tag in _PARAGRAPHS:
        page.blank_line()
    elif node.tag in _BLOCKS:
        page.end_line()
    page.quote_depth -= _is_quote(node)


def _is_quote(node: LexborNode) -> bool:
    return node.tag == "blockquote" or (node.tag == "div" and "yahoo_quoted" in (_attribute(node, "class")))


def _is_hidden(node: LexborNode) -> bool:
    return node.tag in _SKIPPED or bool(_HIDDEN.search(_attribute(node, "style")))


def _attribute(node: LexborNode, name: str) -> str:
    if (node.tag or "-").startswith("-"):
        return ""
    return node.attributes.get(name) or ""


def _walk(root: LexborNode | None) -> Iterator[tuple[LexborNode, bool]]:
    """Yield (node, entering) depth first without recursion: nesting is the sender's choice."""
    node = root
    while node is not None:
        hidden = _is_hidden(node)
        if not hidden:
            yield node, True
        child = None if hidden else node.child
        if child is not None:
            node = child
            continue
        if not hidden and node.tag != "-text":
            yield node, False
        while node is not None and node.next is None:
            node = node.parent
            if node is None:
                return
            yield node, False
        node = node.next if node is not None else None
