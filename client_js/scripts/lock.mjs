// Takes out of npm's locks what names an address: where a package was fetched, who wants to be paid.
import { readFileSync, writeFileSync } from "node:fs";

for (const file of process.argv.slice(2)) {
  const lock = JSON.parse(readFileSync(file, "utf8"));
  for (const entry of Object.values(lock.packages)) {
    delete entry.resolved;
    delete entry.funding;
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
