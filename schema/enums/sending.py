"""Enums of senders, deliveries and suppressions."""

from domain.senders.ports import Security
from domain.senders.rules import SenderKind, SenderStatus
from domain.sending.gate import WHY_NOT, Gate
from domain.sending.states import DeliveryState
from domain.suppression.rules import (
    Channel,
    LiftBasis,
    SuppressionImportStatus,
    SuppressionKind,
    SuppressionReason,
    SuppressionScope,
    SuppressionStatus,
)
from schema.enums.showing import shown_enum

shown_enum(
    SenderKind,
    "How a sender is reached.",
    SMTP_IMAP="By SMTP and IMAP, whatever the provider.",
    GMAIL="By Google's API; not connected so far.",
    OUTLOOK="By Microsoft's API; not connected so far.",
    LINKEDIN="A profile on LinkedIn; not connected so far.",
)
shown_enum(
    SenderStatus,
    "Where a sender stands.",
    PENDING_AUTH="It isn't reachable as it was set up: reconnect it.",
    VERIFYING="Its login and a test message are being checked.",
    ACTIVE="It sends.",
    THROTTLED="It sends more slowly, as its provider asked.",
    WARMING="It sends a little more each day.",
    DEGRADED="It sends, but its inbox can't be read.",
    PAUSED="A member or a rule stopped it.",
    REAUTH_REQUIRED="Its login is refused: its owner must reconnect it.",
    DISCONNECTED="Its login was destroyed.",
)
shown_enum(
    Security,
    "How a connection to a mail server is protected.",
    IMPLICIT_TLS="TLS from the first byte, as on ports 465 and 993.",
    STARTTLS="TLS after a command, as on ports 587 and 143; refused without it.",
    PLAIN="Not at all; only for hosts that the operator allows.",
)
shown_enum(
    DeliveryState,
    "How far the sending of a message is.",
    SCHEDULED="It waits for its time.",
    LEASED="A worker has it in hand; nothing has left.",
    HANDOFF="It is being handed to the mail server, or may have been.",
    UNKNOWN="The answer was lost: it may have left, and is looked up.",
    REVIEW="Looking it up came to nothing: a person decides.",
    SENT="The mail server took it.",
    FAILED="It can't be sent.",
    SUPPRESSED="It won't be sent: the recipient must not be contacted.",
    CANCELLED="It won't be sent: what it belonged to has ended.",
)
shown_enum(
    Gate,
    "What must hold before a message leaves, in the order it is asked.",
    **{gate.name: f"Refuses because: {sentence}" for gate, sentence in WHY_NOT.items()},
)
shown_enum(
    SuppressionKind,
    "What an entry names.",
    EMAIL="An address.",
    DOMAIN="A domain with all its addresses.",
    COMPANY="A company with all its people.",
    PHONE="A phone number.",
    LINKEDIN="A profile on LinkedIn.",
    LEAD="A lead, by any address of theirs.",
)
shown_enum(
    SuppressionReason,
    "Why an entry was made.",
    UNSUBSCRIBE="The person used an unsubscribe link, or asked for it.",
    OBJECTION="The person objected to being contacted (GDPR Article 21).",
    ERASURE="The person's data were erased.",
    BOUNCE="The address can't be delivered to.",
    COMPLAINT="The person reported a message as spam.",
    CUSTOMER="A customer already.",
    COMPETITOR="A competitor.",
    LEGAL="A lawyer or an authority wrote.",
    MANUAL="A member wanted it.",
    REGISTRY="A public list of people who don't want to be contacted.",
)
shown_enum(
    SuppressionScope,
    "How far an entry reaches.",
    PLATFORM="All workspaces; the operator's own list.",
    WORKSPACE="The whole workspace.",
    PLAY="One play.",
    SENDER="One sender.",
)
shown_enum(
    SuppressionStatus,
    "Whether an entry is in force.",
    ACTIVE="Yes.",
    LIFTED="No: a member ended it.",
    EXPIRED="No: it ended by itself.",
)
shown_enum(
    SuppressionImportStatus,
    "How far an uploaded list is.",
    UPLOADED="It waits to be read.",
    IMPORTING="Being read.",
    DONE="Read to its end.",
    FAILED="It couldn't be read; `failure` says why.",
)
shown_enum(
    Channel,
    "A way to reach a person.",
    EMAIL="Mail.",
    LINKEDIN="Messages on LinkedIn.",
    SMS="Text messages.",
    PUSH="Notifications.",
    CALL="Calls.",
)
shown_enum(
    LiftBasis,
    "What entitles somebody to lift an entry.",
    NEW_CONSENT="A consent record that is younger than the entry.",
    PERSONS_REQUEST="The person asked for it.",
    CORRECTION="The entry was wrong, or its reason is gone.",
)
