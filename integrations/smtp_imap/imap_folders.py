"""What we do in a mailbox's folders: find the sent ones, look for a message, file a copy. Runs in an IMAP thread."""

import email.parser
import re
from datetime import UTC, datetime

from domain.errors import ProviderUnavailable
from domain.senders.ports import Found, Presence
from integrations.smtp_imap.imap_session import ImapSession

ID_FIELDS = ("Message-ID", "X-Google-Original-Message-ID", "X-Microsoft-Original-Message-ID")
"""Where a message's own id may stand; providers that replace it keep ours in the latter two."""

_SENT_NAMES = {
    *("sent", "sent items", "sent mail", "sent messages", "outbox/sent"),
    *(
        "gesendet",
        "gesendete elemente",
        "gesendete objekte",
        "éléments envoyés",
        "envoyés",
        "messages envoyés",
    ),
    *(
        "enviados",
        "elementos enviados",
        "inviata",
        "posta inviata",
        "verzonden",
        "verzonden items",
        "wysłane",
    ),
}
_HEADER_PART = "(UID BODY.PEEK[HEADER])"
_UID = re.compile(rb"\bUID (\d+)")


def find_folder(session: ImapSession, *, use: str) -> str | None:
    r"""Return the decoded name of the folder with a special use (``\Sent``, ``\All``; RFC 6154).

    Servers without SPECIAL-USE are searched for the sent folder's customary names.
    """
    folders = session.folder.list()
    for folder in folders:
        if use.lower() in {flag.lower() for flag in folder.flags}:
            return str(folder.name)
    if use != "\\Sent":
        return None
    for folder in folders:
        name = str(folder.name).lower()
        if name in _SENT_NAMES or name.rpartition(folder.delim or "/")[2] in _SENT_NAMES:
            return str(folder.name)
    return None


def look_up(session: ImapSession, message_id: str) -> Presence:
    """Search the sent folder, then the one with all mail."""
    folders = [find_folder(session, use=use) for use in ("\\Sent", "\\All")]
    existing = [folder for folder in folders if folder is not None]
    if not existing:
        return Presence(Found.UNAVAILABLE, detail="the mailbox has no sent folder")
    for folder in existing:
        header = find_header(session, folder=folder, message_id=message_id)
        if header is not None:
            return Presence(Found.FOUND, final_message_id=final_id_in(header))
    return Presence(Found.ABSENT)


def find_header(session: ImapSession, *, folder: str, message_id: str) -> bytes | None:
    """Return the header block of the folder's message with this id, now or originally; None if it isn't there."""
    session.folder.set(folder, readonly=True)
    quoted = '"{}"'.format(message_id.replace("\\", "\\\\").replace('"', '\\"'))
    now, google, microsoft = (f"HEADER {field} {quoted}" for field in ID_FIELDS)
    for uid in reversed(session.uids(f"OR {now} OR {google} {microsoft}", charset=None)):
        for _, header in fetch_literals(session, uid, _HEADER_PART):
            if message_id in _ids_in(header):  # SEARCH finds substrings too
                return header
    return None


def append_sent(session: ImapSession, raw: bytes, *, message_id: str, date: datetime) -> None:
    """File a message as sent and read, unless it is there."""
    folder = find_folder(session, use="\\Sent")
    if folder is None:
        raise ProviderUnavailable("the mailbox has no sent folder")
    if find_header(session, folder=folder, message_id=message_id) is None:
        session.append(raw, folder, dt=date.astimezone(UTC), flag_set=["\\Seen"])


def final_id_in(header: bytes) -> str | None:
    """Return the Message-ID that recipients see."""
    value = email.parser.BytesHeaderParser().parsebytes(header)["Message-ID"]
    return str(value).strip() if value else None


def fetch_literals(session: ImapSession, uids: str, parts: str) -> list[tuple[bytes, bytes]]:
    """Return (attributes, literal) of each message of a UID FETCH that asks for one literal per message."""
    status, data = session.client.uid("FETCH", uids, parts)
    if status != "OK":
        raise ProviderUnavailable("the mail server refused to show a message")
    found = []
    for item, after in zip(data, [*data[1:], b""], strict=True):
        if isinstance(item, tuple):  # attributes may stand on either side of the literal
            attributes = item[0] + (after if isinstance(after, bytes) else b"")
            found.append((attributes, item[1]))
    return [(attributes, literal) for attributes, literal in found if _UID.search(attributes)]


def _ids_in(header: bytes) -> set[str]:
    fields = email.parser.BytesHeaderParser().parsebytes(header)
    return {str(fields[name]).strip() for name in ID_FIELDS if fields[name]}
