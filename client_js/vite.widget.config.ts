/** The widget itself, fetched by the loader when the page is idle. */
import { defineConfig } from "vite";

import { script } from "./vite.script.ts";

export default defineConfig(
  script({ entry: "src/widget/main.tsx", file: "widget.js", emptyOutDir: false }),
);
