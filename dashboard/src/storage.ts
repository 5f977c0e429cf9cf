// What the page keeps on the device: tabs, history, layout. Never a password, and headers only if they are asked for.

const PREFIX = "graphiql:";
const HEADERS = "headers";
const TABS = "tabState";
const HISTORY = ["queries", "favorites"];

const PASSWORD = /(\bpassword"?\s*:\s*)("""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"?)/gi;
const TOKEN = /\bplera_[a-z]_[\w-]+/g;

/** Whether the person asked, in GraphiQL's settings, that headers are kept. */
export const keepsHeaders = (): boolean => localStorage.getItem(`${PREFIX}shouldPersistHeaders`) === "true";

const withoutSecrets = (text: string): string => text.replace(PASSWORD, '$1""').replace(TOKEN, "");

/** Tabs and history are JSON whose strings are what somebody typed. GraphiQL's history would keep headers unasked. */
function fit(name: string, value: string): string {
  if (name === HEADERS) return value;
  if (name !== TABS && !HISTORY.includes(name)) return withoutSecrets(value);
  return JSON.stringify(JSON.parse(value), (field, leaf: unknown) => {
    if (field === HEADERS) return name === TABS || keepsHeaders() ? leaf : undefined;
    return typeof leaf === "string" ? withoutSecrets(leaf) : leaf;
  });
}

const ours = (): string[] => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

export const storage: Storage = {
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, fit(key.slice(PREFIX.length), value)),
  removeItem: (key) => localStorage.removeItem(key),
  clear: () => ours().forEach((key) => localStorage.removeItem(key)),
  key: (index) => ours()[index] ?? null,
  get length() {
    return ours().length;
  },
};
