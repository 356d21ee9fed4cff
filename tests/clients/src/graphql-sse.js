// The client of server-sent events, in distinct connections mode, for every operation.
import { createClient } from "graphql-sse";
import { exposeStreams } from "./streams.js";
import { bearer } from "./scenarios.js";

exposeStreams(({ endpoint, token }) => createClient({ url: endpoint, headers: bearer(token) }));
