import { describe, expect, it } from "vitest";

import { title } from "../../src/console/ring/tab";
import { countdown, endWords, ringPlace, ringReason } from "../../src/console/ring/words";
import type { Offer } from "../../src/protocol/index.ts";

const BY = { id: "r2", name: "Mara" };
const offer: Offer = {
  type: "offer",
  conversation: "c1",
  reason: "You own Acme's account",
  visitor: { id: "v1", location: { city: "Osaka", country: "JP" }, company: "Acme" },
  requested_at: "2026-05-04T10:00:00.000Z",
  expires_at: "2026-05-04T10:00:30.000Z",
};
const START = Date.parse(offer.requested_at);

describe("a ring", () => {
  it("counts down on the server's clock", () => {
    const skew = 5000;
    const now = START - skew + 10_000;
    expect(countdown(offer, START - skew, now, skew)).toMatchObject({ seconds: 20, total: 30_000 });
    expect(countdown(offer, START - skew, now + 60_000, skew)).toMatchObject({
      seconds: 0,
      part: 0,
    });
  });

  it("doesn't repeat the place that is in the name", () => {
    expect(ringPlace(offer)).toBe("Acme");
    expect(ringPlace({ ...offer, visitor: { ...offer.visitor, name: "Emi" } })).toBe(
      "Acme · Osaka, Japan",
    );
  });

  it("says who hands it over", () => {
    expect(ringReason(offer)).toBe("You own Acme's account");
    expect(ringReason({ ...offer, why: "transfer", by: BY })).toBe("Mara hands this over");
  });

  it("that was lost says who won and by how much", () => {
    expect(endWords({ why: "claimed", by: BY, leadMs: 312 }, "Priya")).toBe(
      "Mara started this 0.3 s before you.",
    );
    expect(endWords({ why: "claimed", by: BY, leadMs: 8 }, "Priya")).toBe(
      "Mara started this a moment before you.",
    );
    expect(endWords({ why: "claimed", by: BY }, "Priya")).toBe("Mara started this conversation.");
    expect(endWords({ why: "cancelled" }, "Priya")).toBe("Priya stopped waiting.");
    expect(endWords({ why: "full" }, "Priya")).toBe(
      "You are at your limit, so this stopped ringing.",
    );
  });
});

it("the tab's title puts ringing before unread", () => {
  expect(title({ ringing: 2, unread: 5, page: "Inbox" })).toBe("(2) Ringing · Frontdesk");
  expect(title({ ringing: 0, unread: 5, page: "Inbox" })).toBe("(5) Inbox · Frontdesk");
  expect(title({ ringing: 0, unread: 0, page: "Team" })).toBe("Team · Frontdesk");
});
