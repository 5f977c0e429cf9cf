"""IMAP FETCH (RFC 3501 6.4.5): what of a message is asked for, and its octets."""

import imaplib
import re

from simulators.mail.imap_words import Word
from simulators.mail.store import Message

_BODY = re.compile(r"(BODY(?:\.PEEK)?)\[([^\]]*)\](?:<(\d+)\.(\d+)>)?\Z", re.IGNORECASE)


def render(number: int, message: Message, items: list[Word]) -> bytes:
    """Return one ``* n FETCH (...)`` line; reading a body without PEEK marks it as seen."""
    wanted = [str(item).upper() if "[" not in str(item) else str(item) for item in items]
    values = [_value(message, item) for item in wanted]
    return b"* %d FETCH (" % number + b" ".join(values) + b")\r\n"


def _value(message: Message, item: str) -> bytes:
    if item == "UID":
        return b"UID %d" % message.uid
    if item == "FLAGS":
        return f"FLAGS ({' '.join(sorted(message.flags))})".encode()
    if item == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(message.raw)
    if item == "INTERNALDATE":
        return f"INTERNALDATE {imaplib.Time2Internaldate(message.received_at)}".encode()
    if item in {"RFC822", "RFC822.HEADER"}:
        return _literal(item, message.raw if item == "RFC822" else _header(message.raw))
    return _body(message, item)


def _body(message: Message, item: str) -> bytes:
    found = _BODY.match(item)
    if found is None:
        raise ValueError(f"unknown fetch item {item}")
    kind, section, start, count = found.groups()
    octets = _section(message.raw, section.upper())
    label = f"BODY[{section}]"
    if start is not None:
        octets = octets[int(start) : int(start) + int(count)]
        label += f"<{start}>"
    if "PEEK" not in kind.upper():
        message.flags.add("\\Seen")
    return _literal(label, octets)


def _section(raw: bytes, section: str) -> bytes:
    if section == "":
        return raw
    if section == "TEXT":
        return raw.partition(b"\r\n\r\n")[2]
    header = _header(raw)
    if section == "HEADER":
        return header
    names = section.partition("(")[2].rstrip(")").encode().lower().split()
    fields = re.findall(rb"[^\r\n:]+:[^\r]*\r\n(?:[ \t][^\r]*\r\n)*", header)
    return b"".join(line for line in fields if line.split(b":")[0].lower() in names) + b"\r\n"


def _header(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _literal(label: str, octets: bytes) -> bytes:
    return f"{label} {{{len(octets)}}}\r\n".encode() + octets
