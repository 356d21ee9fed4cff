import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./page.css";
import { createGraphiQLFetcher, createLocalStorage } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
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

async function ask(query) {
  const headers = { "Content-Type": "application/json" };
  const response = await signedInFetch(endpoint, { method: "POST", headers, body: JSON.stringify({ query }) });
  return response.json();
}

createRoot(document.getElementById("graphiql")).render(
  createElement(
    GraphiQL,
    {
      fetcher: createGraphiQLFetcher({ url: endpoint, fetch: signedInFetch }),
      defaultTabs: token ? await withVariables(tabs, ask) : tabs,
      // A place of our own: other servers' GraphiQL on the same localhost address would show its tabs here.
      storage: createLocalStorage({ namespace: "shinjp" }),
      // A token that somebody pasted does not belong into the browser's storage.
      shouldPersistHeaders: false,
    },
    createElement(GraphiQL.Logo, null, "ShinJP GraphQL"),
  ),
);
