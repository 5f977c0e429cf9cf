"""Deliveries, replies and suppression."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import tenant_table

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
    checks=("UNIQUE (workspace_id, message_id)",),
    system_reads=("id", "workspace_id", "state", "due_at", "lease_until", "reconcile_at"),
) + """
CREATE UNIQUE INDEX delivery_one_per_step ON delivery (workspace_id, enrollment_id, step_id)
    WHERE state NOT IN ('CANCELLED','FAILED','SUPPRESSED') AND enrollment_id IS NOT NULL;
CREATE INDEX delivery_due ON delivery (due_at) WHERE state IN ('SCHEDULED','LEASED');
CREATE INDEX delivery_open ON delivery (reconcile_at) WHERE state IN ('HANDOFF','UNKNOWN');
CREATE INDEX delivery_sent_by_sender ON delivery (workspace_id, sender_id, sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX delivery_sent_to_domain ON delivery (workspace_id, to_domain, sent_at) WHERE sent_at IS NOT NULL;
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
    folder text NOT NULL,
    uid_validity bigint NOT NULL,
    uid bigint NOT NULL,
    rfc_message_id text NOT NULL,
    in_reply_to text,
    from_address text NOT NULL,
    from_name text,
    subject text NOT NULL,
    text_body text NOT NULL,
    stripped_text text NOT NULL,
    received_at timestamptz NOT NULL,
    matched_by text NOT NULL CHECK (matched_by IN ('REFERENCES','ALIAS','ADDRESS','DOMAIN','NONE')),
    match_score real NOT NULL DEFAULT 0,
    label text NOT NULL,
    label_confidence real NOT NULL,
    label_method text NOT NULL CHECK (label_method IN ('RULE','MODEL','HUMAN')),
    evidence_span text,
    return_on date,
    status text NOT NULL DEFAULT 'RECEIVED'
        CHECK (status IN ('RECEIVED','MATCHED','UNMATCHED','CLASSIFIED','HANDLED'))
    """,
    refs={
        "sender_id": "sender", "thread_id": "thread", "lead_id": "lead", "enrollment_id": "enrollment",
        "delivery_id": "delivery",
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
    evidence_span text,
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
    diagnostic text
    """,
    refs={"reply_id": "reply", "delivery_id": "delivery"},
)
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
    evidence text,
    added_by uuid,
    expires_at timestamptz,
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE','LIFTED','EXPIRED')),
    lifted_by uuid,
    lifted_at timestamptz,
    lift_basis text,
    CHECK ((scope = 'WORKSPACE') = (scope_id IS NULL))
    """,
) + """
CREATE INDEX suppression_by_key ON suppression (workspace_id, key_hash) WHERE status = 'ACTIVE';
CREATE UNIQUE INDEX suppression_once ON suppression
    (workspace_id, key_hash, kind, reason, scope, coalesce(scope_id, '00000000-0000-0000-0000-000000000000'::uuid))
    WHERE status = 'ACTIVE';
"""


class Migration(migrations.Migration):
    """What left the house and what came back."""

    dependencies = [("models", "0003_plays")]
    operations = [
        RunSQL(sql) for sql in (DELIVERY, DELIVERY_ATTEMPT, REPLY, CLASSIFICATION, BOUNCE, SUPPRESSION)
    ]
