// urql against a started server: urql.mjs URL TOKEN
import { Client, fetchExchange } from "@urql/core";

const [url, token] = process.argv.slice(2);
const client = new Client({
  url,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  fetchOptions: { headers: { Authorization: `Bearer ${token}` } },
  preferGetMethod: false,
});

const whole = await client.query("query Name { workspace { name } }", {}).toPromise();
const wrong = await client.query("query Wrong { nothing }", {}).toPromise();
const events = await new Promise((resolve) => {
  const seen = [];
  // left open: Node.js reports urql's abort of a streaming fetch as a rejection nobody handles
  client.subscription("subscription Events { workspaceEvents { seq type } }", {}).subscribe((result) => {
    seen.push(result.data?.workspaceEvents ?? String(result.error));
    if (seen.length === 3) resolve(seen);
  });
});
const late = await new Promise((resolve) => {
  const query = 'query Late { __typename ... @defer(label: "late") { workspace { name } } }';
  client.query(query, {}).subscribe((result) => result.hasNext || resolve(result));
});
console.log(
  JSON.stringify({
    name: whole.data.workspace.name,
    wrong: wrong.error.graphQLErrors.map((error) => error.extensions.code),
    events,
    late: late.data ?? String(late.error),
  }),
);
process.exit(0);
