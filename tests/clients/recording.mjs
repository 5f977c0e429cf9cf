// A fetch that remembers how documents were asked for.

/** What was said so far, as `POST text` or `GET hash`, with the type of each answer; `fetch` is for the client. */
export function recording() {
  const requests = [];
  const recorded = async (input, init) => {
    const response = await fetch(input, init);
    const said = init.body ? JSON.parse(init.body) : Object.fromEntries(new URL(input).searchParams);
    const sent = `${init.method} ${said.query ? "text" : "hash"}`;
    requests.push({ sent, type: response.headers.get("content-type") });
    return response;
  };
  return { requests, fetch: recorded };
}
