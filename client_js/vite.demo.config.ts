/** The website of the invented demo company, served at /demo/. */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

import { defineConfig } from "vite";

import { here, served } from "./vite.script.ts";

const root = resolve(here, "src/demo");
const pages = readdirSync(root).filter((name) => name.endsWith(".html"));

export default defineConfig({
  root,
  base: "/demo/",
  publicDir: false,
  build: {
    target: "es2022",
    outDir: resolve(served, "demo"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: pages.map((name) => resolve(root, name)) },
  },
});
