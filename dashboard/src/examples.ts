// The examples of the main job; the small explorer shows the same file.
import text from "../../web/explorer/examples.graphql?raw";

export interface Example {
  title: string;
  query: string;
  variables: string;
}

/** What takes a link (`#setup …`, `#join …`) or a password has a form of its own on this page. */
function read(part: string): Example[] {
  const [, only, title = "", given, query = ""] = part.match(/^(?:#(\w+) )?(.*)\n(?:# (\{.*\})\n)?([\s\S]*)$/) ?? [];
  if (only || given?.includes("password")) return [];
  const variables = given ? JSON.stringify(JSON.parse(given), null, 2) : "";
  return [{ title, query: query.trim(), variables }];
}

export const EXAMPLES: Example[] = text
  .split(/^# === /m)
  .slice(1)
  .flatMap(read);
