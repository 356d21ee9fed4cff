// Bundles GraphiQL with everything it needs, editors' workers included: the page works with no network at all.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/graphiql/",
  logLevel: "warn",
  build: {
    outDir: "static",
    chunkSizeWarningLimit: 3_000,
    // "use client" says where React Server Components end, and there are none here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
