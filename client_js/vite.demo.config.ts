/** The website of the invented demo company, served at /demo/. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import { type Plugin, defineConfig } from "vite";

import { here, served } from "./vite.script.ts";

const root = resolve(here, "src/demo");
const pages = readdirSync(root).filter((name) => name.endsWith(".html"));

/** `<!-- part: top -->` stands for parts/top.html: what all pages have in common. */
const parts: Plugin = {
  name: "parts",
  transformIndexHtml: {
    order: "pre",
    handler: (html) =>
      html.replace(/<!-- part: (\w+) -->/g, (_, name: string) =>
        readFileSync(resolve(root, `parts/${name}.html`), "utf8").trim(),
      ),
  },
};

export default defineConfig({
  root,
  plugins: [parts],
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
