// The explorer: no dependencies, no request to anywhere but this server, nothing stored unless asked.
import { INTROSPECTION, element, showDocs } from "./docs.js";
import { subscribe } from "./socket.js";

const SIGN_IN = "mutation SignIn($input: SignInInput!) { signIn(input: $input) { token errors { code message } } }";
const SIGN_OUT = "mutation SignOut { signOut { errors { code message } } }";
const SIGNS_IN = /\b(?:signIn|setUp)\b/;
const KEPT = "plera.explorer.headers";
const EVENTS_MAX = 200;

const $ = (id) => document.getElementById(id);
let token = ""; // in memory only
let isSession = false; // the token came from signing in here, so leaving ends its session
let end = null; // ends the running request or subscription

// --- what is asked -----------------------------------------------------------------------------------------

/** The operations of a document as [kind, name]; what stands in brackets, strings or comments doesn't count. */
function operations(text) {
  const plain = text.replace(/"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#.*/g, " ");
  let depth = 0;
  const top = [...plain].map((letter) => {
    if ("{(".includes(letter)) return depth++ === 0 && letter === "{" ? "{" : " ";
    if ("})".includes(letter)) return --depth === 0 && letter === "}" ? "}" : " ";
    return depth > 0 ? " " : letter;
  });
  const found = top.join("").matchAll(/\s*(?:\b(query|mutation|subscription)\b\s*(\w*)|\bfragment\b)?[^{}]*\{\s*\}/g);
  return [...found].filter(([whole]) => !whole.trim().startsWith("fragment")).map(([, kind = "query", name = ""]) => [kind, name]);
}

function headers() {
  const lines = $("headers").value.split("\n").filter((line) => line.trim());
  const own = Object.fromEntries(lines.map((line) => line.split(/:(.*)/s, 2).map((part) => (part ?? "").trim())));
  return token ? { Authorization: `Bearer ${token}`, ...own } : own;
}

function variables() {
  const text = $("variables").value.trim();
  try {
    return text ? JSON.parse(text) : {};
  } catch (problem) {
    throw new Error(`Variables are not JSON: ${problem.message}`);
  }
}

async function post(request, options = {}) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json", ...headers() },
    body: JSON.stringify(request),
    ...options,
  });
  const text = await answer.text();
  try {
    return { status: answer.status, size: text.length, body: JSON.parse(text) };
  } catch {
    throw new Error(`The server answered ${answer.status} without JSON: ${text.slice(0, 200)}`);
  }
}

// --- what is shown -----------------------------------------------------------------------------------------

function state(text, isBad = false) {
  $("state").textContent = text;
  $("state").classList.toggle("bad", isBad);
}

function showErrors(errors) {
  const line = ({ message, path, extensions = {} }) =>
    element("li", {}, element("code", {}, extensions.code ?? "ERROR"), ` ${message}`, path ? ` (at ${path.join(".")})` : "");
  $("errors").replaceChildren(...errors.map(line));
}

/** JSON with its parts marked; very long answers stay plain, because a hundred thousand spans are slow. */
function pretty(value) {
  const text = JSON.stringify(value, null, 2);
  const block = element("pre", {});
  if (text.length > 300_000) return block.append(text), block;
  let at = 0;
  for (const match of text.matchAll(/("(?:\\.|[^"\\])*")(:?)|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g)) {
    const className = match[2] ? "key" : match[1] ? "text" : "value";
    block.append(text.slice(at, match.index), element("span", { className }, match[1] ?? match[0]));
    at = match.index + (match[1] ?? match[0]).length;
  }
  return block.append(text.slice(at)), block;
}

function busy(stop) {
  end = stop;
  $("stop").hidden = !stop;
}

// --- running -----------------------------------------------------------------------------------------------

async function run() {
  end?.();
  const list = operations($("query").value);
  const [kind, operationName] = list.find(([, name]) => name === $("operation").value) ?? list[0] ?? ["query", ""];
  $("result").replaceChildren();
  showErrors([]);
  try {
    const request = { query: $("query").value, variables: variables(), operationName: operationName || undefined };
    await (kind === "subscription" ? follow(request) : ask(request));
  } catch (problem) {
    if (problem.name !== "AbortError") showErrors([problem]), state("failed", true);
    else if (!end) state("stopped"); // otherwise another run has taken over
  }
}

async function ask(request) {
  const control = new AbortController();
  const stop = () => control.abort();
  busy(stop);
  state("running…");
  const started = performance.now();
  try {
    const signsIn = SIGNS_IN.test(request.query); // then take no cookie: the token stays in this page's memory
    const { status, size, body } = await post(request, { signal: control.signal, ...(signsIn && { credentials: "omit" }) });
    const cost = body.extensions?.cost?.actualQueryCost;
    const facts = [status, `${Math.round(performance.now() - started)} ms`, `${(size / 1024).toFixed(1)} KB`];
    state([...facts, ...(cost === undefined ? [] : [`cost ${cost}`])].join(" · "), Boolean(body.errors));
    showErrors(body.errors ?? []);
    $("result").replaceChildren(pretty(body));
    const session = signsIn && Object.values(body.data ?? {}).find((answer) => answer?.token?.startsWith("plera_s_"))?.token;
    if (session) {
      useToken(session, request.variables.input?.email ?? "signed in", true);
      $("variables").value = ""; // the password
      await loadDocs();
    }
  } finally {
    if (end === stop) busy(null);
  }
}

function follow(request) {
  let count = 0;
  state("connecting…");
  const stop = subscribe({
    url: `${location.origin.replace(/^http/, "ws")}/graphql`,
    init: headers(),
    request,
    onNext: (payload) => {
      state(`listening · ${++count} events`);
      showErrors(payload.errors ?? []);
      $("result").prepend(element("article", {}, element("small", {}, new Date().toLocaleTimeString()), pretty(payload)));
      while ($("result").childElementCount > EVENTS_MAX) $("result").lastChild.remove();
    },
    onErrors: showErrors,
    onEnd: (why) => {
      if (end !== stop) return; // another run has taken over
      busy(null);
      state(`${count} events · ${why}`, why !== "ended");
    },
  });
  busy(stop);
}

// --- signing in, docs, examples ----------------------------------------------------------------------------

function useToken(text, name, fromSignIn = false) {
  token = text;
  isSession = fromSignIn;
  $("who").textContent = text ? name : "not signed in";
  $("sign-out").hidden = !text;
  $("sign-in").open = false;
  for (const field of ["password", "token"]) $(field).value = "";
}

async function signIn() {
  const input = { email: $("email").value, password: $("password").value };
  const { body } = await post({ query: SIGN_IN, variables: { input } }, { credentials: "omit" }); // take no cookie
  const answer = body.data?.signIn;
  if (!answer?.token) return showErrors(body.errors ?? answer?.errors.map((e) => ({ ...e, extensions: e })) ?? []);
  showErrors([]);
  useToken(answer.token, input.email, true);
  await loadDocs();
}

async function leave() {
  if (isSession) await post({ query: SIGN_OUT }, { credentials: "omit" });
  useToken("", "");
}

async function loadDocs() {
  const { body } = await post({ query: INTROSPECTION });
  if (!body.data) return showErrors(body.errors ?? []);
  showDocs({ schema: body.data.__schema, pane: $("docs"), search: $("search") });
}

function edited() {
  const names = operations($("query").value).map(([, name]) => name).filter(Boolean);
  const chosen = $("operation").value;
  $("operation").replaceChildren(...names.map((name) => element("option", { selected: name === chosen }, name)));
  $("choice").hidden = names.length < 2;
  $("numbers").textContent = $("query").value.split("\n").map((_, at) => at + 1).join("\n");
}

function choose(button, { query, given }) {
  for (const other of $("examples").children) other.setAttribute("aria-pressed", String(other === button));
  $("query").value = query;
  $("variables").value = given;
  edited();
}

/** What a printed or mailed link brings, `#setup=TOKEN` or `#join=TOKEN`; no address bar and no history keeps it. */
function takeLink() {
  const [, purpose, code] = location.hash.match(/^#(setup|join)=([\w-]+)$/) ?? [];
  if (purpose) history.replaceState(null, "", location.pathname);
  return { purpose, code };
}

/** Examples titled `#setup …` or `#join …` are for those who bring such a link, and come first for them. */
async function loadExamples() {
  const { purpose, code } = takeLink();
  const text = await (await fetch("/graphiql/examples.graphql")).text();
  $("examples").replaceChildren();
  for (const part of text.split(/^# === /m).slice(1)) {
    const [, only, title, given, query] = part.match(/^(?:#(\w+) )?(.*)\n(?:# (\{.*\})\n)?([\s\S]*)$/);
    if (only && only !== purpose) continue;
    const example = { query: query.trim(), given: given ? JSON.stringify(JSON.parse(given.replace("LINK", code)), null, 2) : "" };
    const button = element("button", { type: "button", onclick: () => choose(button, example) }, title);
    $("examples")[only ? "prepend" : "append"](button);
  }
  if (purpose || !$("query").value) $("examples").firstChild.click();
}

const reporting = (action) => (event) => (event?.preventDefault(), action().catch((problem) => showErrors([problem])));
const keep = () => ($("keep").checked ? localStorage.setItem(KEPT, $("headers").value) : localStorage.removeItem(KEPT));

$("run").onclick = run;
$("stop").onclick = () => end?.();
$("load").onclick = reporting(loadDocs);
$("credentials").onsubmit = reporting(signIn);
$("pasted").onsubmit = reporting(async () => useToken($("token").value.trim(), "using a token"));
$("sign-out").onclick = reporting(leave);
$("keep").onchange = $("headers").oninput = keep;
$("query").oninput = edited;
$("query").onscroll = () => ($("numbers").scrollTop = $("query").scrollTop);
document.onkeydown = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && (event.preventDefault(), run());
$("headers").value = localStorage.getItem(KEPT) ?? "";
$("keep").checked = Boolean($("headers").value);
window.onhashchange = reporting(loadExamples);
reporting(loadExamples)();
