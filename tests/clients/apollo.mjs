// Apollo Client against a started server: apollo.mjs URL TOKEN
import { createHash } from "node:crypto";

import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [uri, token] = process.argv.slice(2);
const requests = [];

const http = () =>
  new HttpLink({
    uri,
    headers: { Authorization: `Bearer ${token}` },
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      requests.push({ persisted: !JSON.parse(init.body ?? "{}").query, type: response.headers.get("content-type") });
      return response;
    },
  });
const client = (link, incrementalHandler) =>
  new ApolloClient({ cache: new InMemoryCache(), link, incrementalHandler, defaultOptions: { query: { errorPolicy: "all" } } });

const NAME = gql("query Name { workspace { name } }");
const DEFERRED = gql("query Late { __typename ... @defer(label: \"late\") { workspace { name } } }");
const EVENTS = gql("subscription Events { workspaceEvents { seq type } }");

/** Every state an operation goes through, until its last one. */
function states(observable, isLast) {
  return new Promise((resolve, reject) => {
    const seen = [];
    const subscription = observable.subscribe({
      next: (result) => {
        seen.push(result);
        if (isLast(result, seen)) (subscription.unsubscribe(), resolve(seen));
      },
      error: reject,
      complete: () => resolve(seen),
    });
  });
}

const plain = client(http());
const { data } = await plain.query({ query: NAME });
const wrong = await plain.query({ query: gql("query Wrong { nothing }") });
const refused = await plain.query({ query: gql('query Bad { leads(after: "x") { totalCount } }') });

const persisted = new PersistedQueryLink({ sha256: (text) => createHash("sha256").update(text).digest("hex") });
const before = requests.length;
const overHash = await client(persisted.concat(http())).query({ query: NAME });
const tries = requests.slice(before).map((request) => request.persisted);

const isWhole = ({ data, dataState }) => dataState === "complete" && data?.workspace;
const incremental = {};
for (const [name, handler] of Object.entries({ newer: new GraphQL17Alpha9Handler(), older: new Defer20220824Handler() })) {
  const seen = await states(client(http(), handler).watchQuery({ query: DEFERRED }), isWhole);
  incremental[name] = { last: seen.at(-1).data.workspace.name, type: requests.at(-1).type };
}

const events = await states(client(http()).subscribe({ query: EVENTS }), (_, seen) => seen.length === 3);

console.log(
  JSON.stringify({
    name: data.workspace.name,
    wrong: wrong.error.errors.map((error) => error.extensions.code),
    refused: refused.error.errors.map((error) => error.extensions.code),
    overHash: overHash.data.workspace.name,
    tries,
    incremental,
    events: events.map((result) => result.data.workspaceEvents),
  }),
);
process.exit(0);
