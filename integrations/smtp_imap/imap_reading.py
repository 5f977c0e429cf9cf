"""Reading what is new in a folder, without marking it as read. Runs in an IMAP thread."""

import re
from datetime import UTC, datetime, timedelta

from domain.errors import ProviderUnavailable
from domain.senders.ports import FetchedMail, FetchPage, FolderCursor
from integrations.smtp_imap.imap_folders import fetch_literals
from integrations.smtp_imap.imap_session import ImapSession

MESSAGE_OCTETS_MAX = 1_000_000
"""The beginning of a message: all there is to know about replies and bounces, not their attachments."""

_BATCH = 10
_UID = re.compile(rb"\bUID (\d+)")
_INTERNAL_DATE = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def fetch_new(session: ImapSession, *, cursor: FolderCursor, limit: int) -> FetchPage:
    """Return up to ``limit`` messages after the cursor; if the numbering has changed, those since its date."""
    session.folder.set(cursor.folder, readonly=True)
    uidvalidity = _number_told(session, "UIDVALIDITY")
    known = cursor.uidvalidity == uidvalidity
    criteria = f"UID {cursor.uid + 1}:*" if known else f"SINCE {_day_before(cursor.since)}"
    uids = sorted(int(uid) for uid in session.uids(criteria, charset=None))
    if known:  # `n:*` includes the last message even if its number is below n
        uids = [uid for uid in uids if uid > cursor.uid]
    chosen, has_more = uids[:limit], len(uids) > limit
    messages = tuple(_fetch(session, cursor.folder, uidvalidity, chosen))
    before = cursor.uid if known else _number_told(session, "UIDNEXT") - 1
    since = max([cursor.since, *(message.received_at for message in messages)])
    return FetchPage(
        messages,
        FolderCursor(
            since=since, folder=cursor.folder, uidvalidity=uidvalidity, uid=chosen[-1] if chosen else before
        ),
        reset=not known and cursor.uidvalidity != 0,
        has_more=has_more,
    )


def _fetch(session: ImapSession, folder: str, uidvalidity: int, uids: list[int]) -> list[FetchedMail]:
    parts = f"(UID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{MESSAGE_OCTETS_MAX}>)"
    messages = []
    for start in range(0, len(uids), _BATCH):
        batch = ",".join(map(str, uids[start : start + _BATCH]))
        for attributes, raw in fetch_literals(session, batch, parts):
            size = _SIZE.search(attributes)
            messages.append(
                FetchedMail(
                    folder=folder,
                    uidvalidity=uidvalidity,
                    uid=int(_UID.search(attributes)[1]),  # type: ignore[index]  # fetch_literals has seen it
                    received_at=_received_at(attributes),
                    raw=raw,
                    truncated=size is not None and int(size[1]) > len(raw),
                )
            )
    return sorted(messages, key=lambda message: message.uid)


def _received_at(attributes: bytes) -> datetime:
    told = _INTERNAL_DATE.search(attributes)
    if told is None:
        raise ProviderUnavailable("the mail server doesn't tell when a message came")
    return datetime.strptime(told[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)


def _number_told(session: ImapSession, name: str) -> int:
    told = session.client.response(name)[1][-1]
    if told is None:
        raise ProviderUnavailable(f"the mail server doesn't tell the folder's {name}")
    return int(told)


def _day_before(moment: datetime) -> str:
    """Return an IMAP date that is early enough in every time zone; SINCE compares the server's local days."""
    day = moment.astimezone(UTC) - timedelta(days=1)
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"
