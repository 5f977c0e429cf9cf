// PostGraphile 5 over Plera's own tables: `node postgraphile.mjs PORT`, database from DATABASE_URL.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { poolAs, workspaceOf } from "./sign_in.mjs";

const port = Number(process.argv[2]);

// The one thing that it takes from Node 22, for those who have Node 20.
Promise.withResolvers ??= () => {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool: poolAs("plera_app"), schemas: ["public"], pubsub: false })],
  grafserv: { port, graphqlPath: "/graphql", graphiql: false, watch: false, websockets: false },
  grafast: {
    explain: false,
    async context({ node }) {
      const workspace = await workspaceOf(node.req.headers.authorization);
      return { pgSettings: { "app.workspace_id": workspace } };
    },
  },
};

const server = createServer();
const serving = postgraphile(preset).createServ(grafserv);
await serving.addTo(server);
server.listen(port, "127.0.0.1");
