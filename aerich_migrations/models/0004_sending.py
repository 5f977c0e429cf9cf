"""Deliveries, replies and suppression."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import platform_table, tenant_table

DELIVERY = tenant_table(
    "delivery",
    """
    message_id uuid NOT NULL,
    enrollment_id uuid,
    step_id uuid,
    sender_id uuid NOT NULL,
    lead_id uuid,
    rfc_message_id text NOT NULL UNIQUE,
    rfc_message_id_final text,
    content_hash text NOT NULL,
    to_address text NOT NULL,
    to_domain text NOT NULL,
    state text NOT NULL DEFAULT 'SCHEDULED' CHECK (state IN
        ('SCHEDULED','LEASED','HANDOFF','SENT','FAILED','UNKNOWN','REVIEW','SUPPRESSED','CANCELLED')),
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    epoch integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    first_tried_at timestamptz,
    handed_off_at timestamptz,
    unknown_since timestamptz,
    reconcile_at timestamptz,
    reconcile_count integer NOT NULL DEFAULT 0,
    refused_gate text,
    refused_value text,
    refused_until timestamptz,
    provider_ref text,
    enhanced_code text,
    detail text,
    sent_at timestamptz,
    bounced_at timestamptz,
    complained_at timestamptz,
    replied_at timestamptz
    """,
    refs={
        "message_id": "message", "enrollment_id": "enrollment", "step_id": "sequence_step", "sender_id": "sender",
        "lead_id": "lead",
    },
    system_reads=("id", "workspace_id", "state", "due_at", "lease_until", "reconcile_at"),
) + """
CREATE UNIQUE INDEX delivery_one_per_message ON delivery (workspace_id, message_id)
    WHERE state NOT IN ('CANCELLED','FAILED','SUPPRESSED');
CREATE UNIQUE INDEX delivery_one_per_step ON delivery (workspace_id, enrollment_id, step_id)
    WHERE state NOT IN ('CANCELLED','FAILED','SUPPRESSED') AND enrollment_id IS NOT NULL;
CREATE INDEX delivery_due ON delivery (due_at) WHERE state IN ('SCHEDULED','LEASED');
CREATE INDEX delivery_open ON delivery (reconcile_at) WHERE state IN ('HANDOFF','UNKNOWN');
CREATE INDEX delivery_left_sender ON delivery (workspace_id, sender_id, handed_off_at) WHERE handed_off_at IS NOT NULL;
CREATE INDEX delivery_left_to_domain ON delivery (workspace_id, to_domain, handed_off_at) WHERE handed_off_at IS NOT NULL;
CREATE INDEX delivery_waiting ON delivery (workspace_id, sender_id, due_at) WHERE state = 'SCHEDULED';
CREATE INDEX delivery_by_sent ON delivery (workspace_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX delivery_final_id ON delivery (workspace_id, rfc_message_id_final);
CREATE FUNCTION guard_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND OLD.state IN ('SENT','FAILED','SUPPRESSED','CANCELLED') THEN
        RAISE EXCEPTION 'delivery % is % and stays so', OLD.id, OLD.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delivery_guard BEFORE UPDATE OF state ON delivery FOR EACH ROW EXECUTE FUNCTION guard_delivery();
"""
STEP_STATISTICS = """
CREATE VIEW step_statistics WITH (security_invoker = true) AS
SELECT s.id, s.workspace_id,
    count(d.sent_at) AS sent_count, count(d.replied_at) AS replied_count, count(d.bounced_at) AS bounced_count,
    (SELECT count(*) FROM enrollment e WHERE (e.workspace_id, e.sequence_id) = (s.workspace_id, s.sequence_id)
        AND e.status = 'OPTED_OUT' AND e.current_position = s.position) AS opted_out_count
FROM sequence_step s LEFT JOIN delivery d ON (d.workspace_id, d.step_id) = (s.workspace_id, s.id)
GROUP BY s.id;
GRANT SELECT ON step_statistics TO plera_app;
"""
DELIVERY_ATTEMPT = tenant_table(
    "delivery_attempt",
    """
    delivery_id uuid NOT NULL,
    epoch integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('CLAIM','GATE','HANDOFF','OUTCOME','RECONCILE')),
    result text NOT NULL,
    detail text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
    """,
    refs={"delivery_id": "delivery"},
)
REPLY = tenant_table(
    "reply",
    """
    sender_id uuid NOT NULL,
    thread_id uuid,
    lead_id uuid,
    enrollment_id uuid,
    delivery_id uuid,
    run_id uuid,
    folder text NOT NULL,
    uid_validity bigint NOT NULL,
    uid bigint NOT NULL,
    rfc_message_id text NOT NULL,
    rfc_references text[] NOT NULL DEFAULT '{}',
    from_address text NOT NULL,
    from_name text,
    subject text NOT NULL,
    text_body text NOT NULL,
    stripped_text text NOT NULL,
    received_at timestamptz NOT NULL,
    matched_by text NOT NULL CHECK (matched_by IN ('REFERENCES','ALIAS','ADDRESS','DOMAIN','NONE')),
    match_score real NOT NULL DEFAULT 0,
    participant text NOT NULL CHECK (participant IN ('LEAD','COLLEAGUE','STRANGER')),
    truncated boolean NOT NULL DEFAULT false,
    label text NOT NULL,
    label_confidence real NOT NULL,
    label_method text NOT NULL CHECK (label_method IN ('RULE','MODEL','HUMAN')),
    label_status text NOT NULL CHECK (label_status IN ('PROPOSED','CONFIRMED','CORRECTED')),
    nuance text,
    evidence_span jsonb,
    return_on date,
    referred_name text,
    referred_address text,
    needs_review boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'RECEIVED'
        CHECK (status IN ('RECEIVED','MATCHED','UNMATCHED','CLASSIFIED','HANDLED'))
    """,
    refs={
        "sender_id": "sender", "thread_id": "thread", "lead_id": "lead", "enrollment_id": "enrollment",
        "delivery_id": "delivery", "run_id": "run",
    },
    checks=("UNIQUE (workspace_id, sender_id, rfc_message_id)",),
) + "CREATE INDEX reply_by_received ON reply (workspace_id, received_at, id);"
CLASSIFICATION = tenant_table(
    "classification",
    """
    reply_id uuid NOT NULL,
    label text NOT NULL,
    confidence real NOT NULL,
    method text NOT NULL CHECK (method IN ('RULE','MODEL','HUMAN')),
    nuance text,
    evidence_span jsonb,
    return_on date,
    decided_by uuid,
    status text NOT NULL DEFAULT 'PROPOSED' CHECK (status IN ('PROPOSED','CONFIRMED','CORRECTED'))
    """,
    refs={"reply_id": "reply"},
)
BOUNCE = tenant_table(
    "bounce",
    """
    reply_id uuid NOT NULL,
    delivery_id uuid,
    recipient text NOT NULL,
    enhanced_code text,
    bounce_class text NOT NULL CHECK (bounce_class IN ('HARD','SOFT','BLOCK','POLICY','UNKNOWN')),
    action text NOT NULL CHECK (action IN ('failed','delayed')),
    remedy text NOT NULL,
    diagnostic text,
    bounced_on date NOT NULL
    """,
    refs={"reply_id": "reply", "delivery_id": "delivery"},
)
THREAD_ENTRY = """
CREATE VIEW thread_entry WITH (security_invoker = true) AS
    SELECT r.id, r.workspace_id, r.thread_id, 'INBOUND' AS direction, r.received_at AS at, r.from_address,
           s.address AS to_address, r.subject, r.stripped_text AS text_body, r.id AS reply_id,
           NULL::uuid AS message_id, NULL::text AS delivery_state
    FROM reply r JOIN sender s ON (s.workspace_id, s.id) = (r.workspace_id, r.sender_id)
    UNION ALL
    SELECT d.id, m.workspace_id, m.thread_id, 'OUTBOUND', coalesce(d.sent_at, d.created_at), s.address,
           d.to_address, m.subject, m.text_body, NULL, m.id, d.state
    FROM message m
    JOIN delivery d ON (d.workspace_id, d.message_id) = (m.workspace_id, m.id)
    JOIN sender s ON (s.workspace_id, s.id) = (m.workspace_id, m.sender_id)
    WHERE d.state IN ('HANDOFF','SENT','UNKNOWN','REVIEW') OR (m.kind = 'ANSWER' AND d.state <> 'CANCELLED');
GRANT SELECT ON thread_entry TO plera_app;
"""
SUPPRESSION = tenant_table(
    "suppression",
    """
    scope text NOT NULL DEFAULT 'WORKSPACE' CHECK (scope IN ('WORKSPACE','PLAY','SENDER')),
    scope_id uuid,
    kind text NOT NULL CHECK (kind IN ('EMAIL','DOMAIN','COMPANY','PHONE','LINKEDIN','LEAD')),
    key_hash bytea NOT NULL,
    display text,
    reason text NOT NULL CHECK (reason IN ('UNSUBSCRIBE','OBJECTION','ERASURE','BOUNCE','COMPLAINT','CUSTOMER',
        'COMPETITOR','LEGAL','MANUAL','REGISTRY')),
    channels text[] NOT NULL DEFAULT '{}'
        CHECK (channels <@ ARRAY['EMAIL','LINKEDIN','SMS','PUSH','CALL']),
    lead_ids uuid[] NOT NULL DEFAULT '{}',
    evidence text,
    added_by uuid,
    expires_at timestamptz,
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE','LIFTED','EXPIRED')),
    lifted_by uuid,
    lifted_at timestamptz,
    lift_basis text,
    lift_comment text,
    CHECK ((scope = 'WORKSPACE') = (scope_id IS NULL))
    """,
) + """
CREATE INDEX suppression_by_key ON suppression (workspace_id, key_hash) WHERE status = 'ACTIVE';
CREATE UNIQUE INDEX suppression_once ON suppression
    (workspace_id, key_hash, kind, reason, scope, coalesce(scope_id, '00000000-0000-0000-0000-000000000000'::uuid))
    WHERE status = 'ACTIVE';
"""
PLATFORM_SUPPRESSION = platform_table(
    "platform_suppression",
    """
    kind text NOT NULL CHECK (kind IN ('EMAIL','DOMAIN','PHONE','LINKEDIN')),
    key_hash bytea NOT NULL,
    reason text NOT NULL,
    UNIQUE (kind, key_hash)
    """,
) + """
CREATE INDEX ON platform_suppression (key_hash);
GRANT SELECT (id, kind, key_hash, reason) ON platform_suppression TO plera_app;
"""
SUPPRESSION_IMPORT = tenant_table(
    "suppression_import",
    """
    file_name text NOT NULL,
    file_path text NOT NULL,
    byte_size bigint NOT NULL,
    status text NOT NULL DEFAULT 'UPLOADED' CHECK (status IN ('UPLOADED','IMPORTING','DONE','FAILED')),
    imported_by uuid,
    read_count integer NOT NULL DEFAULT 0,
    added_count integer NOT NULL DEFAULT 0,
    known_count integer NOT NULL DEFAULT 0,
    error_count integer NOT NULL DEFAULT 0,
    row_errors jsonb NOT NULL DEFAULT '[]',
    failure text,
    finished_at timestamptz
    """,
)


class Migration(migrations.Migration):
    """What left the house and what came back."""

    dependencies = [("models", "0003_plays")]
    operations = [
        RunSQL(sql)
        for sql in (
            DELIVERY, STEP_STATISTICS, DELIVERY_ATTEMPT, REPLY, CLASSIFICATION, BOUNCE, THREAD_ENTRY, SUPPRESSION,
            PLATFORM_SUPPRESSION, SUPPRESSION_IMPORT,
        )
    ]
