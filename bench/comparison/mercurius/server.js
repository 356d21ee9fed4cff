// Mercurius with JIT, hand-written loaders and prepared statements, for the operations of `bench.comparison`.
//
// Reads DATABASE_URL, JWT_SECRET, JWT_ISSUER and JWT_AUDIENCE, and prints its URL. It verifies tokens, and writes no log.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { loaders, resolvers } from "./resolvers.js";
import { viewersOf } from "./viewers.js";

const { DATABASE_URL, JWT_SECRET, JWT_ISSUER, JWT_AUDIENCE } = process.env;

// As ISO 8601 with microseconds, which Date does not have: the session's time zone is UTC.
const TIMESTAMPTZ = 1184;
pg.types.setTypeParser(TIMESTAMPTZ, (value) => {
  const [seconds, fraction] = value.slice(0, value.lastIndexOf("+")).split(".");
  const time = seconds.replace(" ", "T");
  return fraction === undefined ? `${time}Z` : `${time}.${fraction.padEnd(6, "0")}Z`;
});

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10, options: "-c timezone=UTC -c jit=off" });
const viewerOf = viewersOf(pool, { secret: JWT_SECRET, issuer: JWT_ISSUER, audience: JWT_AUDIENCE });
const app = Fastify();
app.register(mercurius, {
  schema: readFileSync(new URL("schema.graphql", import.meta.url), "utf8"),
  resolvers,
  loaders,
  context: async (request) => ({ pool, viewer: await viewerOf(request.headers.authorization) }),
  jit: 1,
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`ready http://127.0.0.1:${app.server.address().port}/graphql`);
