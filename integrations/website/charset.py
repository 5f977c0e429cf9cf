"""From the bytes of a page to its text: declared character set, then a mark, then a guess."""

import codecs
import re

from charset_normalizer import from_bytes

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{2,40})", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What pages call latin-1 is windows-1252. Source: WHATWG Encoding Standard, 4.2.
_ALIASES = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
}
_TEXT_CODECS = re.compile(r"utf|iso|cp\d|windows|koi8|gb|big5|euc|shift|latin|mac|tis|johab|hz|ascii")
_SAMPLE = 32 * 1024


def decode_page(body: bytes, *, content_type: str) -> str:
    """Return the text; undecodable bytes become U+FFFD, so a wrong declaration loses no page."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = _HEADER.search(content_type)
    in_page = _META.search(body[:4096])
    labels = (declared[1] if declared else "", in_page[1].decode("ascii") if in_page else "")
    for label in labels:
        if known := _known(label):
            return body.decode(known, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        guess = from_bytes(body[:_SAMPLE]).best()
        return body.decode(guess.encoding if guess else "cp1252", "replace")


def _known(label: str) -> str | None:
    name = _ALIASES.get(label.lower(), label.lower())
    try:
        # `codecs` also knows rot13, hex and zip, which are no character sets.
        return codecs.lookup(name).name if _TEXT_CODECS.match(name) else None
    except LookupError:
        return None
