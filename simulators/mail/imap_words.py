"""The words of IMAP commands (RFC 3501 section 9): atoms, quoted strings, literals and lists.

Octets travel as Latin-1 text, so that a literal comes out as it went in.
"""

import asyncio
import re

Word = str | list["Word"]

_LITERAL = re.compile(r"\{(\d+)(\+?)\}\r\n\Z")
_TOKEN = re.compile(r'\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|\x00(\d+)|((?:[^\s()"\[]|\[[^\]]*\])+))')


async def read_words(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[Word]:
    """Return the words of the next command; empty when the client has hung up."""
    text = ""
    literals: list[str] = []
    while True:
        text += (await reader.readline()).decode("latin-1")
        found = _LITERAL.search(text)
        if found is None:
            return _parse(text, literals)
        if not found[2]:
            writer.write(b"+ go on\r\n")
        literals.append((await reader.readexactly(int(found[1]))).decode("latin-1"))
        text = f"{text[: found.start()]}\x00{len(literals) - 1}"


def _parse(text: str, literals: list[str]) -> list[Word]:
    words: list[Word] = []
    open_lists = [words]
    for opening, closing, quoted, literal, atom in _TOKEN.findall(text):
        if opening:
            inner: list[Word] = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
        elif closing:
            open_lists.pop()
        elif literal:
            open_lists[-1].append(literals[int(literal)])
        else:
            open_lists[-1].append(atom or re.sub(r"\\(.)", r"\1", quoted))
    return words


def quote(text: str) -> str:
    """Return a quoted string."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def numbers_in(text: str, *, highest: int) -> set[int]:
    """Return the numbers of a sequence set like ``1:3,7,9:*``; ``*`` is the highest there is."""
    chosen: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition(":")
        ends = sorted(highest if end == "*" else int(end) for end in (first, last or first))
        chosen.update(range(ends[0], min(ends[1], highest) + 1))
    return chosen
