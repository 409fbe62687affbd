/** The console in scripted states, for looking at: `npx vite -c dev/console-gallery/vite.config.ts`.
 * It is never built into what is shipped. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  server: { host: "127.0.0.1", port: 5277, strictPort: true, fs: { allow: ["../.."] } },
});
