// What both peers share: connections under Plera's roles, and the look-up of a bearer token.
import { createHash } from "node:crypto";
import pg from "pg";

const POOL = 10;

/** Connections that act as `plera_app` or `plera_system`; as many as Plera has. */
export const poolAs = (role) =>
  new pg.Pool({ connectionString: process.env.DATABASE_URL, options: `-c role=${role}`, min: POOL, max: POOL });

const system = poolAs("plera_system");
const TOKEN = {
  name: "token",
  text: `SELECT workspace_id FROM api_token
         WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
};

/** The workspace of the token in an `Authorization` header; throws without a live one. */
export async function workspaceOf(authorization) {
  const token = (authorization ?? "").replace(/^Bearer /i, "");
  const hash = createHash("sha256").update(token).digest();
  const { rows } = await system.query({ ...TOKEN, values: [hash, new Date()] });
  if (rows.length === 0) throw new Error("sign in first");
  return rows[0].workspace_id;
}
