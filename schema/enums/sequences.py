"""Enums of sequences, enrollments, messages and their checks."""

from domain.sequences.definition import DrafterName
from domain.sequences.readiness.checks import CheckResult, Rule
from domain.sequences.reply_rules import OnColleagueReply, OnOoo, OnReply
from domain.sequences.rules import (
    EnrollmentStatus,
    MessageStatus,
    PauseReason,
    SequenceStatus,
    StepKind,
    ThreadMode,
    VariantStatus,
)
from schema.enums.showing import shown_enum

shown_enum(
    SequenceStatus,
    "A version's life; an ACTIVE one never changes again.",
    DRAFT="Being written.",
    IN_REVIEW="Waits for a second person; not used so far.",
    APPROVED="A second person agreed; not used so far.",
    ACTIVE="Plays can use it.",
    PAUSED="Held; not used so far.",
    ARCHIVED="Out of use; who is enrolled in it goes on.",
)
shown_enum(
    StepKind,
    "What a step does; only EMAIL steps can be run so far.",
    EMAIL="Sends a message.",
    LINKEDIN_TASK="Asks a member to do something on LinkedIn.",
    SMS="Sends a text message.",
    PUSH="Sends a notification.",
    CALL_TASK="Asks a member to call.",
    WAIT="Waits.",
    BRANCH="Goes one of two ways.",
    WEBHOOK="Calls another program.",
    MOVE="Goes on in another sequence.",
)
shown_enum(
    ThreadMode,
    "Whether a step opens a conversation or answers in the one before.",
    NEW="Opens a conversation.",
    REPLY="Answers in the one before.",
)
shown_enum(
    VariantStatus,
    "Whether a variant takes part in the choice.",
    DRAFT="Not yet.",
    ACTIVE="Yes, by its weight.",
    PAUSED="Not for now.",
    WINNER="Yes, and no other does.",
    RETIRED="Not any more.",
)
shown_enum(
    DrafterName,
    "Who writes drafts: filled templates, or a language model.",
    LIQUID_TEMPLATE="Liquid templates, filled with facts. No AI.",
    ANTHROPIC="A model of Anthropic, from evidence.",
)
shown_enum(
    OnReply,
    "What the lead's own answer does to its sequence; an opt-out ends it in any case.",
    STOP="Ends it as REPLIED.",
    PAUSE="Pauses it until a member resumes it.",
)
shown_enum(
    OnColleagueReply,
    "What an answer by somebody else at the lead's company does to its sequence.",
    NONE="Nothing.",
    PAUSE="Pauses it until a member resumes it.",
    STOP="Ends it as REPLIED.",
)
shown_enum(
    OnOoo,
    "What an out-of-office note does to the lead's sequence.",
    RESUME_ON_RETURN="Pauses it until the day they are back; without one, for the default days.",
    RESUME_AFTER_DAYS="Pauses it for the default days, whatever day they name.",
    CONTINUE="Nothing.",
)
shown_enum(
    EnrollmentStatus,
    "Where a lead is in a sequence; the last seven are for good.",
    PENDING="Enrolled; the first message isn't drafted.",
    ACTIVE="On the way from step to step.",
    PAUSED="Nothing is sent until it is resumed; `pauseReason` says why.",
    REPLIED="The lead answered.",
    FINISHED="All steps are done.",
    BOUNCED="A message came back for good.",
    OPTED_OUT="The lead asked not to be written to.",
    SUPPRESSED="The lead must not be contacted.",
    FAILED="A step couldn't be done.",
    REMOVED="A member or a run took the lead out.",
)
shown_enum(
    PauseReason,
    "Why an enrollment waits.",
    MANUAL="A member paused it; only a member ends that.",
    OOO="The lead is out of office.",
    SENDER="Its mailbox can't send.",
    BUDGET="The run's budget is used up.",
    CAP="An allowance is used up.",
    COLLEAGUE_REPLY="A colleague of the lead answered.",
)
shown_enum(
    MessageStatus,
    "A message's content up to the decision about it.",
    GENERATING="Being drafted.",
    DRAFTED="Drafted, and not checked yet.",
    EDITED="Changed by a person, and not checked yet.",
    IN_REVIEW="Waits for a decision.",
    APPROVED="May leave as it is; its delivery tells the rest.",
    REJECTED="A person refused it.",
    CANCELLED="It won't leave: what it belonged to has ended.",
)
shown_enum(
    CheckResult,
    "What a check found.",
    PASS="Nothing.",  # noqa: S106 - a result, not a password
    WARN="A person should look.",
    BLOCK="It can't be approved like this.",
)
shown_enum(
    Rule,
    "The checks a message passes before a person may approve it.",
    SUBJECT_FORM="The subject is one line without markup, control characters or doubled marks.",
    SUBJECT_LENGTH="The subject fits where it is shown.",
    FAKE_THREAD="`Re:` and `Fwd:` stand only on answers in a real thread.",
    BODY_LENGTH="The text is neither empty nor longer than people read.",
    CONTROL_CHARACTERS="No invisible or control characters.",
    HTML="The HTML says what the text says, and nothing hidden or loaded from elsewhere.",
    FOOTER="The footer is complete, unchanged and at the end.",
    PLACEHOLDER="No placeholder was left unfilled.",
    NAME="The greeting names the recipient and nobody else.",
    LANGUAGE="It is written in the step's language.",
    CLAIM_EVIDENCE="Every claim rests on evidence that exists and belongs to this lead or offer.",
    CLAIM_SUPPORT="The evidence says what the claim says.",
    CLAIM_AGE="The evidence is fresh and trusted enough.",
    NUMBERS="Every number has evidence or is the workspace's own.",
    PERSONALISATION="A first message says something about its reader.",
    CONTACTS="Addresses, numbers and links are the workspace's own or allowed.",
    LINK_COUNT="At most one link.",
    FORBIDDEN_CLAIM="Nothing that the profile forbids to claim.",
    SENSITIVE_TOPIC="Nothing about health, beliefs or the like of a person.",
    PRETENCE="No pretended acquaintance.",
    SHOUTING="No capitals and exclamation marks for emphasis.",
    SPAM_PHRASE="No phrases that read as advertising.",
    QUESTIONS="At most one question.",
    READABILITY="No sentence that is too long to follow.",
    SIMILARITY="Not almost the same as an earlier message.",
)
