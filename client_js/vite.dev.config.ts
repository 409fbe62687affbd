/** The widget in scripted states, without a server: for looking at it while it is made. */
import { resolve } from "node:path";

import { defineConfig } from "vite";

import { here } from "./vite.script.ts";

export default defineConfig({
  root: resolve(here, "dev"),
  // Its own: another dev server may run beside this one.
  cacheDir: resolve(here, "node_modules/.vite-widget"),
  publicDir: false,
  server: { host: "127.0.0.1", port: 5199, fs: { allow: [here] } },
});
