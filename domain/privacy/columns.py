"""The column registry: every column of every table, what it tells about a person, and how it is erased.

A test compares it with the migrated database in both directions, so that a new column can't be forgotten.
Erasures and access bundles are driven by it: what stands here is what happens.

A DELETE column condemns its row; MASK empties the value (null, the column's default, or an empty text) and HASH
replaces it, while the row stays for the statistics; KEEP names its reason, which the receipt repeats.
"""

from collections.abc import Mapping
from typing import Final

from domain.privacy.data_classes import (
    ROW,
    Column,
    DataClass,
    DataRole,
    Retention,
    deleted,
    hashed,
    kept,
    masked,
    table,
)
from domain.privacy.rules import ErasureAction, KeepReason

CONTROLLER, PROCESSOR = DataRole.CONTROLLER, DataRole.PROCESSOR
IDENTITY, CONTACT, CONTENT = DataClass.IDENTITY, DataClass.CONTACT, DataClass.CONTENT
BEHAVIOUR, SECRET, FINANCIAL = DataClass.BEHAVIOUR, DataClass.SECRET, DataClass.FINANCIAL
TECHNICAL, LIFE = DataClass.TECHNICAL, Retention.WORKSPACE
ACCOUNT, SHORT, LEDGER = Retention.ACCOUNT, Retention.SHORT, Retention.LEDGER
OBLIGATION, AUDIT, WILL = KeepReason.LEGAL_OBLIGATION, KeepReason.AUDIT, KeepReason.SUPPRESSION

_ACCOUNTS: Final = {
    "app_user": table(
        CONTROLLER, ACCOUNT,
        kept("id created_at updated_at version status locale time_zone"),
        masked("name", IDENTITY),
        masked("email", CONTACT),
        masked("email_verified_at last_login_at", BEHAVIOUR),
    ),
    "credential": table(
        CONTROLLER, ACCOUNT,
        kept("id user_id created_at updated_at version kind issuer revoked_at"),
        deleted("subject", IDENTITY),
        deleted("secret_hash", SECRET),
        deleted("last_used_at", BEHAVIOUR),
    ),
    "session": table(
        CONTROLLER, SHORT,
        kept("id user_id workspace_id created_at updated_at version expires_at revoked_at revoked_reason"),
        deleted("token_hash", SECRET),
        deleted("ip user_agent", TECHNICAL),
        deleted("last_seen_at", BEHAVIOUR),
    ),
    "one_time_token": table(
        CONTROLLER, SHORT,
        kept("id user_id created_at updated_at version purpose expires_at used_at"),
        deleted("token_hash", SECRET),
    ),
    "platform_mail": table(
        CONTROLLER, SHORT,
        kept("id created_at updated_at version kind state attempts due_at"),
        deleted("to_address", CONTACT),
        deleted("subject body error", CONTENT),
    ),
    "platform_suppression": table(
        CONTROLLER, Retention.SUPPRESSION,
        kept("id created_at updated_at version kind reason"),
        kept("key_hash", IDENTITY, why=WILL),
    ),
    "first_party_document": table(
        CONTROLLER, LIFE,
        kept("id created_at updated_at version document_id text_hash text name kind cost scopes deprecated_fields"),
        kept("uses last_used_at status"),
    ),
    "tortoise_migrations": table(CONTROLLER, LIFE, kept("id app name applied_at")),
}  # fmt: skip

_WORKSPACES: Final = {
    "workspace": table(
        CONTROLLER, ACCOUNT,
        kept("id created_at updated_at version name slug owner_user_id status default_time_zone locale"),
        kept("sending_window sending_limits postal_address"),
    ),
    "data_key": table(CONTROLLER, LIFE, kept("id workspace_id created_at rotated_at"), kept("wrapped", SECRET)),
    "log_head": table(CONTROLLER, LIFE, kept("workspace_id seq audit_seq audit_hash")),
    "row_count": table(CONTROLLER, LIFE, kept("workspace_id relation delta")),
    "event": table(
        PROCESSOR, LIFE,  # by rule without personal data, so that an erasure needn't rewrite the log
        kept("workspace_id seq type type_version subject_kind subject_id run_id payload occurred_at"),
    ),
    "audit_event": table(
        CONTROLLER, Retention.AUDIT,
        kept("workspace_id seq id prev_hash hash personal_hash"),
        kept("actor_kind actor_id action target_kind target_id purpose detail occurred_at", BEHAVIOUR, why=AUDIT),
        kept("request_id", TECHNICAL, why=AUDIT),
    ),
    "idempotency_record": table(
        CONTROLLER, SHORT,
        kept("workspace_id caller_id mutation fingerprint result_id created_at"),
        deleted("key", CONTENT), kept("errors", CONTENT),
    ),
    "task": table(
        PROCESSOR, SHORT,
        kept(ROW), kept("kind payload unique_key state due_at attempts epoch lease_until finished_at"),
        kept("error", CONTENT),
    ),
    "member": table(CONTROLLER, ACCOUNT, kept(ROW), kept("user_id role status")),
    "invitation": table(
        CONTROLLER, SHORT,
        kept(ROW), kept("role invited_by expires_at status"),
        deleted("email", CONTACT),
        deleted("token_hash", SECRET),
    ),
    "api_token": table(
        CONTROLLER, ACCOUNT,
        kept(ROW), kept("name role api_client_id created_by expires_at last_used_at revoked_at"),
        kept("token_hash", SECRET),
    ),
    "api_client": table(
        CONTROLLER, ACCOUNT,
        kept(ROW), kept("name policy status points_max points_per_s subscriptions_max expires_at"),
    ),
    "persisted_document": table(
        CONTROLLER, ACCOUNT,
        kept(ROW), kept("api_client_id document_id text_hash text name kind cost scopes deprecated_fields"),
        kept("uses last_used_at status"),
    ),
}  # fmt: skip

_LEADS: Final = {
    "company": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("name name_key domain website_url linkedin_url industry employee_count city region country"),
        kept("time_zone"), kept("description", CONTENT),
    ),
    "lead": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("import_job_id erased_at"),
        masked("first_name last_name full_name name_company_key linkedin_url linkedin_key", IDENTITY),
        masked("company_id title seniority department city region country time_zone time_zone_source locale", IDENTITY),
        masked("email email_identity phone", CONTACT),
        masked("custom_fields email_status_reason", CONTENT),
        kept("status source_kind email_status email_checked_at restricted_at", BEHAVIOUR),
    ),
    "lead_search": table(PROCESSOR, LIFE, kept("workspace_id lead_id"), deleted("words", CONTENT)),
    "field_value": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("lead_id company_id provider_call_id pinned state"),
        deleted("about field value snippet", CONTENT),
        deleted("source_kind source source_url confidence observed_at retrieved_at expires_at", BEHAVIOUR),
    ),
    "provider_call": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("run_id lead_id company_id cache_hit units refused_count latency_ms"),
        kept("expires_at"),
        hashed("request_fingerprint", TECHNICAL),
        masked("detail", CONTENT),
        kept("provider endpoint status started_at finished_at", BEHAVIOUR),
        kept("cost_credits", FINANCIAL),
    ),
    "import_job": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("status file_path file_hash byte_size format encoding delimiter headers mapping"),
        kept("estimated_row_count on_row_error on_duplicate default_country legal_basis requested_by attested_by"),
        kept("attested_at row_count processed_count created_count updated_count duplicate_count suppressed_count"),
        kept("error_count started_at finished_at"),
        kept("file_name error", CONTENT),
        masked("samples suggestions", CONTENT),
    ),
    "import_row_error": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("import_job_id row_index code field dropped"), deleted("message", CONTENT),
    ),
    "import_known_lead": table(PROCESSOR, LIFE, kept("workspace_id import_job_id lead_id")),
    "enrichment_request": table(
        PROCESSOR, SHORT,
        kept(ROW), kept("status plan lead_ids requested_by started_at finished_at"), kept("outcomes error", CONTENT),
    ),
    "lead_export": table(
        PROCESSOR, SHORT,
        kept(ROW), kept("status columns file_path file_hash byte_size row_count requested_by started_at finished_at"),
        kept("expires_at"), kept("predicate error", CONTENT),
    ),
}  # fmt: skip

_STRATEGY: Final = {
    "sender": table(
        CONTROLLER, LIFE,
        kept(ROW), kept("kind address domain display_name server status files_sent_copy capabilities daily_limit"),
        kept("gap_min_s gap_max_s sending_window ramp authorized_by verified_at last_polled_at next_send_at"),
        kept("disconnected_at"), kept("status_reason", CONTENT), kept("secret_encrypted", SECRET),
    ),
    "mailbox_cursor": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("sender_id folder uid_validity last_uid read_since next_poll_at polled_at lease_until epoch"),
        kept("failures watched_until"), kept("failure", CONTENT),
    ),
    "strategy_profile": table(
        CONTROLLER, LIFE,
        kept(ROW), kept("lineage_id number name tone languages status"),
        kept("persona offer proofs cta forbidden_claims icp", CONTENT),
    ),
    "sequence": table(CONTROLLER, LIFE, kept(ROW), kept("lineage_id number name ruleset status")),
    "sequence_step": table(
        CONTROLLER, LIFE,
        kept(ROW), kept("sequence_id position kind delay_days delay_business_days thread_mode"),
    ),
    "step_variant": table(
        CONTROLLER, LIFE,
        kept(ROW), kept("step_id label language weight status"), kept("subject_template body_template", CONTENT),
    ),
    "play": table(
        CONTROLLER, LIFE,
        kept(ROW), kept("trigger profile_id sequence_id enrichment_plan budget_credits max_leads status"),
        kept("name goal source", CONTENT),
    ),
    "play_sender": table(CONTROLLER, LIFE, kept(ROW), kept("play_id sender_id")),
    "run": table(
        CONTROLLER, LIFE,
        kept(ROW), kept("play_id profile_id sequence_id enrichment_plan inputs_hash seed requested_by budget_credits"),
        kept("max_leads taken_leads batches status pause_reason discovery_cursor discovered_at started_at"),
        kept("finished_at is_retryable"),
        kept("source failure", CONTENT),
    ),
}  # fmt: skip

_OUTREACH: Final = {
    "run_lead": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("run_id lead_id batch"), kept("stage dropped_reason enriched_at drafted_at", BEHAVIOUR),
    ),
    "enrollment": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("run_id lead_id sequence_id sender_id"),
        kept("status pause_reason resume_at current_position next_at ended_at", BEHAVIOUR),
    ),
    "thread": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("sender_id lead_id unread snoozed_until"),
        masked("subject", CONTENT), kept("status last_at", BEHAVIOUR),
    ),
    "message": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("kind run_id enrollment_id step_id variant_id thread_id lead_id sender_id drafted_by model"),
        kept("prompt_version edited_by readiness score in_reply_to_id"),
        masked("to_address", CONTACT),
        masked("subject text_body html_body claims readiness_checks", CONTENT),
        kept("content_hash", TECHNICAL, why=AUDIT),
        kept("status", BEHAVIOUR),
    ),
    "approval": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("message_id decided_by batch_id status voided_at"),
        masked("comment", CONTENT), kept("content_hash", TECHNICAL, why=AUDIT), kept("decision", BEHAVIOUR),
    ),
    "ai_call": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("run_id lead_id message_id prompt_version price_version input_tokens cache_write_tokens"),
        kept("cache_read_tokens output_tokens stop_reason latency_ms"),
        kept("vendor_request_id", TECHNICAL), kept("purpose model", BEHAVIOUR),
        kept("cost_usd cost_credits", FINANCIAL),
    ),
    "delivery": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("message_id enrollment_id step_id sender_id lead_id attempts epoch lease_until reconcile_at"),
        kept("reconcile_count refused_gate refused_until"),
        masked("to_address to_domain", CONTACT),
        masked("detail refused_value", CONTENT),
        kept("content_hash", TECHNICAL, why=AUDIT),
        kept("rfc_message_id rfc_message_id_final provider_ref enhanced_code", TECHNICAL),
        kept("state due_at first_tried_at handed_off_at unknown_since sent_at bounced_at complained_at", BEHAVIOUR),
        kept("replied_at", BEHAVIOUR),
    ),
    "delivery_attempt": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("delivery_id epoch"), kept("kind result at", BEHAVIOUR), masked("detail", CONTENT),
    ),
    "reply": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("sender_id thread_id lead_id enrollment_id delivery_id run_id folder uid_validity uid"),
        kept("matched_by match_score participant truncated label_confidence label_method label_status needs_review"),
        kept("rfc_message_id", TECHNICAL, why=WILL),  # so that an erased mail isn't read in again
        masked("rfc_references", TECHNICAL),
        masked("from_name referred_name", IDENTITY),
        masked("from_address referred_address", CONTACT),
        masked("subject text_body stripped_text evidence_span", CONTENT),
        kept("received_at label nuance return_on status", BEHAVIOUR),
    ),
    "classification": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("reply_id confidence method decided_by status"),
        masked("evidence_span", CONTENT), kept("label nuance return_on", BEHAVIOUR),
    ),
    "bounce": table(
        PROCESSOR, LIFE,
        kept(ROW), kept("reply_id delivery_id action remedy"), masked("recipient", CONTACT),
        masked("diagnostic", CONTENT), kept("enhanced_code", TECHNICAL), kept("bounce_class bounced_on", BEHAVIOUR),
    ),
    "suppression": table(
        PROCESSOR, Retention.SUPPRESSION,
        kept(ROW), kept("scope scope_id lead_ids added_by expires_at lifted_by lifted_at lift_basis"),
        kept("key_hash", IDENTITY, why=WILL),
        masked("display", CONTACT), masked("evidence lift_comment", CONTENT),
        kept("kind reason channels status", BEHAVIOUR, why=WILL),
    ),
    "suppression_import": table(
        PROCESSOR, SHORT,
        kept(ROW), kept("file_path byte_size status imported_by read_count added_count known_count error_count"),
        kept("finished_at"), masked("row_errors", CONTENT), kept("file_name failure", CONTENT),
    ),
}  # fmt: skip

_RECORDS: Final = {
    "credit_account": table(CONTROLLER, LEDGER, kept("workspace_id available held consumed expired topped_up_to")),
    "credit_budget": table(CONTROLLER, LEDGER, kept("workspace_id run_id committed cap")),
    "credit_grant": table(
        CONTROLLER, LEDGER,
        kept(ROW), kept("source amount remaining priority effective_at expires_at status reference"),
    ),
    "credit_hold": table(
        CONTROLLER, LEDGER,
        kept(ROW), kept("operation_key purpose run_id amount settled allocations status expires_at"),
    ),
    "ledger_entry": table(
        CONTROLLER, LEDGER,
        kept("id workspace_id transaction_id account kind amount operation_key part hold_id grant_id run_id"),
        kept("provider_call_id ai_call_id delivery_id reverses_id occurred_at"),
    ),
    "privacy_request": table(
        CONTROLLER, Retention.REQUEST,
        kept(ROW), kept("channel opened_by result_hash result_expires_at"),
        masked("subject_email", CONTACT), masked("result_path", TECHNICAL),
        kept("subject_hash", IDENTITY, why=WILL),
        kept("kind regime status due_on denial_ground verified_at fulfilled_at", BEHAVIOUR, why=OBLIGATION),
    ),
    "privacy_task": table(
        CONTROLLER, Retention.REQUEST,
        kept(ROW), kept("request_id store action status found_count changed_count retained_reason"),
    ),
    "identity_verification": table(
        CONTROLLER, Retention.REQUEST,
        kept(ROW), kept("request_id expires_at"), kept("code_hash", SECRET),
        kept("method attempts status", BEHAVIOUR, why=OBLIGATION),
    ),
    "erasure": table(
        CONTROLLER, Retention.SUPPRESSION,
        kept(ROW), kept("request_id erased_at"), kept("identity_hash", IDENTITY, why=WILL),
    ),
}  # fmt: skip

REGISTRY: Final[Mapping[str, Mapping[str, Column]]] = {
    **_ACCOUNTS, **_WORKSPACES, **_LEADS, **_STRATEGY, **_OUTREACH, **_RECORDS,
}  # fmt: skip


def columns_with(table_name: str, action: ErasureAction) -> list[str]:
    """Return a table's columns that an erasure treats in one way."""
    return [name for name, column in REGISTRY[table_name].items() if column.action is action]


def shown_columns(table_name: str) -> list[str]:
    """Return the columns that a person gets to see: all that tell something about them, but no secrets."""
    hidden = (DataClass.NONE, SECRET)
    return [name for name, column in REGISTRY[table_name].items() if column.data_class not in hidden]


def free_texts() -> dict[str, list[str]]:
    """Return the columns by table in which somebody else's address may be mentioned.

    Addresses of members and of open requests are the operator's own, and stay until they are no longer needed.
    """
    found = {
        table_name: [name for name, column in columns.items() if _may_mention(column)]
        for table_name, columns in REGISTRY.items()
        if "workspace_id" in columns
    }
    return {table_name: names for table_name, names in found.items() if names}


def _may_mention(column: Column) -> bool:
    return column.data_class is CONTENT or (column.data_class is CONTACT and column.role is PROCESSOR)


def reasons_kept(table_name: str) -> list[str]:
    """Return why parts of a person's rows stay, as sorted names of ``KeepReason``."""
    return sorted(
        {column.erasure.reason for column in REGISTRY[table_name].values() if column.erasure.reason}
    )
