"""The credit ledger and privacy requests."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import secured, tenant_table

CREDIT_ACCOUNT = f"""
CREATE TABLE credit_account (
    workspace_id uuid PRIMARY KEY REFERENCES workspace (id),
    available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    consumed bigint NOT NULL DEFAULT 0 CHECK (consumed >= 0),
    expired bigint NOT NULL DEFAULT 0 CHECK (expired >= 0),
    topped_up_to bigint NOT NULL DEFAULT 0 CHECK (topped_up_to >= 0)
);
{secured("credit_account")}
"""
CREDIT_GRANT = tenant_table(
    "credit_grant",
    """
    source text NOT NULL CHECK (source IN ('TRIAL','OPERATOR','PLAN','PACK','PROMO','REFUND','ADJUST')),
    amount bigint NOT NULL CHECK (amount > 0),
    remaining bigint NOT NULL CHECK (remaining >= 0),
    priority smallint NOT NULL DEFAULT 100,
    effective_at timestamptz NOT NULL,
    expires_at timestamptz,
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE','EXHAUSTED','EXPIRED','REVOKED')),
    reference text NOT NULL,
    CHECK (remaining <= amount)
    """,
    checks=("UNIQUE (workspace_id, reference)",),
    system_reads=("id", "workspace_id", "status", "expires_at"),
) + "CREATE INDEX credit_grant_due ON credit_grant (expires_at) WHERE status = 'ACTIVE';"
CREDIT_HOLD = tenant_table(
    "credit_hold",
    """
    operation_key text NOT NULL,
    purpose text NOT NULL,
    run_id uuid,
    amount bigint NOT NULL CHECK (amount > 0),
    settled bigint NOT NULL DEFAULT 0 CHECK (settled >= 0),
    allocations jsonb NOT NULL,
    status text NOT NULL DEFAULT 'HELD' CHECK (status IN ('HELD','SETTLED','RELEASED','EXPIRED')),
    expires_at timestamptz,
    CHECK (settled <= amount)
    """,
    refs={"run_id": "run"},
    checks=("UNIQUE (workspace_id, operation_key)",),
    system_reads=("id", "workspace_id", "status", "expires_at"),
) + "CREATE INDEX credit_hold_due ON credit_hold (expires_at) WHERE status = 'HELD';"
LEDGER_ENTRY = f"""
CREATE TABLE ledger_entry (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    transaction_id uuid NOT NULL,
    account text NOT NULL CHECK (account IN ('ISSUED','AVAILABLE','HELD','CONSUMED','EXPIRED')),
    kind text NOT NULL CHECK (kind IN ('GRANT','RESERVE','SETTLE','RELEASE','REFUND','EXPIRE','ADJUST')),
    amount bigint NOT NULL CHECK (amount <> 0),
    operation_key text NOT NULL,
    part text NOT NULL DEFAULT '',
    hold_id uuid,
    grant_id uuid NOT NULL,
    run_id uuid,
    provider_call_id uuid,
    ai_call_id uuid,
    delivery_id uuid,
    reverses_id uuid,
    occurred_at timestamptz NOT NULL,
    UNIQUE (workspace_id, id),
    UNIQUE (workspace_id, operation_key, kind, part, grant_id, account),
    FOREIGN KEY (workspace_id, hold_id) REFERENCES credit_hold (workspace_id, id),
    FOREIGN KEY (workspace_id, grant_id) REFERENCES credit_grant (workspace_id, id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    FOREIGN KEY (workspace_id, provider_call_id) REFERENCES provider_call (workspace_id, id),
    FOREIGN KEY (workspace_id, ai_call_id) REFERENCES ai_call (workspace_id, id),
    FOREIGN KEY (workspace_id, delivery_id) REFERENCES delivery (workspace_id, id),
    FOREIGN KEY (workspace_id, reverses_id) REFERENCES ledger_entry (workspace_id, id),
    CHECK (kind <> 'SETTLE' OR num_nonnulls(provider_call_id, ai_call_id, delivery_id) = 1)
);
CREATE INDEX ON ledger_entry (workspace_id, occurred_at, id);
CREATE INDEX ON ledger_entry (workspace_id, run_id);
CREATE INDEX ON ledger_entry (workspace_id, hold_id);
CREATE INDEX ON ledger_entry (workspace_id, grant_id);
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION require_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written GROUP BY workspace_id, transaction_id HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'the entries of a transaction sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION require_balanced();
{secured("ledger_entry", append_only=True)}
"""
PRIVACY_REQUEST = tenant_table(
    "privacy_request",
    """
    kind text NOT NULL CHECK (kind IN ('ACCESS','CORRECT','DELETE','OBJECT','RESTRICT','WITHDRAW','PORTABILITY',
        'OPT_OUT_SALE','LIMIT_SENSITIVE','APPEAL')),
    regime text NOT NULL DEFAULT 'GDPR' CHECK (regime IN ('GDPR','UK','POPIA','CCPA','OTHER')),
    subject_email text,
    subject_hash bytea NOT NULL,
    channel text NOT NULL DEFAULT 'API' CHECK (channel IN ('API','REPLY')),
    status text NOT NULL DEFAULT 'RECEIVED' CHECK (status IN
        ('RECEIVED','ACKNOWLEDGED','VERIFYING_IDENTITY','VERIFIED','REJECTED_UNVERIFIED','LOCATING','ROUTED',
         'IN_PROGRESS','AWAITING_THIRD_PARTY','READY','FULFILLED','PARTIALLY_FULFILLED','DENIED','DUPLICATE','WITHDRAWN')),
    opened_by uuid,
    due_on date NOT NULL,
    denial_ground text,
    verified_at timestamptz,
    fulfilled_at timestamptz,
    result_path text,
    result_hash text,
    result_expires_at timestamptz,
    CHECK ((status = 'DENIED') = (denial_ground IS NOT NULL))
    """,
) + """
CREATE UNIQUE INDEX privacy_request_open_once ON privacy_request (workspace_id, subject_hash, kind)
    WHERE status NOT IN ('REJECTED_UNVERIFIED','FULFILLED','PARTIALLY_FULFILLED','DENIED','DUPLICATE','WITHDRAWN');
"""
PRIVACY_TASK = tenant_table(
    "privacy_task",
    """
    request_id uuid NOT NULL,
    store text NOT NULL,
    action text NOT NULL,
    status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING','RUNNING','DONE','EXEMPT','FAILED')),
    found_count integer NOT NULL DEFAULT 0,
    changed_count integer NOT NULL DEFAULT 0,
    retained_reason text
    """,
    refs={"request_id": "privacy_request"},
    checks=("UNIQUE (workspace_id, request_id, store)",),
)
IDENTITY_VERIFICATION = tenant_table(
    "identity_verification",
    """
    request_id uuid NOT NULL,
    method text NOT NULL CHECK (method IN ('EMAIL_CODE','OTHER_MEANS')),
    code_hash bytea,
    attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz,
    status text NOT NULL DEFAULT 'SENT' CHECK (status IN ('SENT','PASSED','FAILED','EXPIRED')),
    CHECK ((method = 'EMAIL_CODE') = (code_hash IS NOT NULL AND expires_at IS NOT NULL))
    """,
    refs={"request_id": "privacy_request"},
)
ERASURE = tenant_table(
    "erasure",
    # a restored backup may not know the request any more; the list that is kept beside the database does
    "request_id uuid, identity_hash bytea NOT NULL, erased_at timestamptz NOT NULL",
    refs={"request_id": "privacy_request"},
    checks=("UNIQUE (workspace_id, identity_hash)",),
)


class Migration(migrations.Migration):
    """What it cost, and what people may ask for."""

    dependencies = [("models", "0004_sending")]
    operations = [
        RunSQL(sql)
        for sql in (
            CREDIT_ACCOUNT, CREDIT_GRANT, CREDIT_HOLD, LEDGER_ENTRY, PRIVACY_REQUEST, PRIVACY_TASK,
            IDENTITY_VERIFICATION, ERASURE,
        )
    ]
