"""Companies, leads, imports and where every fact came from."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import CURRENT_WORKSPACE, secured, tenant_table

COMPANY = tenant_table(
    "company",
    """
    name text NOT NULL,
    name_key text NOT NULL,
    domain text CHECK (domain = lower(domain)),
    website_url text,
    linkedin_url text,
    industry text,
    employee_count integer,
    description text,
    city text,
    region text,
    country text,
    time_zone text
    """,
) + """
CREATE UNIQUE INDEX company_domain_once ON company (workspace_id, domain) WHERE domain IS NOT NULL;
CREATE UNIQUE INDEX company_name_once ON company (workspace_id, name_key) WHERE domain IS NULL;
CREATE INDEX company_by_name ON company (workspace_id, name, id);
"""
IMPORT_JOB = tenant_table(
    "import_job",
    """
    status text NOT NULL DEFAULT 'UPLOADED'
        CHECK (status IN ('UPLOADED','MAPPED','VALIDATED','IMPORTING','DONE','FAILED','CANCELLED','ROLLED_BACK')),
    file_name text NOT NULL,
    file_path text NOT NULL,
    file_hash text NOT NULL,
    byte_size bigint NOT NULL,
    format text NOT NULL CHECK (format IN ('CSV','XLSX')),
    encoding text,
    delimiter text,
    headers jsonb NOT NULL,
    suggestions jsonb NOT NULL DEFAULT '[]',
    samples jsonb NOT NULL DEFAULT '[]',
    mapping jsonb NOT NULL DEFAULT '[]',
    estimated_row_count integer NOT NULL DEFAULT 0,
    on_row_error text NOT NULL DEFAULT 'REJECT_ROWS' CHECK (on_row_error IN ('REJECT_ALL','REJECT_ROWS')),
    on_duplicate text NOT NULL DEFAULT 'UPDATE' CHECK (on_duplicate IN ('UPDATE','SKIP')),
    default_country text,
    legal_basis text CHECK (legal_basis IN ('LEGITIMATE_INTERESTS','CONSENT','CONTRACT')),
    requested_by uuid,
    attested_by uuid,
    attested_at timestamptz,
    row_count integer,
    processed_count integer NOT NULL DEFAULT 0,
    created_count integer NOT NULL DEFAULT 0,
    updated_count integer NOT NULL DEFAULT 0,
    duplicate_count integer NOT NULL DEFAULT 0,
    suppressed_count integer NOT NULL DEFAULT 0,
    error_count integer NOT NULL DEFAULT 0,
    error text,
    started_at timestamptz,
    finished_at timestamptz
    """,
)
IMPORT_ROW_ERROR = tenant_table(
    "import_row_error",
    """
    import_job_id uuid NOT NULL,
    row_index integer NOT NULL,
    code text NOT NULL,
    field text,
    message text NOT NULL,
    dropped boolean NOT NULL
    """,
    refs={"import_job_id": "import_job"},
)
LEAD = tenant_table(
    "lead",
    """
    company_id uuid,
    import_job_id uuid,
    email text CHECK (email = lower(email)),
    email_identity text,
    email_status text NOT NULL DEFAULT 'UNVERIFIED'
        CHECK (email_status IN ('UNVERIFIED','VALID','RISKY','CATCH_ALL','INVALID','DISPOSABLE','UNKNOWN')),
    email_status_reason text,
    email_checked_at timestamptz,
    first_name text,
    last_name text,
    full_name text,
    title text,
    seniority text,
    department text,
    phone text,
    linkedin_url text,
    linkedin_key text,
    name_company_key text,
    city text,
    region text,
    country text,
    time_zone text,
    time_zone_source text,
    locale text,
    custom_fields jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'NEW' CHECK (status IN
        ('NEW','ENRICHING','QUALIFIED','DISQUALIFIED','ENROLLED','CONTACTED','ENGAGED','MEETING','OPPORTUNITY',
         'WON','LOST','MERGED','ERASED')),
    source_kind text NOT NULL CHECK (source_kind IN
        ('PUBLIC','PROVIDER','UPLOAD','CONNECTED_ACCOUNT','REPLY','USER_EDIT')),
    restricted_at timestamptz,
    erased_at timestamptz
    """,
    refs={"company_id": "company", "import_job_id": "import_job"},
) + """
CREATE UNIQUE INDEX lead_email_once ON lead (workspace_id, email_identity) WHERE email_identity IS NOT NULL;
CREATE UNIQUE INDEX lead_linkedin_once ON lead (workspace_id, linkedin_key) WHERE linkedin_key IS NOT NULL;
CREATE INDEX lead_by_name_company ON lead (workspace_id, name_company_key) WHERE name_company_key IS NOT NULL;
CREATE INDEX lead_by_status ON lead (workspace_id, status, id);
CREATE INDEX lead_by_created ON lead (workspace_id, created_at, id);
"""
PROVIDER_CALL = tenant_table(
    "provider_call",
    """
    run_id uuid,
    lead_id uuid,
    company_id uuid,
    provider text NOT NULL,
    endpoint text NOT NULL,
    request_fingerprint text NOT NULL,
    cache_hit boolean NOT NULL DEFAULT false,
    status text NOT NULL CHECK (status IN ('STARTED','OK','NO_MATCH','ERROR','TIMEOUT_UNKNOWN')),
    units integer NOT NULL DEFAULT 0,
    cost_credits bigint NOT NULL DEFAULT 0,
    latency_ms integer,
    refused_count integer NOT NULL DEFAULT 0,
    detail text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    expires_at timestamptz
    """,
    refs={"lead_id": "lead", "company_id": "company"},
    system_reads=("id", "workspace_id", "status", "started_at"),
) + """
CREATE INDEX ON provider_call (workspace_id, provider, request_fingerprint, started_at);
CREATE INDEX ON provider_call (workspace_id, started_at, id);
CREATE INDEX provider_call_open ON provider_call (started_at) WHERE status = 'STARTED';
"""
FIELD_VALUE = tenant_table(
    "field_value",
    """
    lead_id uuid,
    company_id uuid,
    about text NOT NULL DEFAULT '',
    field text NOT NULL,
    value text NOT NULL,
    source_kind text NOT NULL,
    source text NOT NULL,
    provider_call_id uuid,
    source_url text,
    snippet text CHECK (length(snippet) <= 300),
    confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    observed_at timestamptz,
    retrieved_at timestamptz NOT NULL,
    expires_at timestamptz,
    pinned boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'CANDIDATE' CHECK (state IN ('CANDIDATE','CURRENT','SUPERSEDED','REJECTED','ERASED'))
    """,
    refs={"lead_id": "lead", "company_id": "company", "provider_call_id": "provider_call"},
    checks=("CHECK ((lead_id IS NULL) <> (company_id IS NULL))", "CHECK (about = '' OR lead_id IS NULL)"),
)
ENRICHMENT_REQUEST = tenant_table(
    "enrichment_request",
    """
    status text NOT NULL DEFAULT 'QUEUED' CHECK (status IN ('QUEUED','RUNNING','DONE','STOPPED')),
    plan text[] NOT NULL,
    lead_ids uuid[] NOT NULL,
    outcomes jsonb NOT NULL DEFAULT '{}',
    requested_by uuid,
    error text,
    started_at timestamptz,
    finished_at timestamptz
    """,
)
LEAD_EXPORT = tenant_table(
    "lead_export",
    """
    status text NOT NULL DEFAULT 'QUEUED' CHECK (status IN ('QUEUED','RUNNING','READY','FAILED','EXPIRED')),
    predicate jsonb NOT NULL,
    columns jsonb NOT NULL,
    file_path text,
    file_hash text,
    byte_size bigint,
    row_count integer,
    error text,
    requested_by uuid,
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz
    """,
)
# Who a file is about beside those it brought: everybody of an import is either created by it or named here.
IMPORT_KNOWN_LEAD = f"""
CREATE TABLE import_known_lead (
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    import_job_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    PRIMARY KEY (workspace_id, import_job_id, lead_id),
    FOREIGN KEY (workspace_id, import_job_id) REFERENCES import_job (workspace_id, id),
    FOREIGN KEY (workspace_id, lead_id) REFERENCES lead (workspace_id, id)
);
CREATE INDEX ON import_known_lead (workspace_id, lead_id);
{secured("import_known_lead")}
"""
# Words are kept apart from the lead: the trigram index costs an import more than everything else it writes, so
# that imported leads get theirs right after the import, in bulk. Text operators aren't leakproof and would scan
# the tenant under row-level security; the function searches as the owner, for one workspace and only its own.
LEAD_SEARCH = f"""
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE lead_search (
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    lead_id uuid NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (workspace_id, lead_id),
    FOREIGN KEY (workspace_id, lead_id) REFERENCES lead (workspace_id, id) ON DELETE CASCADE
);
{secured("lead_search")}
CREATE INDEX lead_search_words ON lead_search USING gin (words gin_trgm_ops);
CREATE FUNCTION lead_words(full_name text, email text, title text, company text, domain text) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT lower(concat_ws(' ', full_name, email, title, company, domain)) $$;
CREATE FUNCTION index_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_search (workspace_id, lead_id, words)
    SELECT NEW.workspace_id, NEW.id, lead_words(NEW.full_name, NEW.email, NEW.title, c.name, c.domain)
    FROM (SELECT) nobody LEFT JOIN company c ON c.workspace_id = NEW.workspace_id AND c.id = NEW.company_id
    ON CONFLICT (workspace_id, lead_id) DO UPDATE SET words = excluded.words
    WHERE lead_search.words <> excluded.words;
    RETURN NULL;
END $$;
CREATE TRIGGER lead_indexed AFTER INSERT ON lead FOR EACH ROW
    WHEN (NEW.import_job_id IS NULL) EXECUTE FUNCTION index_lead();
CREATE TRIGGER lead_reindexed AFTER UPDATE OF full_name, email, title, company_id ON lead FOR EACH ROW
    EXECUTE FUNCTION index_lead();
CREATE FUNCTION search_leads(workspace uuid, wanted text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF workspace IS DISTINCT FROM {CURRENT_WORKSPACE} THEN
        RAISE EXCEPTION 'not the workspace in scope' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY SELECT s.lead_id FROM lead_search s
        WHERE s.workspace_id = workspace
          AND s.words LIKE '%' || replace(replace(replace(lower(wanted), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'
        LIMIT most;
END $$;
REVOKE EXECUTE ON FUNCTION search_leads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_leads TO plera_app;
"""
# A workspace that the statistics don't know is taken for empty, and then every join of its leads with its companies
# becomes a loop over all pairs. Autovacuum looks only after a tenth of all tenants' rows have changed.
LEAD_STATISTICS = """
CREATE FUNCTION analyze_leads() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    ANALYZE company, lead;
END $$;
REVOKE EXECUTE ON FUNCTION analyze_leads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analyze_leads TO plera_app;
"""


class Migration(migrations.Migration):
    """Leads and their provenance."""

    dependencies = [("models", "0001_foundation")]
    operations = [
        RunSQL(sql)
        for sql in (
            COMPANY, IMPORT_JOB, IMPORT_ROW_ERROR, LEAD, IMPORT_KNOWN_LEAD, PROVIDER_CALL, FIELD_VALUE,
            ENRICHMENT_REQUEST, LEAD_EXPORT, LEAD_SEARCH, LEAD_STATISTICS,
        )
    ]
