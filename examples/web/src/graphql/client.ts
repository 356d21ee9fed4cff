// One client for each signed-in user, so that no user sees cached data of another one.
import { Client, fetchExchange, subscriptionExchange, type Exchange } from "@urql/core";
import { createClient as createSocket } from "graphql-ws";
import { createCache } from "./cache";
import { documentId, omitEmptyQuery, sendDocumentIds, toMessage } from "./trustedDocuments";

const ENDPOINT = "/graphql";

export interface Connection {
  client: Client;
  close(): void;
}

/** `token`: null for a visitor who is signed out. */
export function connect(token: string | null): Connection {
  const headers: Record<string, string> = { "GraphQL-Client-Name": "shinjp-example" };
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  const socket = createSocket({
    url: new URL(ENDPOINT, location.href).href.replace(/^http/, "ws"),
    connectionParams: headers,
    // Waits for the first subscription, and reconnects for as long as the page is open.
    lazy: true,
    retryAttempts: Infinity,
    shouldRetry: (problem) => problem instanceof CloseEvent,
    jsonMessageReplacer: omitEmptyQuery,
  });
  const subscriptions: Exchange = subscriptionExchange({
    forwardSubscription: (body, operation) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe(toMessage(body, operation), sink) }),
    }),
  });
  const client = new Client({
    url: ENDPOINT,
    exchanges: [documentId, createCache(), sendDocumentIds, fetchExchange, subscriptions],
    fetchOptions: { headers },
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
  });
  return { client, close: () => void socket.dispose() };
}
