// A typed document over plain fetch, and over an event stream: what the documentation of both generators suggests.
import type { DocumentTypeDecoration } from "@graphql-typed-document-node/core";
import { type DocumentNode, print } from "graphql";
import { createClient } from "graphql-sse";

export const [url, token] = process.argv.slice(2) as [string, string];
const headers = { Authorization: `Bearer ${token}`, Accept: "application/graphql-response+json" };

/** What a generator makes of a document: its text, or its syntax tree. */
export type Document<Result, Variables> = DocumentTypeDecoration<Result, Variables> & (String | DocumentNode);

export class Refused extends Error {
  constructor(readonly codes: string[]) {
    super(codes.join());
  }
}

const text = (document: String | DocumentNode) => (document instanceof String ? document.toString() : print(document));

async function answered<Result>(response: Response): Promise<Result> {
  const { data, errors } = await response.json();
  if (errors) throw new Refused(errors.map((error: { extensions: { code: string } }) => error.extensions.code));
  return data;
}

export async function ask<Result, Variables>(document: Document<Result, Variables>, variables: Variables): Promise<Result> {
  const body = JSON.stringify({ query: text(document), variables });
  return answered(await fetch(url, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } }));
}

/** Ask with one file, in a form as the GraphQL multipart request specification has it. */
export async function send<Result, Variables extends { file: File }>(
  document: Document<Result, Variables>,
  { file, ...variables }: Variables,
): Promise<Result> {
  const body = new FormData();
  body.set("operations", JSON.stringify({ query: text(document), variables: { ...variables, file: null } }));
  body.set("map", JSON.stringify({ 0: ["variables.file"] }));
  body.set("0", file);
  return answered(await fetch(url, { method: "POST", body, headers }));
}

/** The first `count` events. */
export async function listen<Result>(document: Document<Result, Record<string, never>>, count: number): Promise<Result[]> {
  const seen: Result[] = [];
  const stream = createClient({ url, headers: { Authorization: headers.Authorization } });
  for await (const { data } of stream.iterate<Result>({ query: text(document) })) {
    if (data) seen.push(data);
    if (seen.length === count) break;
  }
  stream.dispose();
  return seen;
}
