// The widget's budget (VS-7): the loader under 10 kB, both files together under 40 kB, gzipped.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

const folder = resolve(import.meta.dirname, "../../server/frontdesk/static/widget");
const size = (name) => gzipSync(readFileSync(resolve(folder, name)), { level: 9 }).length;

const loader = size("loader.js");
const all = loader + size("widget.js");
const budgets = [
  ["loader.js", loader, 10_000],
  ["loader.js + widget.js", all, 40_000],
];
for (const [name, bytes, limit] of budgets) {
  console.log(`${name}: ${bytes} of ${limit} bytes gzipped`);
}
if (budgets.some(([, bytes, limit]) => bytes > limit)) {
  console.error("The widget is over its budget.");
  process.exit(1);
}
