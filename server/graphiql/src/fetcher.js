// Sends operations as the chosen user, and gives their traces to the panel instead of showing them in the response.
import { createGraphiQLFetcher, isAsyncIterable } from "@graphiql/toolkit";
import { getOperationAST } from "graphql";
import { createClient } from "graphql-sse";
import { addTrace } from "./traces.js";
import { currentUser } from "./users.jsx";

export function createFetcher(url) {
  const queryFetcher = createGraphiQLFetcher({ url, fetch: (input, options) => signedInFetch(input, options, "plans") });

  // Subscriptions use server-sent events, which accept the same headers as other requests.
  function subscribe(parameters, { headers = {} }) {
    return createClient({ url, headers, fetchFn: signedInFetch, retryAttempts: 10 }).iterate(parameters);
  }

  async function fetcher(parameters, options = {}) {
    const operation = options.documentAST && getOperationAST(options.documentAST, parameters.operationName);
    const isSubscription = operation?.operation === "subscription";
    if (parameters.operationName === "IntrospectionQuery") return queryFetcher(parameters, options);
    const traced = { ...parameters, extensions: { cost: { explain: true } } };
    const result = isSubscription ? subscribe(traced, options) : await queryFetcher(traced, options);
    const name = parameters.operationName ?? operation?.operation ?? "query";
    return isAsyncIterable(result) ? withoutTraces(name, result) : withoutTrace(name, result);
  }

  async function sendQuery(query) {
    const headers = { "Content-Type": "application/json" };
    const response = await signedInFetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
    return response.json();
  }

  return { fetcher, sendQuery };
}

// Headers compares names case-insensitively, so that an Authorization header from the editor replaces the default.
// The server ignores debug headers of clients that may not use them.
function signedInFetch(url, options, trace = "1") {
  const headers = new Headers({ "GraphQL-Client-Name": "graphiql", "X-Debug-Stats": "1", "X-Debug-Trace": trace });
  const token = currentUser()?.token;
  if (token) headers.set("Authorization", `Bearer ${token}`);
  new Headers(options.headers).forEach((value, name) => headers.set(name, value));
  return fetch(url, { ...options, headers });
}

async function* withoutTraces(name, results) {
  for await (const result of results) yield withoutTrace(name, result);
}

function withoutTrace(name, result) {
  const { trace, cost, ...extensions } = result.extensions ?? {};
  // The response shows the cost to those who get no trace.
  if (!trace) return result;
  addTrace({ name, trace, cost, stats: extensions.stats });
  return { ...result, extensions };
}
