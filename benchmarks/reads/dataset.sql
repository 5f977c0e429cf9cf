-- The data of one extent. Names with a colon are its sizes (see dataset.py). Every row is made from its number: in a
-- workspace number w the k-th row of a kind has number w + k * :workspaces, so that workspaces lie mixed on disk.

CREATE FUNCTION pg_temp.id(kind text, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
    SELECT ('01930000-0000-7000-8' || substr(md5(kind), 1, 3) || '-' || lpad(to_hex(number), 12, '0'))::uuid
$$;
CREATE FUNCTION pg_temp.began() RETURNS timestamptz IMMUTABLE LANGUAGE sql AS $$
    SELECT timestamptz '2026-01-05 09:00:00Z'
$$;
CREATE TEMP TABLE place AS SELECT w, pg_temp.id('workspace', w) AS workspace_id
    FROM generate_series(:first_workspace, :first_workspace + :workspaces - 1) w;

INSERT INTO app_user (id, email, name)
SELECT pg_temp.id('app_user', w), 'owner' || w || '@example.com', 'Ada Lovelace' FROM place;

INSERT INTO workspace (id, name, slug, owner_user_id, status, default_time_zone, postal_address)
SELECT workspace_id, 'Workspace ' || w, 'workspace-' || w, pg_temp.id('app_user', w), 'ACTIVE', 'Europe/Berlin',
       '1 Long Street' FROM place;

INSERT INTO log_head (workspace_id) SELECT workspace_id FROM place;

INSERT INTO member (id, workspace_id, user_id, role)
SELECT pg_temp.id('member', w), workspace_id, pg_temp.id('app_user', w), 'OWNER' FROM place;

INSERT INTO api_token (id, workspace_id, name, token_hash, role, created_by)
SELECT pg_temp.id('api_token', w), workspace_id, 'benchmark', sha256(convert_to('token ' || w, 'UTF8')), 'ADMIN',
       pg_temp.id('app_user', w) FROM place;

INSERT INTO sender (id, workspace_id, kind, address, domain, display_name)
SELECT pg_temp.id('sender', w), workspace_id, 'SMTP_IMAP', 'jo@example.com', 'example.com', 'Jo Doe' FROM place;

INSERT INTO strategy_profile (id, workspace_id, lineage_id, number, name, persona, offer, tone, cta)
SELECT pg_temp.id('profile', w), workspace_id, pg_temp.id('profile', w), 1, 'Robots', '{}', 'Robots', 'plain', 'A call'
FROM place;

INSERT INTO sequence (id, workspace_id, lineage_id, number, name, status)
SELECT pg_temp.id('sequence', w), workspace_id, pg_temp.id('sequence', w), 1, 'Robots', 'ACTIVE' FROM place;

INSERT INTO play (id, workspace_id, name, profile_id, sequence_id, source, budget_credits, status)
SELECT pg_temp.id('play', w), workspace_id, 'Robots', pg_temp.id('profile', w), pg_temp.id('sequence', w), '{}',
       1000000, 'ACTIVE' FROM place;

INSERT INTO run (id, workspace_id, play_id, profile_id, sequence_id, source, enrichment_plan, inputs_hash, seed,
                 budget_credits, taken_leads, status, started_at)
SELECT pg_temp.id('run', w), workspace_id, pg_temp.id('play', w), pg_temp.id('profile', w), pg_temp.id('sequence', w),
       '{}', '[]', '-', 1, 1000000, :run_leads, 'RUNNING', pg_temp.began() FROM place;

INSERT INTO company (id, workspace_id, name, name_key, domain, industry, employee_count, city, country, created_at)
SELECT pg_temp.id('company', :first_row + n), pg_temp.id('workspace', :first_workspace + n % :workspaces),
       'Company ' || n || ' GmbH', 'company ' || n, 'company-' || n || '.example',
       (ARRAY['Robotics', 'Logistics', NULL, 'Software', 'Health'])[1 + n % 5], 10 + n % 990, 'Berlin', 'DE',
       pg_temp.began() + n * interval '1 second'
FROM generate_series(0, :companies - 1) n;

INSERT INTO lead (id, workspace_id, company_id, email, email_identity, email_status, first_name, last_name, full_name,
                  title, seniority, phone, city, country, custom_fields, status, source_kind, created_at)
SELECT pg_temp.id('lead', :first_row + n), pg_temp.id('workspace', :first_workspace + n % :workspaces),
       pg_temp.id('company', :first_row + (n / :workspaces % :companies_each) * :workspaces + n % :workspaces),
       'lead' || n || '@company-' || n % 997 || '.example', 'lead' || n || '@company-' || n % 997 || '.example',
       (ARRAY['VALID', 'UNVERIFIED', 'RISKY', 'VALID'])[1 + n % 4], 'Zoë', 'Lead ' || n, 'Zoë Lead ' || n,
       CASE WHEN n % 7 > 0 THEN 'Head of "Robots" ' || n % 40 END, 'HEAD',
       CASE WHEN n % 3 > 0 THEN '+4930' || lpad(n::text, 7, '0') END,
       (ARRAY['Berlin', 'Köln', 'Zürich'])[1 + n % 3], 'DE', '{"team": "blue"}',
       (ARRAY['NEW', 'QUALIFIED', 'CONTACTED', 'ENGAGED'])[1 + n % 4], 'UPLOAD',
       pg_temp.began() + n * interval '1.5 seconds'
FROM generate_series(0, :leads - 1) n;

INSERT INTO run_lead (id, workspace_id, run_id, lead_id, stage, enriched_at)
SELECT pg_temp.id('run_lead', :first_row + n), pg_temp.id('workspace', :first_workspace + n % :workspaces),
       pg_temp.id('run', :first_workspace + n % :workspaces), pg_temp.id('lead', :first_row + n),
       (ARRAY['DISCOVERED', 'ENRICHING', 'DRAFTING', 'IN_REVIEW', 'SCHEDULED', 'SENDING', 'DONE'])
           [1 + (n / :workspaces) * 7 % 11 % 7], pg_temp.began()
FROM generate_series(0, :run_leads * :workspaces - 1) n;

INSERT INTO enrollment (id, workspace_id, run_id, lead_id, sequence_id, sender_id, status, current_position)
SELECT pg_temp.id('enrollment', :first_row + n), pg_temp.id('workspace', :first_workspace + n % :workspaces),
       pg_temp.id('run', :first_workspace + n % :workspaces), pg_temp.id('lead', :first_row + n),
       pg_temp.id('sequence', :first_workspace + n % :workspaces),
       pg_temp.id('sender', :first_workspace + n % :workspaces), 'ACTIVE', 1
FROM generate_series(0, :run_leads * :workspaces - 1) n;

-- A lead's messages are written weeks apart, so they don't lie side by side: first everybody's first, and so on. A
-- tenth of a workspace's leads, its oldest, has twelve, the others two: three on average.
DO $$
BEGIN
    FOR part IN 0 .. :parts - 1 LOOP
        INSERT INTO message (id, workspace_id, run_id, enrollment_id, lead_id, sender_id, to_address, subject,
                             text_body, html_body, content_hash, drafted_by, status, score, created_at)
        SELECT pg_temp.id('message', (part::bigint << 32) + :first_row + n),
               pg_temp.id('workspace', :first_workspace + n % :workspaces),
               CASE WHEN n / :workspaces < :run_leads THEN pg_temp.id('run', :first_workspace + n % :workspaces) END,
               CASE WHEN n / :workspaces < :run_leads THEN pg_temp.id('enrollment', :first_row + n) END,
               pg_temp.id('lead', :first_row + n), pg_temp.id('sender', :first_workspace + n % :workspaces),
               'lead' || n || '@company-' || n % 997 || '.example', 'Robots for you, part ' || part + 1,
               repeat('Hello, how are your robots? We make them faster. ', 4),
               repeat('<p>Hello, how are they?</p>', 8), md5(n::text), 'liquid-template',
               (ARRAY['IN_REVIEW', 'APPROVED', 'APPROVED', 'REJECTED'])[1 + (n + part) % 4], n % 100,
               pg_temp.began() + part * interval '3 days' + n * interval '1 millisecond'
        FROM generate_series(0, :leads / CASE WHEN part < 2 THEN 1 ELSE 10 END - 1) n;
    END LOOP;
END $$;
DROP TABLE place;
DROP FUNCTION pg_temp.id, pg_temp.began;
