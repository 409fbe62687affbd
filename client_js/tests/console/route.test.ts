import { describe, expect, it } from "vitest";

import { beside, show, without } from "../../src/console/inbox/panes";
import { address, parseRoute, type Route } from "../../src/console/route";

describe("an address", () => {
  const routes: Route[] = [
    { page: "inbox", panes: [] },
    { page: "inbox", panes: ["c1", "c2", "c3"] },
    { page: "history", conversation: "c9", query: "two words & more?" },
    { page: "routing", part: "rules", item: null },
    { page: "routing", part: "rules", item: "rul_a b" },
    { page: "routing", part: "versions", item: "12" },
    { page: "routing", part: "owners", item: null },
    { page: "team", part: "groups" },
    { page: "account" },
    { page: "invitation", token: "fdi_a-b_c" },
  ];

  it.each(routes)("says what it means: $page", (route) => {
    expect(parseRoute(address(route))).toEqual(route);
  });

  it("that means nothing is the inbox", () => {
    expect(parseRoute("#/nowhere/at/all")).toEqual({ page: "inbox", panes: [] });
    expect(parseRoute("")).toEqual({ page: "inbox", panes: [] });
  });

  it("holds at most three conversations, each once", () => {
    expect(parseRoute("#/inbox/a+b+a+c+d")).toEqual({ page: "inbox", panes: ["a", "b", "c"] });
  });

  it("with a broken escape doesn't break the page", () => {
    expect(parseRoute("#/invitation/%E0%A4%A")).toEqual({ page: "invitation", token: "%E0%A4%A" });
  });
});

describe("panes", () => {
  it("open in place of the focused one", () => {
    expect(show(["a", "b"], "b", "c")).toEqual(["a", "c"]);
    expect(show(["a", "b"], "b", "a")).toEqual(["a", "b"]);
    expect(show([], null, "c")).toEqual(["c"]);
  });

  it("open beside the others, and the third neighbour gives way", () => {
    expect(beside(["a"], "a", "b")).toEqual(["a", "b"]);
    expect(beside(["a", "b", "c"], "c", "d")).toEqual(["a", "c", "d"]);
  });

  it("close alone", () => {
    expect(without(["a", "b"], "a")).toEqual(["b"]);
  });
});
