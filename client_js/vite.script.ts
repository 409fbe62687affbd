/** What both files of the widget have in common: each is one classic script in static/widget. */
import { resolve } from "node:path";
import type { UserConfig } from "vite";

export const here = import.meta.dirname;
export const served = resolve(here, "../server/frontdesk/static");

export function script(options: { entry: string; file: string; emptyOutDir: boolean }): UserConfig {
  return {
    root: here,
    publicDir: false,
    build: {
      target: "es2022",
      outDir: resolve(served, "widget"),
      emptyOutDir: options.emptyOutDir,
      sourcemap: true,
      minify: "oxc",
      lib: {
        entry: resolve(here, options.entry),
        formats: ["iife"],
        name: "frontdeskWidget",
        fileName: () => options.file,
      },
    },
  };
}
