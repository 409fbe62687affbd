import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Packed {
  files: { path: string }[];
}

interface SourceMap {
  sources: string[];
  sourcesContent?: (string | null)[];
}

/** What `npm publish` would send; building it is part of packing. */
function packed(): string[] {
  const said = execFileSync("npm", ["pack", "--dry-run", "--json"], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [whole] = JSON.parse(said.slice(said.search(/^\[$/m))) as Packed[];
  return (whole?.files ?? []).map((file) => file.path);
}

function read(path: string): string {
  return readFileSync(new URL(path, `file://${ROOT}`), "utf8");
}

describe("the npm package", () => {
  const files = packed();

  it("has what its exports name, and nothing of the widget, the console or the tests", () => {
    const { exports } = JSON.parse(read("package.json")) as {
      exports: Record<string, string | Record<string, string>>;
    };
    const named = Object.values(exports).flatMap((of) =>
      typeof of === "string" ? [of] : Object.values(of),
    );
    expect(files).toEqual(expect.arrayContaining(named.map((path) => path.replace("./", ""))));
    const others = files.filter((path) => !/^(README\.md$|package\.json$|dist\/)/.test(path));
    expect(others).toEqual([]);
    expect(files.filter((path) => /test|widget|console/.test(path))).toEqual([]);
  });

  it("has the sources that its source maps speak of", () => {
    const maps = files.filter((path) => path.endsWith(".map"));
    expect(maps).not.toEqual([]);
    for (const path of maps) {
      const map = JSON.parse(read(path)) as SourceMap;
      expect(map.sourcesContent?.filter(Boolean), path).toHaveLength(map.sources.length);
    }
  });

  it("grants no licence that the repository doesn't have", () => {
    expect(JSON.parse(read("package.json"))).toMatchObject({ license: "UNLICENSED" });
  });
}, 120_000);
