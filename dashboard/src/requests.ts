// The page's own requests: signing in and out, and who one is.

export interface ApiError {
  message: string;
  code?: string;
  extensions?: { code?: string };
}

/** What the API refused, with its error code in front of the sentence. */
export class Refused extends Error {
  readonly codes: string[];

  constructor(errors: ApiError[]) {
    const codes = errors.map((error) => error.code ?? error.extensions?.code ?? "ERROR");
    super(errors.map((error, at) => `${codes[at]}: ${error.message}`).join("\n"));
    this.codes = codes;
  }
}

/** Ask with these headers and return the data; neither sends nor takes cookies. Throws `Refused`. */
export async function ask<Data>(query: string, variables: object, headers: Record<string, string>): Promise<Data> {
  const answer = await fetch("/graphql", {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: Data; errors?: ApiError[] };
  if (errors?.length || !data) throw new Refused(errors ?? [{ message: `the server answered ${answer.status}` }]);
  return data;
}

/** Run a mutation with one field and return its payload; errors in the payload are thrown, too. */
export async function mutate<Payload extends { errors: ApiError[] }>(
  mutation: string,
  variables: object,
  headers: Record<string, string>,
): Promise<Payload> {
  const [payload] = Object.values(await ask<Record<string, Payload>>(mutation, variables, headers));
  if (!payload || payload.errors.length) throw new Refused(payload?.errors ?? []);
  return payload;
}
