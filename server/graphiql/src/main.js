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

// Headers compares names case-insensitively, so that an Authorization header from the editor replaces the default.
function signedInFetch(url, options) {
  const headers = new Headers(token ? { Authorization: `Bearer ${token}`, "X-Debug-Stats": "1" } : {});
  new Headers(options.headers).forEach((value, name) => headers.set(name, value));
  return fetch(url, { ...options, headers });
}

const queryFetcher = createGraphiQLFetcher({ url: endpoint, fetch: signedInFetch });

// Subscriptions use server-sent events, which accept the same headers as other requests.
function fetcher(parameters, options) {
  const operation = options?.documentAST && getOperationAST(options.documentAST, parameters.operationName);
  if (operation?.operation !== "subscription") return queryFetcher(parameters, options);
  const headers = options.headers ?? {};
  return createClient({ url: endpoint, headers, fetchFn: signedInFetch, retryAttempts: 10 }).iterate(parameters);
}

async function sendQuery(query) {
  const headers = { "Content-Type": "application/json" };
  const response = await signedInFetch(endpoint, { method: "POST", headers, body: JSON.stringify({ query }) });
  return response.json();
}

createRoot(document.getElementById("graphiql")).render(
  createElement(
    GraphiQL,
    {
      fetcher,
      defaultTabs: token ? await withVariables(tabs, sendQuery) : tabs,
      // A namespace, because another server's GraphiQL on the same localhost address shares the storage.
      storage: createLocalStorage({ namespace: "shinjp" }),
      // Headers may contain a token, which must not be stored by the browser.
      shouldPersistHeaders: false,
    },
    createElement(GraphiQL.Logo, null, "ShinJP GraphQL"),
  ),
);
