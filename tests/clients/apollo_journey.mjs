// Apollo Client's cache and pages against a started server: apollo_journey.mjs URL TOKEN WAY MANIFEST
import { readFileSync } from "node:fs";

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";

import { operation } from "./journey.mjs";

const [uri, token, way, manifest] = process.argv.slice(2);

const http = new HttpLink({ uri, headers: { Authorization: `Bearer ${token}` } });
const loadManifest = () => JSON.parse(readFileSync(manifest, "utf8"));
const ids = () =>
  new PersistedQueryLink({ ...generatePersistedQueryIdsFromManifest({ loadManifest }), useGETForHashedQueries: true });

const merge = (existing, incoming) => ({ ...incoming, nodes: [...(existing?.nodes ?? []), ...incoming.nodes] });
const client = new ApolloClient({
  cache: new InMemoryCache({ typePolicies: { Query: { fields: { leads: { keyArgs: ["orderBy"], merge } } } } }),
  link: way === "ids" ? ids().concat(http) : http,
});
const code = (error) => CombinedGraphQLErrors.is(error) && error.errors[0].extensions.code;
const change = (name, input) => client.mutate({ mutation: operation(name), variables: { input } });

async function write() {
  const leads = [];
  for (const name of ["ada", "ben", "cyd"]) {
    const { data } = await change("CreateLead", { email: `${name}@example.com` });
    leads.push(data.leadCreate.lead);
  }
  const [{ id, version }] = leads;
  const input = { id, expectedVersion: version, title: "Countess" };
  const { title, version: now } = (await change("UpdateLead", input)).data.leadUpdate.lead;
  const [{ field, ...stale }] = (await change("UpdateLead", input)).data.leadUpdate.errors;
  return { created: leads.map((lead) => lead.email), changed: { title, version: now }, stale };
}

async function read() {
  const query = operation("Leads");
  const { data } = await client.query({ query, variables: { first: 2 } });
  const list = client.watchQuery({ query, variables: { first: 2 } });
  const displayed = list.subscribe(() => {});
  const { endCursor: after } = data.leads.pageInfo;
  await list.fetchMore({ variables: { first: 2, after } });
  const whole = client.readQuery({ query, variables: { first: 2 } }).leads.nodes;
  displayed.unsubscribe();

  const byId = await client.query({ query: operation("LeadById"), variables: { id: data.leads.nodes[0].id } });
  const { createdAt, ...lead } = byId.data.node;
  const refused = await client.query({ query, variables: { after: "x" }, fetchPolicy: "no-cache" }).catch((error) => error);
  const pages = [whole.slice(0, 2), whole.slice(2)].map((page) => page.map(({ email }) => email));
  return { pages, read: lead, refused: code(refused) };
}

function listen() {
  const seen = [];
  return new Promise((resolve, reject) => {
    const subscription = client.subscribe({ query: operation("Events") }).subscribe({
      error: reject,
      next: ({ data: { workspaceEvents: { __typename, ...event } } }) => {
        seen.push(event);
        if (seen.length === 3) (subscription.unsubscribe(), resolve(seen));
      },
    });
  });
}

/** What a text is refused with, if it is, that isn't in the manifest. */
async function improvise() {
  const plain = new ApolloClient({ cache: new InMemoryCache(), link: http });
  const query = gql("query Improvised { workspace { name } }");
  return plain.query({ query }).then(() => null, code);
}

const outcome = { ...(await write()), ...(await read()) };
console.log(JSON.stringify({ outcome, events: await listen(), improvised: await improvise() }));
process.exit(0);
