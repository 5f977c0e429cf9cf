"""What a caller must be allowed for each root field; `@requiresScope` shows it.

Lists and look-ups say it where they are declared. Use cases ask for it themselves, so what stands here is checked
against them by a test.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from domain.workspaces.rules import Permission

_P = Permission

_BY_PERMISSION: Final[Mapping[Permission, str]] = {
    _P.READ: "eventTypes suppressionCheck jobEvents workspaceEvents creditEvents senderEvents runEvents"
    " messageEvents replies",
    _P.WRITE_LEADS: "leadCreate leadUpdate leadRestrict companyUpdate enrichmentRequest factReject factPin",
    _P.IMPORT_LEADS: "leadImportUpload leadImport leadImportCancel",
    _P.EXPORT_LEADS: "leadsExport",
    _P.WRITE_STRATEGY: "strategyProfileCreate strategyProfileUpdate strategyProfileArchive",
    _P.WRITE_SEQUENCES: "sequenceCreate sequenceUpdate sequenceActivate sequenceArchive",
    _P.WRITE_PLAYS: "playCreate playUpdate playPause playResume playArchive",
    _P.LAUNCH_RUNS: "playLaunch",
    _P.CONTROL_RUNS: "runPause runResume runCancel enrollmentPause enrollmentResume enrollmentRemove",
    _P.EDIT_MESSAGES: "messageEdit messageWrite messageTestSend enrollmentDraft messagePreview",
    _P.APPROVE_MESSAGES: "messageApprove messageReject messagesApprove deliveryResend deliveryMarkSent threadAnswer",
    _P.HANDLE_REPLIES: "replyClassify threadAnswer threadClose threadReopen threadSnooze threadMarkRead",
    _P.MANAGE_SENDERS: "senderConnect senderReconnect senderVerify senderUpdate senderPause senderResume"
    " senderDisconnect",
    _P.ADD_SUPPRESSIONS: "suppressionAdd suppressionImport",
    _P.LIFT_SUPPRESSIONS: "suppressionLift",
    _P.VIEW_CREDITS: "creditAccount",
    _P.OPEN_PRIVACY_REQUESTS: "privacyRequestOpen privacyRequestVerify privacyRequestResendCode privacyRequestEvents",
    _P.HANDLE_PRIVACY_REQUESTS: "privacyRequestConfirmIdentity privacyRequestDeny privacyRequestLink",
    _P.MANAGE_MEMBERS: "memberInvite memberUpdate memberRemove",
    _P.MANAGE_TOKENS: "apiTokenCreate apiTokenRevoke apiClientCreate apiClientUpdate apiClientSuspend apiClientResume"
    " apiClientRevoke persistedDocumentEnable persistedDocumentDisable",
    _P.PUBLISH_DOCUMENTS: "documentsPublish",
    _P.MANAGE_WORKSPACE: "workspaceUpdate sendingPolicyUpdate providerDataWithdraw",
    _P.VIEW_AUDIT: "auditVerify",
}


_MANAGING: Final = frozenset(permission for permission in Permission if permission.startswith("MANAGE_"))


@cache
def scopes_of(field: str) -> tuple[Permission, ...]:
    """Return the permissions that a root field asks for by itself, by the field's name in the API."""
    return tuple(permission for permission, fields in _BY_PERMISSION.items() if field in fields.split())


@cache
def may_change_callers(field: str) -> bool:
    """Tell whether a mutation may change who callers are or what they may do.

    Those may that ask for no permission, because they are about accounts and memberships, and those that manage.
    """
    scopes = scopes_of(field)
    return not scopes or not _MANAGING.isdisjoint(scopes)
