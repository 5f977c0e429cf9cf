// Apollo Client's cache and pages against a started server: apollo_journey.mjs URL TOKEN
import { readFileSync } from "node:fs";

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { parse } from "graphql";

const [uri, token] = process.argv.slice(2);
const journey = parse(readFileSync(new URL("journey.graphql", import.meta.url), "utf8"));

/** One operation of the journey as a document of its own. */
const operation = (name) => ({ ...journey, definitions: journey.definitions.filter((each) => each.name.value === name) });

const merge = (existing, incoming) => ({ ...incoming, nodes: [...(existing?.nodes ?? []), ...incoming.nodes] });
const client = new ApolloClient({
  cache: new InMemoryCache({ typePolicies: { Query: { fields: { leads: { keyArgs: ["orderBy"], merge } } } } }),
  link: new HttpLink({ uri, headers: { Authorization: `Bearer ${token}` } }),
});
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
  return { pages, read: lead, refused: CombinedGraphQLErrors.is(refused) && refused.errors[0].extensions.code };
}

console.log(JSON.stringify({ ...(await write()), ...(await read()) }));
process.exit(0);
