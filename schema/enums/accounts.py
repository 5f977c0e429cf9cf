"""Enums of workspaces and credits."""

from domain.credits.ledger import EntryKind, LedgerAccount
from domain.credits.rules import GrantSource, GrantStatus
from domain.workspaces.rules import Permission, Role, WorkspaceStatus
from schema.enums.showing import shown_enum

shown_enum(
    Role,
    "What a member may do in a workspace.",
    OWNER="Everything; there is always at least one.",
    ADMIN="Everything but billing and credit grants.",
    MANAGER="What a rep may, and strategy, senders, exports and lifting suppressions.",
    REP="Imports leads, writes plays and sequences, launches runs, decides about messages, answers replies.",
    REVIEWER="Reads, edits, approves and rejects messages, adds suppressions.",
    ANALYST="Reads, exports leads and sees what credits were spent on.",
    BILLING="Sees and manages what is paid, and nothing of the outreach beyond reading.",
    PRIVACY_OFFICER="Handles privacy requests and suppressions, and reads the audit log.",
    READ_ONLY="Reads.",
    PUBLISHER="Publishes the documents of API clients, and nothing else: for the keys of build pipelines.",
)
shown_enum(
    Permission,
    "One thing that a role, and so a member or a token, may be allowed.",
    READ="Read everything that nothing else guards.",
    WRITE_STRATEGY="Write strategy profiles.",
    WRITE_PLAYS="Write, hold and put away plays.",
    WRITE_SEQUENCES="Write sequences.",
    LAUNCH_RUNS="Launch plays.",
    CONTROL_RUNS="Pause, resume and cancel runs and enrollments.",
    WRITE_LEADS="Enter and change leads and companies, and have them enriched.",
    IMPORT_LEADS="Import files of leads.",
    EXPORT_LEADS="Export leads.",
    EDIT_MESSAGES="Write, edit, preview and try out messages.",
    APPROVE_MESSAGES="Approve and reject messages, and decide about deliveries in doubt.",
    HANDLE_REPLIES="Answer and classify replies, and put conversations away.",
    MANAGE_SENDERS="Connect, change and disconnect senders.",
    ADD_SUPPRESSIONS="Add suppressions.",
    LIFT_SUPPRESSIONS="Lift suppressions.",
    VIEW_CREDITS="See the credit account and what it paid for.",
    GRANT_CREDITS="Grant credits.",
    MANAGE_BILLING="Change what is paid for.",
    OPEN_PRIVACY_REQUESTS="Open privacy requests and follow them.",
    HANDLE_PRIVACY_REQUESTS="Answer privacy requests.",
    MANAGE_MEMBERS="Invite, change and remove members.",
    MANAGE_TOKENS="Look after API clients, their documents and tokens.",
    PUBLISH_DOCUMENTS="Publish documents of API clients.",
    MANAGE_WEBHOOKS="Set up webhooks.",
    MANAGE_WORKSPACE="Change the workspace and its sending policy.",
    VIEW_AUDIT="Read and verify the audit log.",
)
shown_enum(
    WorkspaceStatus,
    "Where a workspace is between its trial and its purge.",
    TRIAL="Being tried out; it can send.",
    ACTIVE="In use.",
    PAST_DUE="In use, while a payment is late.",
    SUSPENDED="Nothing leaves until it is active again.",
    CLOSING="About to close; its owner can still take that back.",
    CLOSED="Nobody works in it any more; its data wait for the purge.",
    PURGED="Its data are gone.",
)
shown_enum(
    LedgerAccount,
    "Where credits are; they come from ISSUED, which is never above 0.",
    ISSUED="Where credits come from; the negative of all that was granted.",
    AVAILABLE="Free to be spent.",
    HELD="Set aside for work that runs.",
    CONSUMED="Paid.",
    EXPIRED="Lost with a grant that has ended.",
)
shown_enum(
    EntryKind,
    "What moved credits.",
    GRANT="Credits arrived.",
    RESERVE="Credits were set aside for an operation.",
    SETTLE="An operation was paid from what was set aside for it.",
    RELEASE="What an operation didn't need went back.",
    REFUND="What had been paid was given back.",
    EXPIRE="A grant ended with credits left in it.",
    ADJUST="The operator corrected the balance.",
)
shown_enum(
    GrantSource,
    "Where granted credits come from.",
    TRIAL="For trying Plera out.",
    OPERATOR="The operator granted them.",
    PLAN="Included in the workspace's plan.",
    PACK="Bought beside the plan.",
    PROMO="A present.",
    REFUND="Given back for something that had been paid.",
    ADJUST="A correction.",
)
shown_enum(
    GrantStatus,
    "Whether a grant can still pay.",
    ACTIVE="It has credits left and its time has not passed.",
    EXHAUSTED="Nothing is left of it.",
    EXPIRED="Its time has passed.",
    REVOKED="It was taken back.",
)
