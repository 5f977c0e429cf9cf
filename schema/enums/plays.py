"""Enums of plays and runs."""

from domain.plays.profiles import ProfileState
from domain.plays.rules import PlayState
from domain.plays.sources import SourceKind
from domain.runs.rules import DropReason, LeadStage, PauseReason, RunStage, RunState
from schema.enums.showing import shown_enum

shown_enum(
    ProfileState,
    "Whether a version of a profile is in use.",
    name="StrategyProfileStatus",
    DRAFT="Being written; nothing is drafted from it.",
    ACTIVE="What the next run drafts from.",
    ARCHIVED="Put away.",
)
shown_enum(
    PlayState,
    "Whether a play can be run.",
    name="PlayStatus",
    DRAFT="It lacks something; `missing` says what.",
    READY="It can be launched.",
    ACTIVE="A run of it goes on.",
    PAUSED="Held by a member, with all its runs.",
    ARCHIVED="Put away.",
)
shown_enum(
    SourceKind,
    "Where a play's leads come from.",
    name="PlaySourceKind",
    IMPORT="All leads of one import.",
    FILTER="All leads that match when a run looks for them.",
    LEADS="Named leads.",
)
shown_enum(
    RunState,
    "Whether a run goes on.",
    name="RunStatus",
    QUEUED="Launched; it waits for its turn.",
    RUNNING="At work.",
    PAUSED="Held; `pauseReason` says why.",
    CANCELLING="Cancelled, and letting go of its last leads.",
    CANCELLED="Cancelled for good.",
    COMPLETED="Every lead has come to an end.",
    FAILED="It couldn't go on; `failure` says why.",
)
shown_enum(
    PauseReason,
    "Why a run is paused.",
    name="RunPauseReason",
    USER="A member paused it.",
    BUDGET="Its budget, or the workspace's credits, are used up.",
    BOUNCE="Too many of its messages came back.",
    AUTH="None of its senders can log in.",
)
shown_enum(
    RunStage,
    "Where a run is seen to be: the earliest stage at which a lead still is.",
    DISCOVERING="Looking for leads.",
    ENRICHING="Finding out more about them.",
    DRAFTING="Messages are being drafted.",
    IN_REVIEW="Messages wait for a decision.",
    SCHEDULED="Approved messages wait for their time.",
    SENDING="Messages leave.",
)
shown_enum(
    LeadStage,
    "How far a lead has come in a run; DONE and DROPPED are closed.",
    name="RunLeadStage",
    DISCOVERED="Taken up.",
    ENRICHING="More about them is being looked for.",
    DRAFTING="Their first message is being drafted.",
    IN_REVIEW="Their message waits for a decision.",
    SCHEDULED="Their approved message waits for its time.",
    SENDING="They are being written to.",
    DONE="The sequence has come to its end for them.",
    DROPPED="The run let go of them; `droppedReason` says why.",
)
shown_enum(
    DropReason,
    "Why a run has let go of a lead.",
    SUPPRESSED="They must not be contacted.",
    RESTRICTED="Their data may be kept but not used.",
    ERASED="Their data were erased.",
    DUPLICATE="They are the same person as another lead.",
    EXCLUSIVE_ELSEWHERE="Another sequence of the workspace has them.",
    DISQUALIFIED="They don't fit.",
    NO_ADDRESS="Nobody knows an address of theirs.",
    INVALID_ADDRESS="Their address can't be delivered to.",
    ENRICHMENT_FAILED="Finding out more about them failed.",
    DRAFT_FAILED="No draft came out that may be shown.",
    REJECTED="A member rejected their message, or took them out.",
    SEND_FAILED="Their message couldn't be sent.",
    POLICY="The rules for their country don't allow it.",
    BUDGET="The run's budget was used up.",
    RUN_CANCELLED="The run was cancelled.",
    RUN_FAILED="The run failed.",
)
