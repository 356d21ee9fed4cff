// Bundles GraphiQL with all dependencies, including the editors' workers, so that the page works offline.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

// Adds a compressed copy of each file, which the server sends to browsers that accept gzip.
const compressed = {
  name: "compressed",
  closeBundle() {
    const folder = join(import.meta.dirname, "static", "assets");
    for (const name of readdirSync(folder).filter((name) => !name.endsWith(".gz"))) {
      const content = readFileSync(join(folder, name));
      const packed = gzipSync(content, { level: 9 });
      if (content.length > 1_000 && packed.length < 0.9 * content.length) writeFileSync(join(folder, `${name}.gz`), packed);
    }
  },
};

export default defineConfig({
  base: "/graphiql/",
  logLevel: "warn",
  plugins: [compressed],
  build: {
    outDir: "static",
    chunkSizeWarningLimit: 3_000,
    // The directive "use client" matters only to React Server Components, which are not used.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
