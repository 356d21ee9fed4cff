// One bundle for each client. What they share is in files of its own.
import { defineConfig } from "vite";

const CLIENTS = ["apollo", "urql", "graphcache", "relay", "graphql-ws", "graphql-sse"];
const TAG = /graphql`\s*(?:query|mutation|subscription|fragment)\s+(\w+)[^`]*`/g;

// Relay's documents are compiled ahead; a tag stands for the artifact of its name.
const relayArtifacts = {
  name: "relay-artifacts",
  transform(code, id) {
    if (!id.endsWith("/src/relay.js")) return null;
    const names = [...code.matchAll(TAG)].map((tag) => tag[1]);
    const imports = names.map((name) => `import ${name} from "./__generated__/${name}.graphql.js";`);
    return { code: imports.join("") + code.replace(TAG, (_, name) => name), map: null };
  },
};

export default defineConfig({
  logLevel: "warn",
  plugins: [relayArtifacts],
  build: {
    minify: false,
    modulePreload: false,
    target: "es2022",
    rolldownOptions: {
      input: Object.fromEntries(CLIENTS.map((name) => [name, `src/${name}.js`])),
      output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
    },
  },
});
