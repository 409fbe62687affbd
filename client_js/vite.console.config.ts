/** The rep console: a single-page application served at /console/. */
import { resolve } from "node:path";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { here, served } from "./vite.script.ts";

const server = process.env["FRONTDESK_DEV_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  root: resolve(here, "src/console"),
  base: "/console/",
  publicDir: false,
  plugins: [react()],
  build: {
    target: "es2022",
    outDir: resolve(served, "console"),
    emptyOutDir: true,
    sourcemap: true,
    // A data: URL would need an exception in our own Content-Security-Policy.
    assetsInlineLimit: 0,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/v1": { target: server, ws: true },
      "/sign-in": { target: server },
    },
  },
});
