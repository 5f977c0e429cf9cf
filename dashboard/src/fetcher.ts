// How GraphiQL's operations reach the server: HTTP, or one socket for each subscription.
import {
  createGraphiQLFetcher,
  type Fetcher,
  type FetcherOpts,
  type FetcherParams,
  type SyncExecutionResult,
} from "@graphiql/toolkit";
import {
  buildSchema,
  getOperationAST,
  introspectionFromSchema,
  parse,
  type FormattedExecutionResult,
  type OperationDefinitionNode,
} from "graphql";
import { createClient, type Sink, type SubscribePayload } from "graphql-ws";

import { currentSession, refreshWorkspaces, sessionHeaders, takeToken } from "./session";

const SIGNS_IN = /\b(?:signIn|setUp)\b/;
const REASONS: Record<number, string> = {
  1006: "the connection was lost",
  1012: "the server restarted; run again with the last cursor as `after`",
  4401: "not signed in, or the token is no longer good",
  4403: "not allowed",
  4429: "too many requests",
};

/** The page's headers, under those that were typed into the editor. */
function allHeaders(options: FetcherOpts): Record<string, string> {
  const all = [...Object.entries(sessionHeaders()), ...Object.entries(options.headers ?? {})];
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), String(value)])); // the last one of a name
}

/** The schema that anybody may read, in the form GraphiQL asks for it: documentation comes before signing in. */
async function schema(): Promise<SyncExecutionResult> {
  const answer = await fetch("/schema.graphql");
  if (!answer.ok) throw new Error(`/schema.graphql answered ${answer.status}`);
  return { data: { ...introspectionFromSchema(buildSchema(await answer.text(), { assumeValidSDL: true })) } };
}

/** Signing in takes no cookie: its token stays in this page's memory. */
const send: typeof fetch = (address, options) =>
  fetch(address, { ...options, ...(SIGNS_IN.test(String(options?.body)) && { credentials: "omit" }) });

const byHttp = createGraphiQLFetcher({ url: "/graphql", fetch: send });

/** Follow a subscription. It never connects again by itself: what was missed is asked for with `after`. */
function follow(request: SubscribePayload, options: FetcherOpts): SyncExecutionResult {
  return {
    subscribe(sink: Sink<FormattedExecutionResult>) {
      const client = createClient({
        url: `${location.origin.replace(/^http/, "ws")}/graphql`,
        connectionParams: allHeaders(options),
        retryAttempts: 0,
      });
      const error = (problem: unknown): void => sink.error(problem instanceof CloseEvent ? closed(problem) : problem);
      const unsubscribe = client.subscribe(request, { ...sink, error });
      return { unsubscribe };
    },
  } as SyncExecutionResult;
}

const closed = ({ code, reason }: CloseEvent): Error =>
  new Error(`The server closed the socket (${code}): ${reason || REASONS[code] || "no reason given"}`);

/** Use the token that a mutation in the editor brought, and see the workspace that one made, as far as that works. */
async function learn(operation: OperationDefinitionNode, result: FormattedExecutionResult): Promise<void> {
  if (operation.operation !== "mutation") return;
  const payloads = Object.values(result.data ?? {}) as ({ token?: string } | null)[];
  const token = payloads.find((payload) => payload?.token?.startsWith("plera_s_"))?.token;
  if (token) await takeToken(token, { isOurs: true });
  else if (!currentSession().workspaceId) await refreshWorkspaces();
}

async function* watched(
  results: AsyncIterable<FormattedExecutionResult>,
  operation: OperationDefinitionNode,
): AsyncGenerator<FormattedExecutionResult> {
  for await (const result of results) {
    yield result;
    await learn(operation, result).catch(() => undefined); // the answer stands
  }
}

/**
 * The operation that is meant. GraphiQL reads the name from the editor a moment after it changed: right after a change
 * of tabs it is still the other tab's.
 */
function chosen({ query, operationName }: FetcherParams): OperationDefinitionNode | null {
  try {
    const document = parse(query);
    return getOperationAST(document, operationName) ?? getOperationAST(document) ?? null;
  } catch {
    return null; // the server says what is wrong with it
  }
}

export const fetcher: Fetcher = async (request, options = {}) => {
  if (!options.documentAST && request.operationName === "IntrospectionQuery") return schema(); // GraphiQL itself asks
  const operation = chosen(request);
  const named = { ...request, operationName: operation?.name?.value ?? null };
  if (operation?.operation === "subscription") return follow(named, options);
  const results = await byHttp(named, { headers: allHeaders(options) });
  return (
    operation ? watched(results as AsyncIterable<FormattedExecutionResult>, operation) : results
  ) as SyncExecutionResult;
};
