// Mercurius with its JIT and loaders over Plera's own tables: `node mercurius.mjs PORT`, database from DATABASE_URL.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import { GraphQLScalarType } from "graphql";
import mercurius from "mercurius";
import { poolAs, workspaceOf } from "./sign_in.mjs";
import * as sql from "./statements.mjs";

const app = Fastify({ logger: false });
const connections = poolAs("plera_app");

const read = async (context, statement, ...values) =>
  (await context.client.query({ ...statement, values: [context.workspace, ...values] })).rows;

const cursorOf = (row) => Buffer.from(`${row.createdAt.toISOString()} ${row.id}`).toString("base64url");

const resolvers = {
  DateTime: new GraphQLScalarType({ name: "DateTime", serialize: (moment) => moment.toISOString() }),
  Query: {
    async leads(_root, { first }, context) {
      const rows = await read(context, sql.page, first + 1);
      return { nodes: rows.slice(0, first), hasNextPage: rows.length > first };
    },
    lead: async (_root, { id }, context) => (await read(context, sql.lead, id))[0],
    run: async (_root, { id }, context) => (await read(context, sql.run, id))[0],
  },
  LeadConnection: {
    totalCount: async (_page, _arguments, context) => (await read(context, sql.count))[0].count,
    edges: ({ nodes }) => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
    pageInfo: ({ nodes, hasNextPage }) => ({
      hasNextPage,
      hasPreviousPage: false,
      startCursor: nodes.length ? cursorOf(nodes[0]) : null,
      endCursor: nodes.length ? cursorOf(nodes.at(-1)) : null,
    }),
  },
  Run: {
    async statistics({ id }, _arguments, context) {
      const stages = await read(context, sql.stages, id);
      return { stages, discovered: stages.reduce((sum, { count }) => sum + count, 0) };
    },
  },
  Mutation: {
    async leadRestrict(_root, { input }, context) {
      const { rows } = await context.client.query({ ...sql.restrict, values: [input.id, input.restricted] });
      return { lead: rows[0], errors: [] };
    },
  },
};

/** A loader that reads the rows of all keys at once and hands each its own. */
const byKey = (keyOf, load) => ({
  async loader(queries, context) {
    const rows = await load(context, queries);
    const grouped = groupBy(rows);
    return queries.map(({ obj }) => grouped.get(keyOf(obj)) ?? []);
  },
  opts: { cache: false },
});

function groupBy(rows) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row.key);
    if (group) group.push(row);
    else groups.set(row.key, [row]);
  }
  return groups;
}

const first = ({ loader, opts }) => ({
  loader: async (queries, context) => (await loader(queries, context)).map(([row]) => row ?? null),
  opts,
});

const ids = (queries) => queries.map(({ obj }) => obj.id);
const messages = byKey(
  ({ id }) => id,
  (context, queries) => read(context, sql.messages, ids(queries), queries[0].params.first),
);
const loaders = {
  Lead: {
    company: first(
      byKey(
        ({ companyId }) => companyId,
        (context, queries) => read(context, sql.companies, [...new Set(queries.map(({ obj }) => obj.companyId))]),
      ),
    ),
    lastMessage: first(
      byKey(
        ({ id }) => id,
        (context, queries) => read(context, sql.messages, ids(queries), 1),
      ),
    ),
    messages: {
      loader: async (queries, context) => (await messages.loader(queries, context)).map((nodes) => ({ nodes })),
      opts: { cache: false },
    },
  },
};

app.register(mercurius, {
  schema: readFileSync(new URL("schema.graphql", import.meta.url), "utf8"),
  resolvers,
  loaders,
  jit: 1,
  graphiql: false,
  context: async (request) => ({ workspace: await workspaceOf(request.headers.authorization) }),
});
await app.ready();

// One transaction per operation, which carries the workspace that row-level security asks for.
app.graphql.addHook("preExecution", async (_schema, _document, context) => {
  context.client = await connections.connect();
  await context.client.query(`BEGIN; SELECT set_config('app.workspace_id', '${context.workspace}', true)`);
});
app.graphql.addHook("onResolution", async (_execution, { client }) => {
  await client.query("COMMIT");
  client.release();
});

await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
