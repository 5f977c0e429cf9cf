// urql with documents by their hashes against a started server: urql_persisted.mjs URL TOKEN [MANIFEST]
// Without a manifest it hashes texts itself and sends those that the server misses.
import { readFileSync } from "node:fs";

import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { operation } from "./journey.mjs";
import { recording } from "./recording.mjs";

const [url, token, manifest] = process.argv.slice(2);
const Authorization = `Bearer ${token}`;
const { requests, fetch } = recording();
const sockets = createClient({
  url: url.replace("http", "ws"),
  webSocketImpl: WebSocket,
  connectionParams: { Authorization },
});
const forwardSubscription = ({ query = "", ...said }) => ({
  subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, ...said }, sink) }),
});

function listed() {
  const { operations } = JSON.parse(readFileSync(manifest, "utf8"));
  const ids = new Map(operations.map(({ name, id }) => [name, id]));
  return {
    enforcePersistedQueries: true,
    enableForMutation: true,
    enableForSubscriptions: true,
    generateHash: async (_, { definitions }) => ids.get(definitions[0].name.value),
  };
}

const client = new Client({
  url,
  fetch,
  fetchOptions: { headers: { Authorization } },
  exchanges: [
    persistedExchange({ preferGetForPersistedQueries: true, ...(manifest ? listed() : {}) }),
    fetchExchange,
    subscriptionExchange({ forwardSubscription }),
  ],
});
const entered = await client.mutation(operation("CreateLead"), { input: { email: "ada@example.com" } });
const { id } = entered.data.leadCreate.lead;
const reads = [];
for (const _ of ["first", "again"]) reads.push((await client.query(operation("LeadById"), { id })).data.node.email);
const events = await new Promise((resolve) => {
  const seen = [];
  const subscription = client.subscription(operation("Events"), {}).subscribe(({ data, error }) => {
    seen.push(data?.workspaceEvents ?? String(error));
    if (seen.length === 3) (subscription.unsubscribe(), resolve(seen));
  });
});
const improvised = await client.query("query Improvised { workspace { name } }", {});
console.log(
  JSON.stringify({
    reads,
    events,
    improvised: improvised.error?.graphQLErrors[0].extensions.code ?? null,
    sent: requests.map((request) => request.sent),
  }),
);
await sockets.dispose();
