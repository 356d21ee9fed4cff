// The client of WebSockets, for every operation.
import { createClient } from "graphql-ws";
import { exposeStreams } from "./streams.js";
import { bearer, socketAddress } from "./scenarios.js";

exposeStreams(({ endpoint, token, retryAttempts }) =>
  createClient({ url: socketAddress(endpoint), connectionParams: bearer(token), retryAttempts }),
);
