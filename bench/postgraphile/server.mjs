// PostGraphile over the views that the gateway reads: `server.mjs <port> <connections>`, with the
// database in DATABASE_URL. The caller is named in headers; no token is checked. With `writing` it
// writes the tables as the role of its connection instead, because what it returns of a row it takes
// from the statement that writes, and the role `gateway` may not read the tables.

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";
import { AggregatesPreset } from "./aggregates.mjs";
import { keys } from "./keys.mjs";
import { createSearch } from "./search.mjs";

const [port, connections] = process.argv.slice(2, 4).map(Number);
const writing = process.argv[4] === "writing";

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  application_name: "postgraphile",
  max: connections,
  // The CPU time of PostgreSQL is read from the processes behind the connections, so these stay.
  idleTimeoutMillis: 0,
});
pool.on("error", (error) => console.error(error));

if (!writing) await createSearch(pool);
const instance = postgraphile({
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset, AggregatesPreset],
  ...(writing
    ? {}
    : {
        plugins: [await keys(pool)],
        disablePlugins: ["PgMutationCreatePlugin", "PgMutationUpdateDeletePlugin"],
      }),
  pgServices: [makePgService({ pool, schemas: writing ? ["public"] : ["read", "bench"] })],
  schema: { connectionFilterRelations: true },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, websockets: false },
  grafast: {
    explain: false,
    context: ({ node }) => ({
      pgSettings: {
        ...(writing ? { "app.request_id": randomUUID(), "app.operation": "write" } : { role: "gateway" }),
        "app.workspace_id": node.req.headers["app-workspace"],
        "app.user_id": node.req.headers["app-user"],
        "app.role": node.req.headers["app-role"],
      },
    }),
  },
});

// The schema is built before the first request is accepted.
await instance.getSchema();
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(port, "127.0.0.1");
