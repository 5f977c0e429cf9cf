// What mercurius' resolvers and loaders read; $1 is the workspace, names make them prepared statements.
const LEAD = `id, company_id AS "companyId", email, email_status AS "emailStatus", first_name AS "firstName",
  last_name AS "lastName", full_name AS "fullName", title, phone, city, country, status,
  created_at AS "createdAt", restricted_at AS "restrictedAt"`;

export const page = {
  name: "page",
  text: `SELECT ${LEAD} FROM lead WHERE workspace_id = $1 ORDER BY created_at, id LIMIT $2`,
};
export const count = { name: "count", text: "SELECT count(*)::int FROM lead WHERE workspace_id = $1" };
export const lead = { name: "lead", text: `SELECT ${LEAD} FROM lead WHERE workspace_id = $1 AND id = $2` };
export const companies = {
  name: "companies",
  text: "SELECT id AS key, id, name, domain, industry FROM company WHERE workspace_id = $1 AND id = ANY ($2)",
};
export const messages = {
  name: "messages",
  text: `SELECT l.id AS key, m.* FROM unnest($2::uuid[]) AS l (id) CROSS JOIN LATERAL (
           SELECT id, subject, status, created_at AS "createdAt" FROM message
           WHERE workspace_id = $1 AND lead_id = l.id ORDER BY created_at DESC, id DESC LIMIT $3
         ) m`,
};
export const run = { name: "run", text: "SELECT id, status FROM run WHERE workspace_id = $1 AND id = $2" };
export const stages = {
  name: "stages",
  text: `SELECT stage, count(*)::int FROM run_lead WHERE workspace_id = $1 AND run_id = $2 GROUP BY stage
         ORDER BY array_position(
           '{DISCOVERED,ENRICHING,DRAFTING,IN_REVIEW,SCHEDULED,SENDING,DONE,DROPPED}', stage)`,
};
export const restrict = { name: "restrict", text: `SELECT ${LEAD} FROM restrict_lead($1, $2)` };
