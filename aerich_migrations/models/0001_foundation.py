"""Accounts, workspaces, the event log, the audit chain, idempotency and the task journal."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import platform_table, secured, tenant_table

TOUCH = """
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""

APP_USER = platform_table(
    "app_user",
    """
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text NOT NULL,
    locale text NOT NULL DEFAULT 'en',
    time_zone text NOT NULL DEFAULT 'UTC',
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('INVITED','ACTIVE','LOCKED','DEACTIVATED','ERASED')),
    email_verified_at timestamptz,
    last_login_at timestamptz
    """,
)
CREDENTIAL = platform_table(
    "credential",
    """
    user_id uuid NOT NULL REFERENCES app_user (id),
    kind text NOT NULL CHECK (kind IN ('PASSWORD','OIDC','PASSKEY','RECOVERY')),
    issuer text,
    subject text,
    secret_hash text,
    last_used_at timestamptz,
    revoked_at timestamptz
    """,
) + """
CREATE UNIQUE INDEX credential_one_password ON credential (user_id) WHERE kind = 'PASSWORD' AND revoked_at IS NULL;
"""
SESSION = platform_table(
    "session",
    """
    user_id uuid NOT NULL REFERENCES app_user (id),
    token_hash bytea NOT NULL UNIQUE,
    workspace_id uuid,
    ip text,
    user_agent text,
    expires_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text
    """,
) + "CREATE INDEX ON session (user_id);"
ONE_TIME_TOKEN = platform_table(
    "one_time_token",
    """
    purpose text NOT NULL CHECK (purpose IN ('SETUP','VERIFY_EMAIL','RESET_PASSWORD')),
    user_id uuid REFERENCES app_user (id),
    token_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
    """,
)
PLATFORM_MAIL = platform_table(
    "platform_mail",
    """
    kind text NOT NULL,
    to_address text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    state text NOT NULL DEFAULT 'READY' CHECK (state IN ('READY','LEASED','DONE','DEAD')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    error text
    """,
) + "CREATE INDEX ON platform_mail (due_at) WHERE state IN ('READY','LEASED');"

WORKSPACE = f"""
CREATE TABLE workspace (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    owner_user_id uuid NOT NULL REFERENCES app_user (id),
    status text NOT NULL DEFAULT 'TRIAL'
        CHECK (status IN ('TRIAL','ACTIVE','PAST_DUE','SUSPENDED','CLOSING','CLOSED','PURGED')),
    default_time_zone text NOT NULL,
    postal_address text NOT NULL,
    locale text NOT NULL DEFAULT 'en',
    sending_window jsonb NOT NULL DEFAULT '{{}}',
    sending_limits jsonb NOT NULL DEFAULT '{{}}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version integer NOT NULL DEFAULT 1
);
CREATE TRIGGER workspace_touch BEFORE UPDATE ON workspace FOR EACH ROW EXECUTE FUNCTION touch();
{secured("workspace", key="id", system_reads=("id", "name", "slug", "status", "created_at"))}
CREATE TABLE data_key (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL UNIQUE REFERENCES workspace (id),
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    rotated_at timestamptz
);
{secured("data_key", system_reads=("id", "workspace_id", "wrapped"))}
CREATE TABLE log_head (
    workspace_id uuid PRIMARY KEY REFERENCES workspace (id),
    seq bigint NOT NULL DEFAULT 0,
    audit_seq bigint NOT NULL DEFAULT 0,
    audit_hash bytea NOT NULL DEFAULT '\\x00'
);
{secured("log_head")}
CREATE TABLE event (
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    seq bigint NOT NULL,
    type text NOT NULL,
    type_version smallint NOT NULL DEFAULT 1,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    run_id uuid,
    payload jsonb NOT NULL DEFAULT '{{}}',
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, seq)
);
CREATE INDEX event_of_run ON event (workspace_id, run_id, seq) WHERE run_id IS NOT NULL;
CREATE INDEX event_by_type ON event (workspace_id, type, seq);
CREATE INDEX event_of_subject ON event (workspace_id, subject_id, seq);
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();
{secured("event", append_only=True)}
CREATE TABLE audit_event (
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    seq bigint NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    actor_kind text NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    target_kind text NOT NULL,
    target_id uuid,
    purpose text,
    detail jsonb NOT NULL DEFAULT '{{}}',
    personal_hash bytea,
    request_id text,
    occurred_at timestamptz NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (workspace_id, seq),
    UNIQUE (workspace_id, id)
);
CREATE INDEX audit_event_of_target ON audit_event (workspace_id, target_id, seq);
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
{secured("audit_event", append_only=True)}
CREATE TABLE idempotency_record (
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    caller_id uuid NOT NULL,
    mutation text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    result_id uuid,
    errors jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (workspace_id, caller_id, mutation, key)
);
{secured("idempotency_record")}
CREATE INDEX ON idempotency_record (workspace_id, created_at);
"""
MEMBER = tenant_table(
    "member",
    """
    user_id uuid NOT NULL REFERENCES app_user (id),
    role text NOT NULL CHECK (role IN
        ('OWNER','ADMIN','MANAGER','REP','REVIEWER','ANALYST','BILLING','PRIVACY_OFFICER','READ_ONLY')),
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE','SUSPENDED','REMOVED'))
    """,
    checks=("UNIQUE (workspace_id, user_id)",),
    system_reads=("workspace_id", "user_id", "role", "status"),
)
INVITATION = tenant_table(
    "invitation",
    """
    email text NOT NULL CHECK (email = lower(email)),
    role text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    invited_by uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING','ACCEPTED','DECLINED','REVOKED','EXPIRED'))
    """,
    system_reads=("id", "workspace_id", "token_hash"),
)
API_TOKEN = tenant_table(
    "api_token",
    """
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    role text NOT NULL,
    created_by uuid NOT NULL REFERENCES app_user (id),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
    """,
    system_reads=("id", "workspace_id", "token_hash", "role", "created_by", "expires_at", "revoked_at"),
)
TASK = tenant_table(
    "task",
    """
    kind text NOT NULL,
    payload jsonb NOT NULL,
    unique_key text,
    state text NOT NULL DEFAULT 'READY' CHECK (state IN ('READY','LEASED','DONE','DEAD')),
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    epoch integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    error text,
    finished_at timestamptz
    """,
    system_reads=("id", "workspace_id", "kind", "state", "due_at", "lease_until"),
) + """
CREATE UNIQUE INDEX task_open_once ON task (workspace_id, unique_key) WHERE state IN ('READY','LEASED');
CREATE INDEX task_due ON task (due_at) WHERE state IN ('READY','LEASED');
"""
MEMBERS_SEE_EACH_OTHER = """
ALTER TABLE app_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE app_user FORCE ROW LEVEL SECURITY;
CREATE POLICY system ON app_user TO plera_system USING (true) WITH CHECK (true);
CREATE POLICY owner ON app_user TO plera_owner USING (true) WITH CHECK (true);
CREATE POLICY fellow_member ON app_user FOR SELECT TO plera_app
    USING (EXISTS (SELECT 1 FROM member WHERE member.user_id = app_user.id));
GRANT SELECT (id, email, name, locale, time_zone, status) ON app_user TO plera_app;
"""


class Migration(migrations.Migration):
    """The first tables."""

    operations = [
        RunSQL(sql)
        for sql in (
            TOUCH, APP_USER, CREDENTIAL, SESSION, ONE_TIME_TOKEN, PLATFORM_MAIL, WORKSPACE, MEMBER, INVITATION,
            API_TOKEN, TASK, MEMBERS_SEE_EACH_OTHER,
        )
    ]
