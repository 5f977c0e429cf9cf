"""One fetched page as the extraction sees it: visible lines, links, metadata. Hostile passages are gone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from selectolax.lexbor import LexborHTMLParser, LexborNode

from domain.enrichment.rules.evidence import is_instruction_like, strip_invisible

from .structured import Node, read_structured
from .visible import Hiding
from .words import PageKind, word_set

# Parsing time and memory grow with the square of nesting: 1 MB of "<div>" takes minutes. Large real pages
# have about 5,000 elements.
_TAGS_MAX = 20_000
_TAG = re.compile(r"</?[a-zA-Z]")
# The parser repeats unclosed formatting elements in every later block: 37 kB can become 4 million nodes.
# As spans they mean the same to us and aren't repeated.
_FORMATTING = re.compile(
    r"(</?)(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE
)
_BLOCKS = word_set(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol option p pre section summary table
    tbody td tfoot th thead tr ul
    """
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_LINE_MAX = 2000
_TEXT_MAX = 150_000
_LINKS_MAX = 1000
_META_NAMES = frozenset({"description", "keywords", "author", "og:description", "og:site_name", "og:title"})


class PageTooComplex(Exception):
    """So many tags that parsing it would cost more than a page is worth."""


@dataclass(frozen=True, slots=True)
class Link:
    """A visible link: its target as written, its text, and the index of the line it stands in."""

    href: str
    text: str
    line: int

    @property
    def evidence(self) -> str:
        """Text and target in one line."""
        return f"{self.text} {self.href}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says.

    Args:
        url: the one that answered.
        lines: visible text, one entry per block, white space collapsed.
        headings: indices of ``lines`` that are headings h1-h4.
        links: visible links.
        targets: (href, text) of all links, hidden menus included; only for finding further pages.
        meta: name to content of the metadata we use, with ``title``, ``lang`` and ``hreflang``.
        nodes: JSON-LD.
        instructions: how many passages spoke to a machine and were taken out.
    """

    url: str
    kind: PageKind
    retrieved_at: datetime
    lines: tuple[str, ...]
    headings: frozenset[int]
    links: tuple[Link, ...]
    targets: tuple[tuple[str, str], ...]
    meta: dict[str, str]
    nodes: tuple[Node, ...]
    instructions: int

    @property
    def text(self) -> str:
        """Everything a quote may be taken from: visible lines, metadata, structured data, links."""
        parts = (
            self.lines,
            self.meta.values(),
            [n.line for n in self.nodes],
            [k.evidence for k in self.links],
        )
        return "\n".join(line for part in parts for line in part)


def read_page(markup: str, *, url: str, kind: PageKind, retrieved_at: datetime) -> Page:
    """Parse a page and take out what is hidden and what speaks to a machine; takes tens of milliseconds.

    Raises:
        PageTooComplex: more than 20,000 tags.
    """
    if sum(1 for _ in _TAG.finditer(markup)) > _TAGS_MAX:
        raise PageTooComplex(f"more than {_TAGS_MAX} tags")
    tree = LexborHTMLParser(_FORMATTING.sub(r"\1span", markup))
    reader = _Reader(Hiding(node.text(deep=True) for node in tree.css("style")))
    if tree.body is not None:
        reader.read(tree.body)
    scripts = tree.css('script[type="application/ld+json"]')
    nodes = read_structured(node.text(deep=True) for node in scripts)
    meta = dict(_meta(tree))
    hostile = _hostile_lines(reader.lines)
    clean_meta = {name: value for name, value in meta.items() if not is_instruction_like(value)}
    clean_nodes = tuple(node for node in nodes if not is_instruction_like(node.line))
    return Page(
        url=url,
        kind=kind,
        retrieved_at=retrieved_at,
        # Kept as empty lines, so that the indices of links and headings stay true.
        lines=tuple("" if index in hostile else line for index, line in enumerate(reader.lines)),
        headings=frozenset(reader.headings),
        links=tuple(link for link in reader.links() if link.line not in hostile),
        targets=tuple(_targets(tree)),
        meta=clean_meta,
        nodes=clean_nodes,
        instructions=len(hostile) + len(meta) - len(clean_meta) + len(nodes) - len(clean_nodes),
    )


def _hostile_lines(lines: list[str]) -> set[int]:
    """Return the lines that speak to a machine, also when the order is spread over two."""
    alone = {index for index, line in enumerate(lines) if is_instruction_like(line)}
    pairs = {
        index
        for index in range(len(lines) - 1)
        if alone.isdisjoint((index, index + 1)) and is_instruction_like(f"{lines[index]} {lines[index + 1]}")
    }
    return alone | pairs | {index + 1 for index in pairs}


def _meta(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    title = tree.css_first("title")
    if title is not None:
        yield "title", _clean(title.text(deep=True))
    for node in tree.css("meta[content]"):
        name = (node.attributes.get("property") or node.attributes.get("name") or "").lower()
        if name in _META_NAMES and (content := _clean(node.attributes.get("content") or "")):
            yield name, content
    root = tree.css_first("html")
    if root is not None and (language := root.attributes.get("lang")):
        yield "lang", f'lang="{_clean(language)[:20]}"'
    others = {node.attributes.get("hreflang") or "" for node in tree.css("link[rel=alternate][hreflang]")}
    if others:
        yield "hreflang", " ".join(f'hreflang="{_clean(each)[:20]}"' for each in sorted(others)[:20])


def _targets(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("a[href]")[:_LINKS_MAX]:
        yield (node.attributes.get("href") or "").strip(), _clean(node.text(deep=True))[:200]


def _clean(text: str) -> str:
    return " ".join(strip_invisible(text[:_LINE_MAX]).split())


class _Reader:
    """Walks the visible tree without recursion (nesting is the page's choice) and cuts it into lines."""

    def __init__(self, hiding: Hiding) -> None:
        self.lines: list[str] = []
        self.headings: set[int] = set()
        self._hiding = hiding
        self._parts: list[str] = []
        self._block = -1
        self._size = 0
        self._links: list[tuple[str, int, list[str]]] = []

    def read(self, body: LexborNode) -> None:
        numbers = count()
        stack = [(body, next(numbers), -1)]
        while stack and self._size < _TEXT_MAX:
            node, block, link = stack.pop()
            if node.is_text_node:
                self._add(node.text_content or "", block=block, link=link)
            elif node.is_element_node and not self._hiding.hides(node):
                tag = node.tag or ""
                if tag == "br":
                    self._end_line()
                    continue
                block = next(numbers) if tag in _BLOCKS else block
                if tag in _HEADINGS:
                    self._end_line()
                    self.headings.add(len(self.lines))
                if tag == "a" and len(self._links) < _LINKS_MAX:
                    link = self._open_link(node, block=block)
                stack.extend((child, block, link) for child in reversed(list(_children(node))))
        self._end_line()

    def links(self) -> Iterator[Link]:
        for href, line, parts in self._links:
            yield Link(href, _clean("".join(parts)), line)

    def _open_link(self, node: LexborNode, *, block: int) -> int:
        if block != self._block:
            self._end_line()
            self._block = block
        href = strip_invisible((node.attributes.get("href") or "").strip())[:_LINE_MAX]
        self._links.append((href, len(self.lines), []))
        return len(self._links) - 1

    def _add(self, text: str, *, block: int, link: int) -> None:
        if block != self._block:
            self._end_line()
            self._block = block
        self._parts.append(text)
        self._size += len(text)
        if link >= 0:
            self._links[link][2].append(text)

    def _end_line(self) -> None:
        line = _clean("".join(self._parts))
        self._parts = []
        if line:
            self.lines.append(line)


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next
