import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./page.css";
import "./trace.css";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { createLocalStorage } from "@graphiql/toolkit";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";
import { createFetcher } from "./fetcher.js";
import { Tour } from "./tour.jsx";
import { TRACE_PLUGIN } from "./trace.jsx";
import { UserMenu } from "./users.jsx";

// Written into the page by the server: the endpoint, the tabs, and in development tokens of users.
const { endpoint, tabs, users } = JSON.parse(document.getElementById("configuration").textContent);

const { fetcher, sendQuery } = createFetcher(endpoint);
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false }), TRACE_PLUGIN];

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs}
    plugins={plugins}
    // A namespace, because another server's GraphiQL on the same localhost address shares the storage.
    storage={createLocalStorage({ namespace: "shinjp" })}
    // Headers may contain a token, which must not be stored by the browser.
    shouldPersistHeaders={false}
  >
    <GraphiQL.Logo>
      <span>ShinJP GraphQL</span>
      {users && <UserMenu users={users} />}
      {users && <Tour tabs={tabs} sendQuery={sendQuery} />}
    </GraphiQL.Logo>
  </GraphiQL>,
);
