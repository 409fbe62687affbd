import { beforeEach, describe, expect, it } from "vitest";

import { draftOf, setDraft, sweepDrafts } from "../../src/console/inbox/drafts";
import { DEFAULTS, parse } from "../../src/console/settings";

beforeEach(() => localStorage.clear());

describe("a draft", () => {
  it("is kept for a reload and forgotten when it was sent", () => {
    setDraft("c1", "Half a sentence");
    expect(localStorage.getItem("frontdesk.draft.c1")).toContain("Half a sentence");
    setDraft("c1", "");
    expect(localStorage.getItem("frontdesk.draft.c1")).toBeNull();
  });

  it("nobody came back to is swept after a week; broken ones at once", () => {
    setDraft("old", "Long ago", 1000);
    setDraft("new", "Just now");
    localStorage.setItem("frontdesk.draft.bad", "{");
    sweepDrafts();
    expect(Object.keys(localStorage)).toEqual(["frontdesk.draft.new"]);
  });

  it("that can't be read is no draft", () => {
    localStorage.setItem("frontdesk.draft.odd", '{"text": 5}');
    expect(draftOf("odd")).toBe("");
  });
});

describe("settings", () => {
  it("fall back one by one", () => {
    expect(parse(null)).toEqual(DEFAULTS);
    expect(parse("nonsense")).toEqual(DEFAULTS);
    const stored = JSON.stringify({ sound: false, volume: "loud", theme: "pink", other: 1 });
    expect(parse(stored)).toEqual({ ...DEFAULTS, sound: false });
  });
});
