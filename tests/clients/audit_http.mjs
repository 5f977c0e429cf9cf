// The audits of graphql-http against a started server, as JSON: audit_http.mjs URL TOKEN
import { auditServer } from "graphql-http";

const [url, token] = process.argv.slice(2);

const results = await auditServer({
  url,
  fetchFn: (input, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  },
});

const told = results.map(({ id, name, status, reason = null }) => ({ id, name, status, reason }));
console.log(JSON.stringify(told));
