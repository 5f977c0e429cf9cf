// What Relay leaves to its users: how a request travels. Forms for files, sockets for subscriptions.
import { createClient } from "graphql-ws";
import { Environment, Network, Observable, RecordSource, Store } from "relay-runtime";
import WebSocket from "ws";

/** What says which document is meant: its id where relay-compiler has persisted it, else its text. */
const document = ({ id, text, name }) => (id ? { doc_id: id } : { query: text, operationName: name });

/** A body for fetch: JSON, or a form as the GraphQL multipart request specification has it. */
function body(request, variables, uploadables) {
  const asked = JSON.stringify({ ...document(request), variables });
  if (!uploadables) return { body: asked, headers: { "Content-Type": "application/json" } };
  const form = new FormData();
  form.set("operations", asked);
  form.set("map", JSON.stringify(Object.fromEntries(Object.keys(uploadables).map((name) => [name, [`variables.${name}`]]))));
  for (const [name, file] of Object.entries(uploadables)) form.set(name, file);
  return { body: form, headers: {} };
}

/** A way of a caller to a server, for as many environments as one likes; dispose of `sockets` in the end. */
export function connect(url, token) {
  const Authorization = `Bearer ${token}`;
  const sockets = createClient({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization },
  });
  const ask = async (request, variables, _cache, uploadables) => {
    const sent = body(request, variables, uploadables);
    const headers = { Authorization, Accept: "application/graphql-response+json", ...sent.headers };
    const response = await fetch(url, { method: "POST", body: sent.body, headers });
    return response.json();
  };
  const listen = (request, variables) =>
    Observable.create((sink) => sockets.subscribe({ query: "", ...document(request), variables }, sink)); // it wants a text
  const network = Network.create(ask, listen);
  return { sockets, environment: () => new Environment({ network, store: new Store(new RecordSource()) }) };
}
