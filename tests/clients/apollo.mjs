// Apollo Client against a started server: apollo.mjs URL TOKEN
import { createHash } from "node:crypto";

import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

import { recording } from "./recording.mjs";

const [uri, token] = process.argv.slice(2);
const { requests, fetch } = recording();

const http = () => new HttpLink({ uri, fetch, headers: { Authorization: `Bearer ${token}` } });
const client = (link, incrementalHandler) =>
  new ApolloClient({ cache: new InMemoryCache(), link, incrementalHandler, defaultOptions: { query: { errorPolicy: "all" } } });

const NAME = gql("query Name { workspace { name } }");
const DEFERRED = gql("query Late { __typename ... @defer(label: \"late\") { workspace { name } } }");

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

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** How a new text is asked for twice by its hash. */
async function overHash(text, useGETForHashedQueries) {
  const before = requests.length;
  const automatic = client(new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(http()));
  const names = [];
  for (const _ of ["first", "again"]) {
    const { data } = await automatic.query({ query: gql(text), fetchPolicy: "network-only" });
    names.push(data.workspace.name);
  }
  return { names, sent: requests.slice(before).map((request) => request.sent) };
}

const isWhole = ({ data, dataState }) => dataState === "complete" && data?.workspace;
const incremental = {};
for (const [name, handler] of Object.entries({ newer: new GraphQL17Alpha9Handler(), older: new Defer20220824Handler() })) {
  const seen = await states(client(http(), handler).watchQuery({ query: DEFERRED }), isWhole);
  incremental[name] = { last: seen.at(-1).data.workspace.name, type: requests.at(-1).type };
}

console.log(
  JSON.stringify({
    name: data.workspace.name,
    wrong: wrong.error.errors.map((error) => error.extensions.code),
    refused: refused.error.errors.map((error) => error.extensions.code),
    overHash: [
      await overHash("query ByPost { workspace { name } }", false),
      await overHash("query ByGet { workspace { name } }", true),
    ],
    incremental,
  }),
);
process.exit(0);
