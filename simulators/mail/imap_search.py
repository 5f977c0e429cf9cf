"""IMAP SEARCH (RFC 3501 6.4.4), as far as mail programs use it."""

import email.parser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from simulators.mail.imap_words import Word, numbers_in
from simulators.mail.store import Folder, Message

Test = Callable[[int, Message], bool]
_FLAGS = {"SEEN": "\\Seen", "DELETED": "\\Deleted", "FLAGGED": "\\Flagged", "ANSWERED": "\\Answered"}
_FIELDS = {"FROM", "TO", "CC", "SUBJECT"}


def search(folder: Folder, criteria: list[Word]) -> list[tuple[int, Message]]:
    """Return (sequence number, message) of all that match every criterion; raises ValueError for unknown ones."""
    words = iter(criteria)
    tests = list(_tests(folder, words))
    numbered = enumerate(folder.messages, start=1)
    return [(number, message) for number, message in numbered if all(test(number, message) for test in tests)]


def _tests(folder: Folder, words: Iterator[Word]) -> Iterator[Test]:
    for word in words:
        if word == "CHARSET":
            next(words)
        else:
            yield _test(folder, word, words)


def _test(folder: Folder, word: Word, words: Iterator[Word]) -> Test:
    if isinstance(word, list):
        inner = list(_tests(folder, iter(word)))
        return lambda number, message: all(test(number, message) for test in inner)
    key = word.upper()
    if key == "ALL":
        return lambda number, message: True
    if key == "NOT":
        negated = _test(folder, next(words), words)
        return lambda number, message: not negated(number, message)
    if key == "OR":
        left, right = _test(folder, next(words), words), _test(folder, next(words), words)
        return lambda number, message: left(number, message) or right(number, message)
    if key.removeprefix("UN") in _FLAGS:
        flag = _FLAGS[key.removeprefix("UN")]
        return lambda number, message: (flag in message.flags) is not key.startswith("UN")
    if key[0].isdigit() or key[0] == "*":
        chosen = numbers_in(key, highest=len(folder.messages))
        return lambda number, message: number in chosen
    return _test_with_value(folder, key, words)


def _test_with_value(folder: Folder, key: str, words: Iterator[Word]) -> Test:
    value = str(next(words))
    if key == "UID":
        uids = numbers_in(value, highest=max((message.uid for message in folder.messages), default=0))
        return lambda number, message: message.uid in uids
    if key in {"SINCE", "BEFORE", "ON"}:
        day = datetime.strptime(value, "%d-%b-%Y").replace(tzinfo=UTC).date()
        return {
            "SINCE": lambda number, message: message.received_at.date() >= day,
            "BEFORE": lambda number, message: message.received_at.date() < day,
            "ON": lambda number, message: message.received_at.date() == day,
        }[key]
    if key == "HEADER":
        sought = str(next(words)).lower()
        return lambda number, message: _field_holds(message, value, sought)
    if key in _FIELDS:
        return lambda number, message: _field_holds(message, key, value.lower())
    if key in {"BODY", "TEXT"}:
        octets = value.lower().encode("latin-1")
        return lambda number, message: octets in message.raw.lower()
    raise ValueError(f"unknown search key {key}")


def _field_holds(message: Message, name: str, sought: str) -> bool:
    headers = email.parser.BytesHeaderParser().parsebytes(message.raw)
    return any(sought in str(value).lower() for value in headers.get_all(name, []))
