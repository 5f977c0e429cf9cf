// The reference clients of graphql-ws and graphql-sse against a started server: reference_streams.mjs URL TOKEN
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

const [url, token] = process.argv.slice(2);
const EVENTS = "subscription { workspaceEvents { seq type } }";
const NAME = "query Name { workspace { name } }";

const overWs = (credential) =>
  createWs({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${credential}` },
    retryAttempts: 3,
  });
const overSse = createSse({ url, headers: { Authorization: `Bearer ${token}` }, retryAttempts: 0 });

/** Return the first `count` results of an operation, or what it failed with. */
async function first(client, query, count = 1) {
  const results = [];
  try {
    for await (const result of client.iterate({ query })) {
      results.push(result);
      if (results.length === count) break;
    }
  } catch (error) {
    return { failed: Array.isArray(error) ? error.map((each) => each.extensions.code) : (error.code ?? String(error)) };
  }
  return results;
}

const ws = overWs(token);
const answers = {
  wsQuery: await first(ws, NAME),
  wsEvents: await first(ws, EVENTS, 3),
  wsInvalid: await first(ws, "{ nothing }"),
  wsAfterwards: await first(ws, NAME),
  wsStranger: await first(overWs("plera_s_wrong"), NAME),
  sseQuery: await first(overSse, NAME),
  sseEvents: await first(overSse, EVENTS, 3),
};
await ws.dispose();
overSse.dispose();
console.log(JSON.stringify(answers));
