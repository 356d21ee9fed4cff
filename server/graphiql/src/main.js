import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./page.css";
import { createGraphiQLFetcher, createLocalStorage } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { getOperationAST } from "graphql";
import { createClient } from "graphql-sse";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { withVariables } from "./variables.js";

// Written into the page by the server: the endpoint, the tabs, and in development a token.
const { endpoint, tabs, token } = JSON.parse(document.getElementById("configuration").textContent);

// Headers compare names without regard to case, so that a person's own Authorization replaces ours however it is written.
function signedInFetch(url, options) {
  const headers = new Headers(token ? { Authorization: `Bearer ${token}`, "X-Debug-Stats": "1" } : {});
  new Headers(options.headers).forEach((value, name) => headers.set(name, value));
  return fetch(url, { ...options, headers });
}

const answer = createGraphiQLFetcher({ url: endpoint, fetch: signedInFetch });

// Subscriptions come as server-sent events, which take the same headers as any other request.
function fetcher(parameters, options) {
  const operation = options?.documentAST && getOperationAST(options.documentAST, parameters.operationName);
  if (operation?.operation !== "subscription") return answer(parameters, options);
  const headers = options.headers ?? {};
  return createClient({ url: endpoint, headers, fetchFn: signedInFetch, retryAttempts: 10 }).iterate(parameters);
}

async function ask(query) {
  const headers = { "Content-Type": "application/json" };
  const response = await signedInFetch(endpoint, { method: "POST", headers, body: JSON.stringify({ query }) });
  return response.json();
}

createRoot(document.getElementById("graphiql")).render(
  createElement(
    GraphiQL,
    {
      fetcher,
      defaultTabs: token ? await withVariables(tabs, ask) : tabs,
      // A place of our own: other servers' GraphiQL on the same localhost address would show its tabs here.
      storage: createLocalStorage({ namespace: "shinjp" }),
      // A token that somebody pasted does not belong into the browser's storage.
      shouldPersistHeaders: false,
    },
    createElement(GraphiQL.Logo, null, "ShinJP GraphQL"),
  ),
);
