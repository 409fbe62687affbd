import { describe, expect, it } from "vitest";

import { decisionWords } from "../../src/console/history/decision";
import { eventWords } from "../../src/console/inbox/events";
import { linked } from "../../src/console/inbox/links";
import {
  availabilityHint,
  byReadiness,
  standingOf,
  standingWords,
} from "../../src/console/inbox/standing";
import type { PresencePush } from "../../src/protocol/index.ts";

const rep = (name: string, more: Partial<PresencePush>): PresencePush => ({
  type: "presence",
  rep: { id: name, name },
  availability: "available",
  online: true,
  load: 0,
  capacity: 3,
  ...more,
});

describe("a decision", () => {
  it("is told in words, who was rung first (RT-12)", () => {
    const words = decisionWords({
      version: 1,
      rule: "default",
      strategy: "first_available",
      why: "request",
      considered: [
        { rep: "r1", eligibility: "full", load: 3, capacity: 3 },
        { rep: "r2", eligibility: "eligible", load: 0, capacity: 3 },
      ],
    });
    expect(words?.rule).toBe("Default rule: all reps, first available.");
    expect(words?.reps).toEqual([
      { id: "r2", rung: true, because: "was rung" },
      { id: "r1", rung: false, because: "at capacity, 3 of 3" },
    ]);
  });

  it("of a form that isn't known says little rather than something wrong", () => {
    expect(decisionWords(null)).toBeNull();
    expect(decisionWords({ version: 9, considered: "?" })?.reps).toEqual([]);
  });
});

describe("reps to transfer to", () => {
  it("stand by who can take something", () => {
    const reps = [
      rep("Offline", { online: false }),
      rep("Away", { availability: "away" }),
      rep("Full", { load: 3 }),
      rep("Busy", { load: 2 }),
      rep("Free", {}),
    ];
    expect(reps.toSorted(byReadiness).map((one) => one.rep.name)).toEqual([
      "Free",
      "Busy",
      "Full",
      "Away",
      "Offline",
    ]);
  });

  it("are offline whatever they chose", () => {
    expect(standingOf(rep("x", { online: false, availability: "away" }))).toBe("offline");
  });

  it("are told to be outside their working hours, not available", () => {
    const off = rep("Off", { off_hours: true });
    expect(standingWords(off)).toBe("Outside working hours · 0 of 3");
    expect(standingOf({ ...off, availability: "away" })).toBe("away");
    expect([off, rep("Here", { load: 2 })].sort(byReadiness)[0]?.rep.name).toBe("Here");
  });

  it("read that nothing rings outside their working hours", () => {
    const own = { availability: "available", cause: "", capacity: 3, load: 0 } as const;
    expect(availabilityHint({ ...own, offHours: true, ringing: false })).toBe(
      "Outside your working hours: nothing rings until they begin.",
    );
    expect(availabilityHint({ ...own, offHours: false, ringing: false })).toBe(
      "New conversations ring here.",
    );
  });
});

it("an event has its words and its note", () => {
  const place = { conversation: "c", epoch: "e", offset: 1, at: "2026-05-04T10:00:00.000Z" };
  const by = { id: "r", name: "Mara" };
  expect(
    eventWords({ ...place, type: "requested", why: "transfer", by, note: "Knows German" }),
  ).toEqual({
    line: "Mara transferred the conversation",
    note: "Note: Knows German",
  });
  expect(eventWords({ ...place, type: "missed", why: "declined" }).line).toBe(
    "Everybody who was asked declined",
  );
  expect(eventWords({ ...place, type: "closed", by: "server", why: "session_end" }).line).toBe(
    "The visit ended, and the conversation with it",
  );
});

it("only addresses of the web become links", () => {
  const parts = linked("See https://acme.example/a, not javascript:alert(1).");
  expect(parts.filter((part) => typeof part === "object")).toHaveLength(1);
  expect(parts[0]).toBe("See ");
  expect(parts.at(-1)).toBe(", not javascript:alert(1).");
});
