"""Senders, sequences, strategy profiles, plays, runs and what they draft."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import tenant_table

SENDER = tenant_table(
    "sender",
    """
    kind text NOT NULL CHECK (kind IN ('SMTP_IMAP','GMAIL','OUTLOOK','LINKEDIN')),
    address text NOT NULL CHECK (address = lower(address)),
    domain text NOT NULL,
    display_name text NOT NULL,
    server jsonb NOT NULL DEFAULT '{}',
    secret_encrypted bytea,
    status text NOT NULL DEFAULT 'PENDING_AUTH' CHECK (status IN
        ('PENDING_AUTH','VERIFYING','ACTIVE','THROTTLED','WARMING','DEGRADED','PAUSED','REAUTH_REQUIRED','DISCONNECTED')),
    status_reason text,
    files_sent_copy boolean,
    capabilities jsonb NOT NULL DEFAULT '[]',
    daily_limit integer NOT NULL DEFAULT 50 CHECK (daily_limit BETWEEN 1 AND 150),
    gap_min_s integer NOT NULL DEFAULT 60,
    gap_max_s integer NOT NULL DEFAULT 300,
    sending_window jsonb,
    ramp jsonb NOT NULL DEFAULT '{}',
    authorized_by uuid,
    verified_at timestamptz,
    last_polled_at timestamptz,
    next_send_at timestamptz,
    disconnected_at timestamptz,
    CHECK (gap_min_s BETWEEN 0 AND gap_max_s)
    """,
    system_reads=("id", "workspace_id", "kind", "status", "capabilities", "last_polled_at"),
) + "CREATE UNIQUE INDEX sender_address_once ON sender (workspace_id, kind, address) WHERE status <> 'DISCONNECTED';"
MAILBOX_CURSOR = tenant_table(
    "mailbox_cursor",
    """
    sender_id uuid NOT NULL,
    folder text NOT NULL,
    uid_validity bigint NOT NULL DEFAULT 0,
    last_uid bigint NOT NULL DEFAULT 0,
    read_since timestamptz NOT NULL,
    next_poll_at timestamptz NOT NULL,
    polled_at timestamptz,
    lease_until timestamptz,
    epoch integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    failure text,
    watched_until timestamptz
    """,
    refs={"sender_id": "sender"},
    checks=("UNIQUE (workspace_id, sender_id, folder)",),
    system_reads=("workspace_id", "sender_id", "folder", "uid_validity", "next_poll_at", "lease_until", "watched_until"),
)
STRATEGY_PROFILE = tenant_table(
    "strategy_profile",
    """
    lineage_id uuid NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    persona jsonb NOT NULL,
    offer text NOT NULL,
    proofs jsonb NOT NULL DEFAULT '[]',
    tone text NOT NULL,
    cta text NOT NULL,
    forbidden_claims jsonb NOT NULL DEFAULT '[]',
    languages jsonb NOT NULL DEFAULT '["en"]',
    icp jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('DRAFT','ACTIVE','ARCHIVED'))
    """,
    checks=("UNIQUE (workspace_id, lineage_id, number)",),
)
SEQUENCE = tenant_table(
    "sequence",
    """
    lineage_id uuid NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    ruleset jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'DRAFT'
        CHECK (status IN ('DRAFT','IN_REVIEW','APPROVED','ACTIVE','PAUSED','ARCHIVED'))
    """,
    checks=("UNIQUE (workspace_id, lineage_id, number)",),
)
SEQUENCE_STEP = tenant_table(
    "sequence_step",
    """
    sequence_id uuid NOT NULL,
    position integer NOT NULL,
    kind text NOT NULL DEFAULT 'EMAIL' CHECK (kind IN ('EMAIL','LINKEDIN_TASK','CALL_TASK','WAIT')),
    delay_days integer NOT NULL DEFAULT 0 CHECK (delay_days BETWEEN 0 AND 365),
    delay_business_days boolean NOT NULL DEFAULT true,
    thread_mode text NOT NULL DEFAULT 'NEW' CHECK (thread_mode IN ('NEW','REPLY'))
    """,
    refs={"sequence_id": "sequence"},
    checks=("UNIQUE (workspace_id, sequence_id, position)",),
)
STEP_VARIANT = tenant_table(
    "step_variant",
    """
    step_id uuid NOT NULL,
    label text NOT NULL,
    language text NOT NULL DEFAULT 'en',
    subject_template text NOT NULL,
    body_template text NOT NULL,
    weight integer NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0 AND 1000),
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('DRAFT','ACTIVE','PAUSED','WINNER','RETIRED'))
    """,
    refs={"step_id": "sequence_step"},
    checks=("UNIQUE (workspace_id, step_id, label)",),
)
PLAY = tenant_table(
    "play",
    """
    name text NOT NULL,
    goal text,
    trigger text NOT NULL DEFAULT 'MANUAL' CHECK (trigger IN ('MANUAL','SCHEDULE','AUDIENCE','SIGNAL','WEBHOOK')),
    profile_id uuid NOT NULL,
    sequence_id uuid NOT NULL,
    source jsonb NOT NULL,
    enrichment_plan jsonb NOT NULL DEFAULT '[]',
    budget_credits bigint NOT NULL CHECK (budget_credits > 0),
    max_leads integer NOT NULL DEFAULT 100000 CHECK (max_leads > 0),
    status text NOT NULL DEFAULT 'DRAFT' CHECK (status IN ('DRAFT','READY','ACTIVE','PAUSED','ARCHIVED'))
    """,
    refs={"profile_id": "strategy_profile", "sequence_id": "sequence"},
)
PLAY_SENDER = tenant_table(
    "play_sender",
    "play_id uuid NOT NULL, sender_id uuid NOT NULL",
    refs={"play_id": "play", "sender_id": "sender"},
    checks=("UNIQUE (workspace_id, play_id, sender_id)",),
)
RUN = tenant_table(
    "run",
    """
    play_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    sequence_id uuid NOT NULL,
    source jsonb NOT NULL,
    enrichment_plan jsonb NOT NULL,
    inputs_hash text NOT NULL,
    seed bigint NOT NULL,
    requested_by uuid,
    budget_credits bigint NOT NULL CHECK (budget_credits > 0),
    max_leads integer NOT NULL DEFAULT 100000 CHECK (max_leads > 0),
    taken_leads integer NOT NULL DEFAULT 0,
    batches integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'QUEUED' CHECK (status IN
        ('QUEUED','RUNNING','PAUSED','CANCELLING','CANCELLED','COMPLETED','FAILED')),
    pause_reason text CHECK (pause_reason IN ('USER','BUDGET','BOUNCE','AUTH')),
    failure text,
    discovery_cursor uuid,
    discovered_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    CHECK ((status = 'PAUSED') = (pause_reason IS NOT NULL))
    """,
    refs={"play_id": "play", "profile_id": "strategy_profile", "sequence_id": "sequence"},
)
RUN_LEAD = tenant_table(
    "run_lead",
    """
    run_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    batch integer NOT NULL DEFAULT 0,
    stage text NOT NULL DEFAULT 'DISCOVERED' CHECK (stage IN
        ('DISCOVERED','ENRICHING','DRAFTING','IN_REVIEW','SCHEDULED','SENDING','DONE','DROPPED')),
    dropped_reason text,
    enriched_at timestamptz,
    drafted_at timestamptz,
    CHECK ((stage = 'DROPPED') = (dropped_reason IS NOT NULL))
    """,
    refs={"run_id": "run", "lead_id": "lead"},
    checks=("UNIQUE (workspace_id, run_id, lead_id)",),
) + """
CREATE INDEX run_lead_by_stage ON run_lead (workspace_id, run_id, stage);
CREATE INDEX run_lead_open ON run_lead (workspace_id, run_id, batch) WHERE stage NOT IN ('DONE','DROPPED');
"""
ENROLLMENT = tenant_table(
    "enrollment",
    """
    run_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    sequence_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'PENDING' CHECK (status IN
        ('PENDING','ACTIVE','PAUSED','REPLIED','FINISHED','BOUNCED','OPTED_OUT','SUPPRESSED','FAILED','REMOVED')),
    pause_reason text CHECK (pause_reason IN ('MANUAL','OOO','SENDER','BUDGET','CAP','COLLEAGUE_REPLY')),
    resume_at timestamptz,
    current_position integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    ended_at timestamptz
    """,
    refs={"run_id": "run", "lead_id": "lead", "sequence_id": "sequence", "sender_id": "sender"},
    checks=("UNIQUE (workspace_id, run_id, lead_id)",),
) + """
CREATE UNIQUE INDEX enrollment_one_open ON enrollment (workspace_id, lead_id) WHERE status IN ('PENDING','ACTIVE','PAUSED');
"""
THREAD = tenant_table(
    "thread",
    """
    sender_id uuid NOT NULL,
    lead_id uuid,
    subject text NOT NULL,
    status text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN','SNOOZED','CLOSED')),
    snoozed_until timestamptz,
    unread boolean NOT NULL DEFAULT false,
    last_at timestamptz NOT NULL,
    CHECK ((status = 'SNOOZED') = (snoozed_until IS NOT NULL))
    """,
    refs={"sender_id": "sender", "lead_id": "lead"},
) + "CREATE INDEX thread_by_last ON thread (workspace_id, last_at, id);"
MESSAGE = tenant_table(
    "message",
    """
    kind text NOT NULL DEFAULT 'SEQUENCE' CHECK (kind IN ('SEQUENCE','ANSWER')),
    run_id uuid,
    enrollment_id uuid,
    step_id uuid,
    variant_id uuid,
    thread_id uuid,
    lead_id uuid,
    sender_id uuid NOT NULL,
    to_address text NOT NULL,
    subject text NOT NULL,
    text_body text NOT NULL,
    html_body text NOT NULL,
    claims jsonb NOT NULL DEFAULT '[]',
    content_hash text NOT NULL,
    drafted_by text NOT NULL,
    model text,
    prompt_version text,
    edited_by uuid,
    status text NOT NULL DEFAULT 'IN_REVIEW' CHECK (status IN
        ('GENERATING','DRAFTED','EDITED','IN_REVIEW','APPROVED','REJECTED','CANCELLED')),
    readiness text NOT NULL DEFAULT 'PASS' CHECK (readiness IN ('PASS','WARN','BLOCK')),
    readiness_checks jsonb NOT NULL DEFAULT '[]',
    score smallint NOT NULL DEFAULT 0 CHECK (score BETWEEN 0 AND 100),
    in_reply_to_id uuid
    """,
    refs={
        "run_id": "run", "enrollment_id": "enrollment", "step_id": "sequence_step", "variant_id": "step_variant",
        "thread_id": "thread", "lead_id": "lead", "sender_id": "sender",
    },
    system_reads=("id", "workspace_id"),
) + """
CREATE UNIQUE INDEX message_one_per_step ON message (workspace_id, enrollment_id, step_id)
    WHERE status NOT IN ('REJECTED','CANCELLED') AND enrollment_id IS NOT NULL;
CREATE INDEX message_by_status ON message (workspace_id, status, id);
"""
APPROVAL = tenant_table(
    "approval",
    """
    message_id uuid NOT NULL,
    content_hash text NOT NULL,
    decided_by uuid NOT NULL,
    decision text NOT NULL CHECK (decision IN ('APPROVED','REJECTED')),
    batch_id uuid,
    comment text,
    status text NOT NULL DEFAULT 'VALID' CHECK (status IN ('VALID','VOIDED')),
    voided_at timestamptz
    """,
    refs={"message_id": "message"},
) + """
CREATE UNIQUE INDEX approval_one_valid ON approval (workspace_id, message_id) WHERE status = 'VALID';
CREATE INDEX approval_of_batch ON approval (workspace_id, batch_id) WHERE batch_id IS NOT NULL;
"""
AI_CALL = tenant_table(
    "ai_call",
    """
    run_id uuid,
    lead_id uuid,
    message_id uuid,
    purpose text NOT NULL,
    model text NOT NULL,
    prompt_version text NOT NULL,
    price_version text NOT NULL,
    input_tokens integer NOT NULL DEFAULT 0,
    cache_write_tokens integer NOT NULL DEFAULT 0,
    cache_read_tokens integer NOT NULL DEFAULT 0,
    output_tokens integer NOT NULL DEFAULT 0,
    cost_usd numeric(12, 6) NOT NULL DEFAULT 0,
    cost_credits bigint NOT NULL DEFAULT 0,
    stop_reason text,
    vendor_request_id text,
    latency_ms integer
    """,
    refs={"run_id": "run", "lead_id": "lead", "message_id": "message"},
)


class Migration(migrations.Migration):
    """What to do, for whom, and what was written."""

    dependencies = [("models", "0002_leads")]
    operations = [
        RunSQL(sql)
        for sql in (
            SENDER, MAILBOX_CURSOR, STRATEGY_PROFILE, SEQUENCE, SEQUENCE_STEP, STEP_VARIANT, PLAY, PLAY_SENDER, RUN,
            RUN_LEAD, ENROLLMENT, THREAD, MESSAGE, APPROVAL, AI_CALL,
            "ALTER TABLE provider_call ADD FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id);",
            "CREATE INDEX ON provider_call (workspace_id, run_id);",
        )
    ]
