// Builds the app for the server's `/app`. The development server proxies everything else to the server at SHINJP_URL.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const SERVER = process.env.SHINJP_URL ?? "http://127.0.0.1:8000";
const BASE = "/app/";
const WORKER = "service-worker.js";
const CONFIGURATION = /<script type="application\/json" id="configuration">.*?<\/script>/s;

// Adds a compressed copy of each file, which the server sends to browsers that accept gzip.
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  closeBundle() {
    const folder = join(import.meta.dirname, "dist", "assets");
    for (const name of readdirSync(folder).filter((name) => !name.endsWith(".gz"))) {
      const content = readFileSync(join(folder, name));
      const packed = gzipSync(content, { level: 9 });
      if (content.length > 1_000 && packed.length < 0.9 * content.length) writeFileSync(join(folder, `${name}.gz`), packed);
    }
  },
};

// The service worker is a script without a hash in its name, and knows the names of all other files.
const serviceWorker: Plugin = {
  name: "service-worker",
  apply: "build",
  enforce: "post",
  generateBundle(_options, bundle) {
    const worker = bundle[WORKER];
    if (worker?.type !== "chunk") throw new Error(`${WORKER} is missing`);
    const files = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
    worker.code = `const FILES=${JSON.stringify(files.map((name) => `${BASE}${name}`).sort())};\n${worker.code}`;
  },
};

// The server registers the documents when it starts.
const manifest: Plugin = {
  name: "manifest",
  apply: "build",
  closeBundle() {
    const source = join(import.meta.dirname, "src/graphql/generated/persisted-documents.json");
    copyFileSync(source, join(import.meta.dirname, "dist/documents.json"));
  },
};

// The server writes the tokens of its demo users into the page that it serves; pages of the development server get them too.
const demoUsers: Plugin = {
  name: "demo-users",
  apply: "serve",
  async transformIndexHtml(html) {
    const page = await (await fetch(`${SERVER}/app`)).text();
    const configuration = page.match(CONFIGURATION)?.[0];
    return configuration ? html.replace(CONFIGURATION, () => configuration) : html;
  },
};

export default defineConfig({
  base: BASE,
  logLevel: "warn",
  plugins: [compressed, serviceWorker, manifest, demoUsers],
  build: {
    target: "es2022",
    rollupOptions: {
      input: { index: "index.html", worker: "src/serviceWorker/worker.ts" },
      output: { entryFileNames: ({ name }) => (name === "worker" ? WORKER : "assets/[name]-[hash].js") },
    },
  },
  server: {
    proxy: {
      "/graphql": { target: SERVER, ws: true },
      "^/(uploads|imports|exports|covers)/?": { target: SERVER },
    },
  },
});
