// Bundles GraphiQL with everything it needs, editors' workers included: the page works with no network at all.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig } from "vite";

// Beside each file what the server sends to browsers that take gzip: compressed once, as well as can be.
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
    // "use client" says where React Server Components end, and there are none here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
