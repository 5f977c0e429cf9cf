"""The floor's SQL, written by hand: each statement answers one question with the bytes of the whole answer.

The workspace's scope is set in the same statement, as the read engine does it: the root is computed only after it.
"""

from benchmarks.reads.questions import LEADS_WITH_MESSAGES, MESSAGES_PER_LEAD, PAGE


def _scoped(root: str) -> str:
    return (
        "SELECT CASE WHEN set_config('app.workspace_id', ($1::uuid)::text, true) IS NOT NULL THEN"
        f" (SELECT json_build_object('data', json_build_object({root}))) END"
    )


_COUNT = "'totalCount', (SELECT count(*) FROM lead l WHERE l.workspace_id = $1),"


def _page(count: str) -> str:
    return _scoped(
        f"""
        'leads', (
            SELECT json_build_object(
                {count}
                'pageInfo', json_build_object(
                    'hasNextPage', count(*) > {PAGE}, 'hasPreviousPage', false,
                    'startCursor', min(cursor) FILTER (WHERE place = 1),
                    'endCursor', (array_agg(cursor ORDER BY place))[least(count(*), {PAGE})]
                ),
                'edges', coalesce(
                    json_agg(json_build_object('cursor', cursor, 'node', node) ORDER BY place)
                        FILTER (WHERE place <= {PAGE}),
                    '[]'
                )
            )
            FROM (
                SELECT row_number() OVER (ORDER BY l.created_at, l.id) AS place, row_to_json(shown) AS node,
                       encode(convert_to(l.created_at || ' ' || l.id, 'UTF8'), 'base64') AS cursor
                FROM (
                    SELECT * FROM lead WHERE workspace_id = $1 ORDER BY created_at, id LIMIT {PAGE + 1}
                ) l
                CROSS JOIN LATERAL (
                    SELECT 'lead_' || l.id AS id, l.email, l.email_status AS "emailStatus",
                           l.first_name AS "firstName", l.last_name AS "lastName", l.full_name AS "fullName",
                           l.title, l.phone, l.city, l.country, l.status, l.created_at AS "createdAt",
                           (
                               SELECT row_to_json(c) FROM (
                                   SELECT 'comp_' || id AS id, name, domain, industry FROM company
                                   WHERE workspace_id = $1 AND id = l.company_id
                               ) c
                           ) AS company,
                           (
                               SELECT row_to_json(m) FROM (
                                   SELECT subject, status, created_at AS "createdAt" FROM message
                                   WHERE workspace_id = $1 AND lead_id = l.id
                                   ORDER BY created_at DESC, id DESC LIMIT 1
                               ) m
                           ) AS "lastMessage"
                ) shown
            ) page
        )
        """
    )


Q1 = _page(_COUNT)
Q1_UNCOUNTED = _page("")

Q2 = _scoped(
    """
    'lead', (
        SELECT row_to_json(shown) FROM (
            SELECT 'lead_' || id AS id, full_name AS "fullName", email, title, status FROM lead
            WHERE workspace_id = $1 AND id = $2
        ) shown
    )
    """
)

Q3 = _scoped(
    f"""
    'leads', (
        SELECT json_build_object('nodes', coalesce(json_agg(row_to_json(shown)), '[]'))
        FROM (
            SELECT 'lead_' || l.id AS id, l.full_name AS "fullName", (
                SELECT json_build_object('nodes', coalesce(json_agg(row_to_json(m)), '[]')) FROM (
                    SELECT 'mess_' || m.id AS id, subject, status, created_at AS "createdAt" FROM message m
                    WHERE m.workspace_id = $1 AND m.lead_id = l.id
                    ORDER BY m.created_at DESC, m.id DESC LIMIT {MESSAGES_PER_LEAD}
                ) m
            ) AS messages
            FROM lead l WHERE l.workspace_id = $1 ORDER BY l.created_at, l.id LIMIT {LEADS_WITH_MESSAGES}
        ) shown
    )
    """
)

_STAGES = "DISCOVERED,ENRICHING,DRAFTING,IN_REVIEW,SCHEDULED,SENDING,DONE,DROPPED"

Q4 = _scoped(
    f"""
    'run', (
        SELECT json_build_object('id', 'run_' || r.id, 'status', r.status, 'statistics', (
            SELECT json_build_object(
                'discovered', coalesce(sum(count), 0),
                'stages', coalesce(
                    json_agg(row_to_json(s) ORDER BY array_position('{{{_STAGES}}}', s.stage)), '[]'
                )
            )
            FROM (
                SELECT stage, count(*) FROM run_lead WHERE workspace_id = $1 AND run_id = r.id GROUP BY stage
            ) s
        ))
        FROM run r WHERE r.workspace_id = $1 AND r.id = $2
    )
    """
)

M1 = _scoped(
    """
    'leadRestrict', json_build_object('lead', (
        SELECT row_to_json(shown) FROM (
            SELECT 'lead_' || id AS id, full_name AS "fullName", status, restricted_at AS "restrictedAt"
            FROM lead WHERE workspace_id = $1 AND id = $2
        ) shown
    ), 'errors', '[]'::json)
    """
)

STATEMENTS = {"Q1": Q1, "Q1-uncounted": Q1_UNCOUNTED, "Q2": Q2, "Q3": Q3, "Q4": Q4, "M1": M1}

TOKEN = """
SELECT id, workspace_id, role, created_by FROM api_token
WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
"""
