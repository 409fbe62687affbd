/** The snippet's first file: one classic script, no dependency, under 10 kB gzipped (VS-7). */
import { defineConfig } from "vite";

import { script } from "./vite.script.ts";

export default defineConfig(
  script({ entry: "src/widget/loader.ts", file: "loader.js", emptyOutDir: true }),
);
