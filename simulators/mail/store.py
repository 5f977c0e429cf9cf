"""What the provider holds: accounts with folders of messages, and a journal of everything it accepted."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

_MESSAGE_ID = re.compile(rb"^Message-ID:[ \t\r\n]*(<[^>\r\n]+>)", re.IGNORECASE | re.MULTILINE)


class Drop(StrEnum):
    """Where the server hangs up instead of answering."""

    BEFORE_DATA = "BEFORE_DATA"
    BEFORE_ACCEPTING = "BEFORE_ACCEPTING"
    AFTER_ACCEPTING = "AFTER_ACCEPTING"


@dataclass
class Faults:
    """What goes wrong for one account; may be changed at any time.

    ``drop`` happens ``drop_times`` times (below zero: for ever). ``refusal`` answers every message's end with this
    line. ``delay_s`` holds back the answer to the end of a message.
    """

    greylists: bool = False
    unknown_recipients: set[str] = field(default_factory=set)
    drop: Drop | None = None
    drop_times: int = -1
    delay_s: float = 0
    refusal: str = ""
    login_refusal: str = ""


@dataclass
class Message:
    """A message in a folder."""

    uid: int
    raw: bytes
    received_at: datetime
    flags: set[str] = field(default_factory=set)


class Folder:
    """Messages numbered in the order in which they came."""

    def __init__(self, name: str, *, special_use: str = "", uidvalidity: int = 1) -> None:
        self.name = name
        self.special_use = special_use
        self.uidvalidity = uidvalidity
        self.messages: list[Message] = []
        self.watchers: set[Callable[[], None]] = set()
        self._last_uid = 0

    @property
    def next_uid(self) -> int:
        """The number that the next message will get."""
        return self._last_uid + 1

    def add(self, raw: bytes, *, received_at: datetime, flags: set[str] | None = None) -> Message:
        """File a message and tell whoever idles."""
        self._last_uid += 1
        message = Message(self._last_uid, raw, received_at, flags or set())
        self.messages.append(message)
        for notify in tuple(self.watchers):
            notify()
        return message

    def renumber(self) -> None:
        """Give all messages new numbers, as a server does that has lost its index."""
        self.uidvalidity += 1
        self._last_uid = len(self.messages)
        for uid, message in enumerate(self.messages, start=1):
            message.uid = uid


@dataclass
class Account:
    """Somebody's mailbox at this provider."""

    address: str
    password: str
    files_sent_copies: bool = True
    rewrites_message_id: bool = False
    sent_folder: str = "Sent"
    offers_idle: bool = True
    offers_special_use: bool = True
    faults: Faults = field(default_factory=Faults)
    folders: dict[str, Folder] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.folders:
            sent = Folder(self.sent_folder, special_use="\\Sent")
            self.folders = {"INBOX": Folder("INBOX"), self.sent_folder: sent}

    @property
    def inbox(self) -> Folder:
        """Where mail arrives."""
        return self.folders["INBOX"]

    @property
    def sent(self) -> Folder:
        """Where copies of sent mail are filed."""
        return self.folders[self.sent_folder]


@dataclass(frozen=True)
class Acceptance:
    """One message the provider took responsibility for."""

    message_id: str
    final_message_id: str
    sender: str
    recipient: str
    accepted_at: str
    raw: bytes = field(repr=False)

    def told(self) -> dict[str, str]:
        """Return all but the message itself."""
        return {name: value for name, value in asdict(self).items() if name != "raw"}


class Provider:
    """All accounts, and the journal; a journal file gets one JSON line per acceptance, flushed at once."""

    def __init__(self, accounts: list[Account] | None = None, *, journal: Path | None = None) -> None:
        self.accounts = {account.address.lower(): account for account in accounts or []}
        self.accepted: list[Acceptance] = []
        self._journal = journal

    def find(self, address: str) -> Account | None:
        """Return the account with this address."""
        return self.accounts.get(address.lower())

    def add(self, account: Account) -> Account:
        """Open an account, or replace it."""
        self.accounts[account.address.lower()] = account
        return account

    def accept(self, *, sent: bytes, raw: bytes, sender: str, recipient: str) -> None:
        """Take note of an accepted message: as it was sent, and as it is delivered."""
        acceptance = Acceptance(
            message_id=message_id_of(sent),
            final_message_id=message_id_of(raw),
            sender=sender,
            recipient=recipient,
            accepted_at=datetime.now(UTC).isoformat(),
            raw=raw,
        )
        self.accepted.append(acceptance)
        if self._journal:
            with self._journal.open("a") as journal:
                journal.write(json.dumps(acceptance.told()) + "\n")

    def count_by_message_id(self) -> Counter[str]:
        """Return how often each Message-ID was accepted: 1 each, unless somebody sent twice."""
        return Counter(acceptance.message_id for acceptance in self.accepted)


def message_id_of(raw: bytes) -> str:
    """Return the Message-ID with its brackets; empty if there is none."""
    found = _MESSAGE_ID.search(raw.split(b"\r\n\r\n", 1)[0])
    return found.group(1).decode("ascii", "replace") if found else ""
