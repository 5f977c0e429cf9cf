// The documentation pane: one introspection query, then everything is found and shown from memory.

const TYPE = "fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
export const INTROSPECTION = `query Docs { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description possibleTypes { name }
    fields(includeDeprecated: true) { name description deprecationReason args { name description type { ...T } } type { ...T } }
    inputFields { name description type { ...T } }
    enumValues(includeDeprecated: true) { name description deprecationReason } } } } ${TYPE}`;

/** Make an element; text stays text, so nothing from the server can become markup. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const signature = (type) =>
  type.kind === "NON_NULL" ? `${signature(type.ofType)}!` : type.kind === "LIST" ? `[${signature(type.ofType)}]` : type.name;
const named = (type) => (type.ofType ? named(type.ofType) : type.name);
const members = (type) => type.fields ?? type.inputFields ?? type.enumValues ?? [];

/** Show the schema in `pane`; typing in `search` lists what matches, every type name leads to its type. */
export function showDocs({ schema, pane, search }) {
  const types = new Map(schema.types.filter((type) => !type.name.startsWith("__")).map((type) => [type.name, type]));
  const roots = [schema.queryType, schema.mutationType, schema.subscriptionType].filter(Boolean);

  const link = (name, label = name) => element("button", { type: "button", className: "link", onclick: () => open(name)?.focus() }, label);

  function member({ name, description, deprecationReason, args = [], type }) {
    const line = element("dt", {}, element("code", {}, name));
    if (args.length) line.append("(", ...args.flatMap((a) => [`${a.name}: `, link(named(a.type), signature(a.type)), ", "]).slice(0, -1), ")");
    if (type) line.append(": ", link(named(type), signature(type)));
    const about = [description, deprecationReason && `Deprecated: ${deprecationReason}`].filter(Boolean).join(" ");
    return [line, element("dd", {}, about)];
  }

  /** Show a type and return its heading; a link moves the focus there, typing doesn't. */
  function open(name) {
    const type = types.get(name);
    if (!type) return null;
    const heading = element("h3", { tabIndex: -1 }, type.name, element("small", {}, ` ${type.kind.toLowerCase().replace("_", " ")}`));
    pane.replaceChildren(
      element("p", {}, ...roots.flatMap((root) => [link(root.name), " "])),
      heading,
      element("p", {}, type.description ?? ""),
      element("p", {}, ...(type.possibleTypes ?? []).flatMap(({ name: possible }) => [link(possible), " "])),
      element("dl", {}, ...members(type).flatMap(member)),
    );
    pane.scrollTop = 0;
    return heading;
  }

  function find(words) {
    const wanted = words.toLowerCase();
    const hits = [...types.values()].flatMap((type) => [[type.name, type.name], ...members(type).map((m) => [type.name, `${type.name}.${m.name}`])]);
    const found = hits.filter(([, label]) => label.toLowerCase().includes(wanted)).slice(0, 80);
    pane.replaceChildren(element("ul", {}, ...found.map(([name, label]) => element("li", {}, link(name, label)))));
    if (!found.length) pane.replaceChildren(element("p", {}, "Nothing has that name."));
  }

  search.oninput = () => (search.value.trim() ? find(search.value.trim()) : open(roots[0].name));
  search.disabled = false;
  open(roots[0].name);
}
