"""Every root mutation leaves an audit entry, or stands here with the reason why it can't."""

import re
from pathlib import Path

from schema.root import build_schema

DOMAIN = Path(__file__).parents[2] / "domain"

OUTSIDE_WORKSPACES = {
    "signUp", "setUp", "emailVerify", "passwordResetRequest", "passwordReset", "signIn", "signOut", "sessionRevoke",
}  # fmt: skip
"""Accounts belong to no workspace, and so to no workspace's chain; sessions and links are records themselves."""

ACTIONS = {
    "workspaceCreate": "workspace.create",
    "workspaceUpdate": "workspace.update",
    "memberInvite": "member.invite",
    "invitationAccept": "member.join",
    "memberUpdate": "member.change",
    "memberRemove": "member.change",
    "apiTokenCreate": "api_token.create",
    "apiTokenRevoke": "api_token.revoke",
    "apiClientCreate": "api_client.create",
    "apiClientUpdate": "api_client.update",
    "apiClientSuspend": "api_client.move",
    "apiClientResume": "api_client.move",
    "apiClientRevoke": "api_client.move",
    "documentsPublish": "persisted_document.publish",
    "persistedDocumentEnable": "persisted_document.move",
    "persistedDocumentDisable": "persisted_document.move",
    "suppressionAdd": "suppression.add",
    "suppressionImport": "suppression.import",
    "suppressionLift": "suppression.lift",
    "companyUpdate": "company.update",
    "leadImportUpload": "lead_import.upload",
    "leadImport": "lead_import.attest",
    "leadImportCancel": "lead_import.cancel",
    "leadCreate": "lead.create",
    "leadUpdate": "lead.update",
    "leadRestrict": "lead.restrict",
    "leadsExport": "lead_export.request",
    "enrichmentRequest": "enrichment.request",
    "factReject": "fact.reject",
    "factPin": "fact.pin",
    "providerDataWithdraw": "provider.withdraw",
    "senderConnect": "sender.connect",
    "senderReconnect": "sender.reconnect",
    "senderVerify": "sender.verify",
    "senderUpdate": "sender.update",
    "sendingPolicyUpdate": "sending_policy.update",
    "senderPause": "sender.pause",
    "senderResume": "sender.resume",
    "senderDisconnect": "sender.disconnect",
    "sequenceCreate": "sequence.create",
    "sequenceUpdate": "sequence.update",
    "sequenceActivate": "sequence.activate",
    "sequenceArchive": "sequence.archive",
    "strategyProfileCreate": "strategy_profile.write",
    "strategyProfileUpdate": "strategy_profile.write",
    "strategyProfileArchive": "strategy_profile.archive",
    "playCreate": "play.create",
    "playUpdate": "play.update",
    "playPause": "play.move",
    "playResume": "play.move",
    "playArchive": "play.move",
    "playLaunch": "run.launch",
    "runPause": "run.pause",
    "runResume": "run.resume",
    "runCancel": "run.cancel",
    "enrollmentPause": "enrollment.pause",
    "enrollmentResume": "enrollment.resume",
    "enrollmentRemove": "enrollment.remove",
    "enrollmentDraft": "enrollment.draft",
    "messageApprove": "message.approve",
    "messageReject": "message.reject",
    "messageEdit": "message.edit",
    "messageWrite": "message.write",
    "messagesApprove": "message.approve_many",
    "messageTestSend": "message.test_send",
    "deliveryResend": "delivery.resend",
    "deliveryMarkSent": "delivery.mark_sent",
    "replyClassify": "reply.classify",
    "threadAnswer": "thread.answer",
    "threadClose": "thread.change",
    "threadReopen": "thread.change",
    "threadSnooze": "thread.change",
    "threadMarkRead": "thread.change",
    "privacyRequestOpen": "privacy_request.open",
    "privacyRequestVerify": "privacy_request.move",
    "privacyRequestResendCode": "privacy_request.resend_code",
    "privacyRequestConfirmIdentity": "privacy_request.move",
    "privacyRequestDeny": "privacy_request.move",
    "privacyRequestLink": "privacy_request.link",
}
"""Root mutation -> what its audit entry says was done."""


def _written_actions() -> set[str]:
    """Return the first argument of every ``.audit(…)`` in the domain."""
    found = (
        re.findall(r'\.audit\(\s*"([a-z_]+\.[a-z_]+)"', path.read_text()) for path in DOMAIN.rglob("*.py")
    )
    return {action for actions in found for action in actions}


def test_every_mutation_says_how_it_is_audited_or_why_it_is_not() -> None:
    mutations = set(build_schema()._schema.mutation_type.fields)  # type: ignore[union-attr]

    assert sorted(mutations - set(ACTIONS) - OUTSIDE_WORKSPACES) == []
    assert sorted((set(ACTIONS) | OUTSIDE_WORKSPACES) - mutations) == []
    assert not set(ACTIONS) & OUTSIDE_WORKSPACES


def test_every_named_action_is_really_written_somewhere() -> None:
    assert sorted(set(ACTIONS.values()) - _written_actions()) == []
