"""Programs that use the API, and the documents they are known to send."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import platform_table, tenant_table

API_CLIENT = tenant_table(
    "api_client",
    """
    name text NOT NULL,
    policy text NOT NULL CHECK (policy IN ('OPEN','AUDIT','REGISTERED','ID_ONLY')),
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE','SUSPENDED','REVOKED')),
    points_max integer CHECK (points_max > 0),
    points_per_s integer CHECK (points_per_s > 0),
    subscriptions_max integer CHECK (subscriptions_max >= 0),
    expires_at timestamptz
    """,
    checks=("CHECK ((points_max IS NULL) = (points_per_s IS NULL))",),
    system_reads=(
        "id", "workspace_id", "policy", "status", "points_max", "points_per_s", "subscriptions_max", "expires_at",
    ),
)  # fmt: skip
TOKENS_OF_CLIENTS = """
ALTER TABLE api_token ADD COLUMN api_client_id uuid;
ALTER TABLE api_token ADD CONSTRAINT api_token_api_client_id_fkey FOREIGN KEY (workspace_id, api_client_id)
    REFERENCES api_client (workspace_id, id);
CREATE INDEX ON api_token (workspace_id, api_client_id);
GRANT SELECT (api_client_id) ON api_token TO plera_system;
"""
# ``document_id`` is what clients name it by, ``text_hash`` the text's own SHA-256: tools that write documents change a
# body's spelling after they took its hash.
DOCUMENT = """
    document_id text NOT NULL CHECK (document_id ~ '^sha256:[0-9a-f]{64}$'),
    text_hash bytea NOT NULL CHECK (length(text_hash) = 32),
    text text NOT NULL,
    name text,
    kind text NOT NULL CHECK (kind IN ('query','mutation','subscription')),
    cost integer NOT NULL,
    scopes text[] NOT NULL,
    deprecated_fields text[] NOT NULL,
    uses bigint NOT NULL DEFAULT 0,
    last_used_at timestamptz,
    status text NOT NULL CHECK (status IN ('PROPOSED','ACTIVE','DISABLED'))
"""
PERSISTED_DOCUMENT = (
    tenant_table(
        "persisted_document",
        f"api_client_id uuid NOT NULL, {DOCUMENT}",
        refs={"api_client_id": "api_client"},
        checks=("UNIQUE (workspace_id, api_client_id, document_id)",),
    )
    + "CREATE INDEX ON persisted_document (workspace_id, api_client_id, text_hash);"
)
FIRST_PARTY_DOCUMENT = platform_table("first_party_document", f"{DOCUMENT}, UNIQUE (document_id)") + (
    "CREATE INDEX ON first_party_document (text_hash);"
)


class Migration(migrations.Migration):
    """Clients, their tokens, their documents, and the documents of the installation's own programs."""

    dependencies = [("models", "0010_audit_chain")]
    operations = [RunSQL(sql) for sql in (API_CLIENT, TOKENS_OF_CLIENTS, PERSISTED_DOCUMENT, FIRST_PARTY_DOCUMENT)]
