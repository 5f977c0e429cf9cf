"""Enums of replies and bounces."""

from domain.replies.bounce_policy import BounceClass, BounceRemedy
from domain.replies.bounces import BounceAction
from domain.replies.labels import ClassificationStatus, EvidenceSource, Label, Method, Nuance
from domain.replies.matching import MatchBy, Participant
from domain.replies.rules import ReplyStatus, ThreadStatus
from schema.enums.showing import shown_enum

shown_enum(
    Label,
    "What a mail is. UNSUBSCRIBE, COMPLAINT, LEGAL and DSR act at once and can't be made less.",
    name="ReplyLabel",
    INTERESTED="They want to know more, or to meet.",
    QUESTION="They ask something.",
    REFERRAL="They name somebody else to talk to.",
    NOT_NOW="Later, perhaps.",
    NOT_INTERESTED="No.",
    WRONG_PERSON="They aren't the one this is for.",
    HUMAN="A person wrote; what they want is unknown.",
    OOO="They are out of office.",
    AUTO="A machine answered.",
    BOUNCE="A server couldn't deliver.",
    UNSUBSCRIBE="They want no more messages.",
    COMPLAINT="They complain, or reported spam.",
    LEGAL="A legal threat, or a lawyer's letter.",
    DSR="They use a right over their data.",
    CALENDAR="An answer to an invitation, from a calendar.",
    READ_RECEIPT="A note that a message was opened.",
    LIST_MAIL="A newsletter or the like, which answers nothing.",
)
shown_enum(
    Nuance,
    "What a label leaves open.",
    name="ReplyNuance",
    LEFT_COMPANY="With WRONG_PERSON: the lead doesn't work there any more.",
    CHALLENGE="With AUTO: a check whether the sender is a person waits for a person.",
    ACCESS_REQUEST="With DSR: they want to see their data.",
    ERASURE_REQUEST="With DSR: they want their data erased.",
    OBJECTION="With DSR: they object to being contacted.",
    AUTOMATIC="With UNSUBSCRIBE: their mail program's own button.",
    MEETING_INVITATION="With INTERESTED: they sent a calendar invitation.",
)
shown_enum(
    Method,
    "Who classified.",
    name="ClassificationMethod",
    RULE="A fixed rule.",
    MODEL="A language model.",
    HUMAN="A member.",
)
shown_enum(
    ClassificationStatus,
    "Whether a person has looked at a classification.",
    PROPOSED="Nobody has.",
    CONFIRMED="A member agreed.",
    CORRECTED="A member said otherwise.",
)
shown_enum(
    EvidenceSource,
    "The part of a mail that shows why.",
    SUBJECT="The subject.",
    NEW_TEXT="Their own words.",
    HEADER="A header.",
    REPORT="A server's report.",
)
shown_enum(
    MatchBy,
    "What ties a mail to ours, strongest first.",
    name="ReplyMatch",
    REFERENCES="It names our message.",
    ALIAS="It came to an address made for our message.",
    ADDRESS="It is from somebody we wrote to.",
    DOMAIN="It is from a company we wrote to.",
    NONE="Nothing.",
)
shown_enum(
    Participant,
    "Who wrote, as seen from the lead.",
    name="ReplyParticipant",
    LEAD="The lead.",
    COLLEAGUE="Somebody of the lead's company.",
    STRANGER="Somebody else.",
)
shown_enum(
    ReplyStatus,
    "How far a reply was dealt with.",
    RECEIVED="Read in.",
    MATCHED="Tied to one of our messages.",
    UNMATCHED="Tied to none.",
    CLASSIFIED="What it is was decided.",
    HANDLED="A member dealt with it.",
)
shown_enum(
    ThreadStatus,
    "Whether a conversation wants attention.",
    OPEN="Yes.",
    SNOOZED="Not before a certain moment.",
    CLOSED="No; a person's next mail opens it again.",
)
shown_enum(
    BounceClass,
    "Whose fault a bounce is.",
    HARD="The address.",
    SOFT="The moment: a full mailbox, a server that is down.",
    BLOCK="The sender: it is blocked there.",
    POLICY="The message, or a rule there.",
    UNKNOWN="Nobody can tell.",
)
shown_enum(
    BounceRemedy,
    "What a bounce asks for.",
    INVALIDATE_ADDRESS="Never write to this address again, and end the enrollment.",
    RETRY_LATER="Try again later.",
    SLOW_LANE="Fewer mails from this sender to that domain.",
    PAUSE_SENDER="Stop the sender, and tell its owner.",
    FAIL_MESSAGE="Give this message up; neither address nor sender is bad.",
    WAIT="Nothing: the server still tries.",
    REVIEW="A person should look.",
)
shown_enum(
    BounceAction,
    "Whether the server has given up or still tries.",
    FAILED="It has given up.",
    DELAYED="It still tries.",
    DELIVERED="It was delivered after all.",
    RELAYED="It was passed on to a server that sends no reports.",
    EXPANDED="It was passed on to several addresses.",
)
