"""What sending needs from a mailbox: hand over in two steps, look up again, read what comes back."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from domain.errors import Conflict, DomainError
from domain.senders.smtp_codes import Refusal


class Security(StrEnum):
    """How a connection to a mail server is protected."""

    IMPLICIT_TLS = "IMPLICIT_TLS"
    """TLS from the first byte (ports 465 and 993); preferred by RFC 8314."""
    STARTTLS = "STARTTLS"
    """Mandatory upgrade (ports 587 and 143); without it nothing is said."""
    PLAIN = "PLAIN"
    """No protection; only to a loopback address and only where the operator allows it."""


class Credential(StrEnum):
    """What the secret of a login is."""

    PASSWORD = "PASSWORD"  # noqa: S105 - the name of a kind
    OAUTH_TOKEN = "OAUTH_TOKEN"  # noqa: S105 - the name of a kind


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a mail server listens. ``host`` is also the name its certificate must carry."""

    host: str
    port: int
    security: Security = Security.IMPLICIT_TLS


@dataclass(frozen=True, slots=True)
class Login:
    """Who we say we are to a mail server; an OAuth token is sent as XOAUTH2."""

    username: str
    secret: str = field(repr=False)
    credential: Credential = Credential.PASSWORD


@dataclass(frozen=True, slots=True)
class MailAccount:
    """A mailbox we may send from and read: its address and both of its servers."""

    address: str
    display_name: str
    smtp: Endpoint
    smtp_login: Login
    imap: Endpoint
    imap_login: Login


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One message to one person, final in every word; adapters only serialise it, always to the same bytes.

    Attributes:
        message_id: with its angle brackets, as are ``in_reply_to`` and ``references``.
        from_address, to_address: ASCII; international domains in their ``xn--`` form.
        html_body: the same content as ``text_body``; None sends plain text alone.
        references: the thread's ids, oldest first; trimmed in the middle if they are too many.
        list_unsubscribe_url: HTTPS; adds the one-click header of RFC 8058.
        date: aware; what the message says of when it was written.
        auto_submitted: ``auto-generated`` for our own notices (RFC 3834), None for outreach.
        extra_headers: names begin with ``X-``.
    """

    message_id: str
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    text_body: str
    date: datetime
    html_body: str | None = None
    reply_to: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    list_unsubscribe_url: str | None = None
    list_unsubscribe_mailto: str | None = None
    auto_submitted: str | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken responsibility for the message (that is not yet delivery)."""

    provider_ref: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken now; the same message may be tried again later."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Rejected:
    """Not taken, and trying again would not help."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Unknown:
    """The last line was written and no answer came: it may have been taken. Never resend blindly."""

    reason: str


Outcome = Accepted | Deferred | Rejected | Unknown


class TransmissionRefused(DomainError):
    """The server refused before the point of no return; nothing was sent."""

    code: ClassVar[str] = "TRANSMISSION_REFUSED"

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"the mail server refused: {refusal.code} {refusal.text}")
        self.refusal = refusal

    @property
    def outcome(self) -> Deferred | Rejected:
        """The same, in the words of a finished transmission."""
        return outcome_of(self.refusal)


class AuthenticationFailed(Conflict):
    """The provider no longer accepts the sender's login: its owner must reconnect it.

    ``reason`` says which switch it is where the provider tells: ``SMTP_AUTH_DISABLED`` (Microsoft's
    535 5.7.139), ``APP_PASSWORD_REQUIRED`` (Google's 534 5.7.9), else ``CREDENTIALS``.
    """

    code: ClassVar[str] = "SENDER_AUTHENTICATION_FAILED"

    def __init__(self, message: str, *, reason: str = "CREDENTIALS") -> None:
        super().__init__(message)
        self.reason = reason


def outcome_of(refusal: Refusal) -> Deferred | Rejected:
    """Return what a refusal makes of this attempt."""
    return Deferred(refusal) if refusal.may_pass else Rejected(refusal)


class Transmission(Protocol):
    """A message that lies at the provider's door: all is said but the last line."""

    async def finish(self, *, timeout_s: float) -> Outcome:
        """Write the last line and wait for the answer; at most once. Never raises for what the provider does.

        Args:
            timeout_s: RFC 5321 allows the server 600 seconds.
        """


class Found(StrEnum):
    """What a look-up can tell."""

    FOUND = "FOUND"
    ABSENT = "ABSENT"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the provider has filed a message as sent.

    Attributes:
        found: ABSENT proves something only if this server is known to file what it sends.
        final_message_id: the id the recipients see, which providers may have replaced; None unless found.
        detail: why it is UNAVAILABLE.
    """

    found: Found
    final_message_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What sending a message to oneself has shown about a mailbox.

    Attributes:
        received: it arrived in the inbox within the time given.
        files_sent_copy: the server files what it sends by itself; only then absence proves anything.
        sent_folder: its name, decoded; None if there is none.
        final_message_id: as received or filed; None if neither was seen.
        received_headers: raw header block of what arrived, for its DKIM signature and Authentication-Results.
        capabilities: what the IMAP server offers, upper case (``IDLE``, ``CONDSTORE``, ``SPECIAL-USE``).
    """

    received: bool
    files_sent_copy: bool
    sent_folder: str | None
    final_message_id: str | None
    received_headers: bytes
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class FolderCursor:
    """How far a folder has been read.

    Attributes:
        since: aware; when the folder was last read, and where to begin if its numbering is unknown or has
            been thrown away.
        uidvalidity: the folder's numbering; 0 before the first read.
        uid: the highest number read.
    """

    since: datetime
    folder: str = "INBOX"
    uidvalidity: int = 0
    uid: int = 0


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A message as the provider holds it, identified by ``(folder, uidvalidity, uid)``.

    ``raw`` is cut at the adapter's size cap (its headers and beginning); ``truncated`` says so.
    """

    folder: str
    uidvalidity: int
    uid: int
    received_at: datetime
    raw: bytes = field(repr=False)
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class FetchPage:
    """New messages, oldest first, and where to go on.

    Attributes:
        reset: the folder's numbering has changed; messages since the cursor's date come again, so tell them
            apart by their Message-ID.
        has_more: ask again with ``cursor`` at once.
    """

    messages: tuple[FetchedMail, ...]
    cursor: FolderCursor
    reset: bool = False
    has_more: bool = False


class Mailbox(Protocol):
    """Sends from a person's mailbox and reads it.

    Every method raises AuthenticationFailed (reconnect the sender), ProviderUnavailable (try again later) and
    Invalid or NotConfigured (an account or message nobody could serve).
    """

    def transmission(
        self, account: MailAccount, mail: OutgoingMail
    ) -> AbstractAsyncContextManager[Transmission]:
        """Do everything that can be undone: connect, sign in, announce and write all but the last line.

        Leaving the context without ``finish`` sends nothing.

        Raises:
            TransmissionRefused: the server said no.
        """

    async def look_up(self, account: MailAccount, *, message_id: str) -> Presence:
        """Find out whether a message with this Message-ID was sent; safe to repeat."""

    async def append_sent(self, account: MailAccount, mail: OutgoingMail) -> None:
        """File a copy in the sent folder unless it is there; for servers that don't do so themselves."""

    async def verify(self, account: MailAccount, *, probe: OutgoingMail, wait_s: float) -> VerifyReport:
        """Sign in on both sides, send ``probe`` to the account itself and watch where it turns up.

        Args:
            account: the mailbox to verify.
            probe: a message of the account to itself with a fresh Message-ID.
            wait_s: for how many seconds to watch at most; returns early once it was seen in both places.

        Raises:
            TransmissionRefused: the server doesn't take it.
        """

    async def fetch_new(self, account: MailAccount, *, cursor: FolderCursor, limit: int) -> FetchPage:
        """Return up to ``limit`` messages after the cursor, without marking them as read; safe to repeat."""

    async def wait_for_news(self, account: MailAccount, *, cursor: FolderCursor, timeout_s: float) -> bool:
        """Wait until the folder holds something after the cursor.

        Returns:
            False when ``timeout_s`` is up, and at once if the server can't tell: then ask with ``fetch_new``
            from time to time.
        """
