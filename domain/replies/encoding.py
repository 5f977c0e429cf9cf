"""Bytes of mail as text: charsets and header words, decoded without ever failing."""

import binascii
import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

_SUPERSETS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "utf8mb4": "utf-8",
}  # as browsers do: the label is often the smaller relative of what was meant (WHATWG Encoding)
_NOT_CHARSETS = frozenset(
    {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem"}
)
_ENCODED_WORD_GAP = re.compile(r"\?=\s{1,80}=\?")


def decode_bytes(data: bytes, *, charset: str | None) -> str:
    """Decode ``data`` as ``charset``, else UTF-8, else Windows-1252; undecodable bytes become U+FFFD.

    Bytes that are valid UTF-8 but labelled ASCII or Latin-1 are UTF-8: by chance that hardly happens.
    """
    labelled = _python_charset(charset)
    for name in ("utf-8", "cp1252") if labelled in {None, "cp1252"} else (str(labelled), "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", errors="replace")


def decode_words(value: str, *, length_max: int) -> str:
    """Return a raw header value (RFC 2047 words, or 8-bit bytes as surrogates) as text; never raises."""
    value = decode_surrogates(value[:length_max])
    if "=?" not in value:
        return value
    try:
        chunks = decode_header(_ENCODED_WORD_GAP.sub("?==?", value))
    except (HeaderParseError, ValueError, LookupError, binascii.Error):
        return value
    decoded = "".join(
        chunk if isinstance(chunk, str) else decode_bytes(chunk, charset=charset or "utf-8")
        for chunk, charset in chunks
    )
    return decoded or value


def decode_surrogates(value: str) -> str:
    """Return a parsed header whose 8-bit bytes were kept as surrogates, with those bytes decoded."""
    if value.isascii():
        return value
    return decode_bytes(value.encode("utf-8", errors="surrogateescape"), charset="utf-8")


def _python_charset(label: str | None) -> str | None:
    name = (label or "").strip().strip("'\"").lower()
    name = _SUPERSETS.get(name, name)
    try:
        found = codecs.lookup(name).name if name else None
    except (LookupError, ValueError):
        return None
    return None if found is None or found.replace("_", "-") in _NOT_CHARSETS else found
