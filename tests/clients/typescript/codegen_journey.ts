// Documents that graphql-codegen's client preset has typed, against a started server: codegen_journey.js URL TOKEN WAY
import { ask, listen, refusal, send } from "./asking.js";
import {
  CreateLeadDocument,
  EventsDocument,
  LeadByIdDocument,
  type LeadByIdQuery,
  LeadsDocument,
  type LeadsQuery,
  TypedDocumentString,
  UpdateLeadDocument,
  UploadLeadsDocument,
} from "./made/graphql.js";

type Lead = Extract<LeadByIdQuery["node"], { __typename: "Lead" }>;

function present<Value>(value: Value | null | undefined): Value {
  if (value == null) throw new Error("something is missing");
  return value;
}

async function write() {
  const leads = [];
  for (const name of ["ada", "ben", "cyd"]) {
    const { leadCreate } = await ask(CreateLeadDocument, { input: { email: `${name}@example.com` } });
    leads.push(present(leadCreate.lead));
  }
  const { id, version } = present(leads[0]);
  const input = { id, expectedVersion: version, title: "Countess" };
  const changed = (await ask(UpdateLeadDocument, { input })).leadUpdate.lead;
  const error = present((await ask(UpdateLeadDocument, { input })).leadUpdate.errors[0]);
  if (error.__typename !== "StaleVersionError") throw new Error(error.code);
  const { __typename, code, current } = error;
  return { created: leads.map((lead) => lead.email), changed, stale: { __typename, code, current } };
}

async function turn() {
  const pages: (string | null)[][] = [];
  const ids: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { leads }: LeadsQuery = await ask(LeadsDocument, { first: 2, after });
    pages.push(leads.nodes.map((lead) => lead.email));
    ids.push(...leads.nodes.map((lead) => lead.id));
    ({ endCursor: after, hasNextPage: more } = leads.pageInfo);
  }
  return { pages, first: present(ids[0]) };
}

async function read() {
  const { pages, first } = await turn();
  const node = present((await ask(LeadByIdDocument, { id: first })).node);
  if (node.__typename !== "Lead") throw new Error(node.__typename);
  const { createdAt, ...lead }: Lead = node;
  if (Number.isNaN(Date.parse(createdAt))) throw new Error(createdAt);
  return { pages, read: lead, refused: await refusal(LeadsDocument, { first: 2, after: "x" }) };
}

/** Never called: what the types must not let through. */
export function mistakes() {
  // @ts-expect-error an input without what it must have
  void ask(UpdateLeadDocument, { input: { title: "Countess" } });
  // @ts-expect-error a number for a text
  void ask(CreateLeadDocument, { input: { email: 1 } });
  // @ts-expect-error a field nobody asked for
  void ask(LeadsDocument, {}).then(({ leads }) => leads.nodes[0]?.title);
}

const file = new File(["Email,Name\ndee@example.com,Dee\n"], "leads.csv", { type: "text/csv" });
const outcome = { ...(await write()), ...(await read()) };
const uploaded = (await send(UploadLeadsDocument, { file })).leadImportUpload.importJob;
const events = (await listen(EventsDocument, 3)).map((event) => event.workspaceEvents);
const improvised = await refusal(new TypedDocumentString("query Improvised { workspace { name } }"), {});
console.log(JSON.stringify({ outcome, uploaded, events, improvised }));
