// Relay, without React, against a started server: relay/journey.mjs URL TOKEN ARTIFACTS
import { createRequire } from "node:module";

import {
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getRequest,
  getSingularSelector,
  requestSubscription,
} from "relay-runtime";

import { connect } from "./network.mjs";

const [url, token, artifacts] = process.argv.slice(2);
const made = (name) => createRequire(`${artifacts}/`)(`./journey${name}.graphql`);
const { sockets, environment } = connect(url, token);

/** Ask, and keep what was answered in the store as a mounted component does. */
function ask(relay, query, variables) {
  relay.retain(createOperationDescriptor(getRequest(query), variables));
  return fetchQuery(relay, query, variables).toPromise();
}

/** What a component with this fragment would be handed. */
const masked = (relay, fragment, data) => relay.lookup(getSingularSelector(fragment, data)).data;

const addresses = (connection) => connection.edges.map((edge) => edge.node.email);

function change(relay, name, variables, uploadables) {
  return new Promise((resolve, reject) => {
    const mutation = made(name);
    commitMutation(relay, { mutation, variables, uploadables, onCompleted: resolve, onError: reject });
  });
}

/** Enter people, each appended to a list that is on display; change one, the second time without having seen the first. */
async function write() {
  const relay = environment();
  const displayed = await ask(relay, made("LeadsQuery"), {});
  const list = () => masked(relay, made("_leads"), displayed).leads;
  const connections = [list().__id];
  const leads = [];
  for (const name of ["ada", "ben", "cyd"]) {
    const { leadCreate } = await change(relay, "CreateMutation", { input: { email: `${name}@example.com` }, connections });
    leads.push(leadCreate.lead);
  }
  const [{ id, version }] = leads;
  const input = { id, expectedVersion: version, title: "Countess" };
  const changed = (await change(relay, "UpdateMutation", { input })).leadUpdate.lead;
  const [stale] = (await change(relay, "UpdateMutation", { input })).leadUpdate.errors;
  return { created: addresses(list()), changed: { ...changed }, stale };
}

/** Turn the page of a @connection; its query is the one made for @refetchable. */
async function turn(relay, fragment, connection) {
  const { paginationMetadata, paginationRequest } = getPaginationMetadata(fragment, fragment.name);
  const after = connection.pageInfo.endCursor;
  await ask(relay, paginationRequest, getPaginationVariables("forward", 2, after, {}, {}, paginationMetadata));
}

async function read() {
  const relay = environment();
  const fragment = made("_leads");
  const displayed = await ask(relay, made("LeadsQuery"), {});
  const first = masked(relay, fragment, displayed).leads;
  await turn(relay, fragment, first);
  const whole = masked(relay, fragment, displayed).leads;
  const pages = [addresses(first), addresses(whole).slice(first.edges.length)];

  const refetched = await ask(relay, made("LeadQuery"), { id: first.edges[0].node.id });
  const { id, ...lead } = masked(relay, made("_lead"), refetched.node); // @refetchable adds the id
  const refused = await ask(environment(), made("LeadsQuery"), { after: "x" }).catch((error) => error);
  const more = [first, whole].map((page) => page.pageInfo.hasNextPage);
  return { pages, more, read: lead, refused: refused.source.errors[0].extensions.code };
}

async function upload() {
  const file = new File(["Email,Name\ndee@example.com,Dee\n"], "leads.csv", { type: "text/csv" });
  const { leadImportUpload } = await change(environment(), "UploadMutation", { file: null }, { file });
  return leadImportUpload.importJob;
}

/** What a text is refused with, if it is, that relay-compiler has never seen. */
async function improvise() {
  const query = made("LeadsQuery");
  const params = { ...query.params, id: null, cacheID: "improvised", text: "query journeyLeadsQuery { workspace { name } }" };
  return ask(environment(), { ...query, params }, {}).then(
    () => null,
    (error) => error.source.errors[0].extensions.code,
  );
}

function listen() {
  const seen = [];
  return new Promise((resolve, reject) => {
    const subscription = requestSubscription(environment(), {
      subscription: made("EventsSubscription"),
      variables: {},
      onError: reject,
      onNext: ({ workspaceEvents }) => {
        seen.push(workspaceEvents);
        if (seen.length === 3) (subscription.dispose(), resolve(seen));
      },
    });
  });
}

const written = await write();
const { more, ...found } = await read();
const outcome = { ...written, ...found };
const [uploaded, events, improvised] = [await upload(), await listen(), await improvise()];
console.log(JSON.stringify({ outcome, more, uploaded, events, improvised }));
await sockets.dispose();
