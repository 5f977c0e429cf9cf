// One subscription over one socket, protocol graphql-transport-ws. It never reconnects by itself: what was
// missed is asked for with `after`, which is the person's choice here.

const REASONS = {
  4400: "the server could not read a message",
  4401: "not signed in, or the token is no longer good",
  4403: "not allowed",
  4408: "the connection was not opened in time",
  4429: "too many requests",
  1012: "the server restarts; run again with the last cursor as `after`",
};

/** Start a subscription; returns a function that ends it. `onEnd` is called once, whatever happens. */
export function subscribe({ url, init, request, onNext, onErrors, onEnd }) {
  const socket = new WebSocket(url, "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  const answers = {
    connection_ack: () => send({ id: "1", type: "subscribe", payload: request }),
    ping: () => send({ type: "pong" }),
    next: ({ payload }) => onNext(payload),
    error: ({ payload }) => (onErrors(payload), socket.close(1000)),
    complete: () => socket.close(1000),
  };
  socket.onopen = () => send({ type: "connection_init", payload: init });
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    answers[message.type]?.(message);
  };
  socket.onclose = ({ code, reason }) => {
    onEnd(code === 1000 ? "ended" : `closed (${code}): ${reason || REASONS[code] || "connection lost"}`);
  };
  return () => {
    if (socket.readyState === WebSocket.OPEN) send({ id: "1", type: "complete" });
    socket.close(1000);
  };
}
