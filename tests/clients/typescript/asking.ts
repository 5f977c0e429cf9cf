// A typed document over plain fetch, and over an event stream: what the documentation of both generators suggests.
// The command line says after URL and TOKEN how documents are sent: as `texts`, or by the `ids` of those that have one.
import type { DocumentTypeDecoration } from "@graphql-typed-document-node/core";
import { type DocumentNode, print } from "graphql";
import { createClient } from "graphql-sse";

export const [url, token, way] = process.argv.slice(2) as [string, string, "texts" | "ids"];
const headers = { Authorization: `Bearer ${token}`, Accept: "application/graphql-response+json" };

/** What a generator makes of a document: its text, or its syntax tree, each with the id it has in the manifest. */
type Text = String & { __meta__?: Record<string, any> | undefined };
type Tree = DocumentNode & { documentId?: string };
export type Document<Result, Variables> = DocumentTypeDecoration<Result, Variables> & (Text | Tree);

export class Refused extends Error {
  constructor(readonly codes: string[]) {
    super(codes.join());
  }
}

/** What says to the server which document is meant. */
function named(document: Text | Tree): { query: string } | { documentId: string } {
  const id = document instanceof String ? document.__meta__?.["hash"] : document.documentId;
  if (way === "ids" && id) return { documentId: id };
  return { query: document instanceof String ? document.toString() : print(document) };
}

async function answered<Result>(response: Response): Promise<Result> {
  const { data, errors } = await response.json();
  if (errors) throw new Refused(errors.map((error: { extensions: { code: string } }) => error.extensions.code));
  return data;
}

export async function ask<Result, Variables>(document: Document<Result, Variables>, variables: Variables): Promise<Result> {
  const body = JSON.stringify({ ...named(document), variables });
  return answered(await fetch(url, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } }));
}

/** Ask with one file, in a form as the GraphQL multipart request specification has it. */
export async function send<Result, Variables extends { file: File }>(
  document: Document<Result, Variables>,
  { file, ...variables }: Variables,
): Promise<Result> {
  const body = new FormData();
  body.set("operations", JSON.stringify({ ...named(document), variables: { ...variables, file: null } }));
  body.set("map", JSON.stringify({ 0: ["variables.file"] }));
  body.set("0", file);
  return answered(await fetch(url, { method: "POST", body, headers }));
}

/** What a document is refused with, if it is. */
export async function refusal<Result, Variables>(document: Document<Result, Variables>, variables: Variables) {
  return ask(document, variables).then(
    () => null,
    (error: Refused) => error.message,
  );
}

/** The first `count` events. */
export async function listen<Result>(document: Document<Result, Record<string, never>>, count: number): Promise<Result[]> {
  const seen: Result[] = [];
  const stream = createClient({ url, headers: { Authorization: headers.Authorization } });
  for await (const { data } of stream.iterate<Result>({ query: "", ...named(document) })) {
    if (data) seen.push(data);
    if (seen.length === count) break;
  }
  stream.dispose();
  return seen;
}
