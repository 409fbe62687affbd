import { describe, expect, it } from "vitest";

import {
  ago,
  day,
  fieldName,
  initials,
  language,
  lasted,
  lead,
  place,
  shortUrl,
  visitorName,
  webAddress,
} from "../../src/console/format";

process.env["TZ"] = "UTC";
const NOW = Date.parse("2026-11-12T15:00:00Z");
const MINUTE = 60_000;

describe("times", () => {
  it("are relative under a day and absolute after", () => {
    expect(ago(NOW - 20_000, NOW)).toBe("now");
    expect(ago(NOW - 3 * MINUTE, NOW)).toBe("3m ago");
    expect(ago(NOW - 5.5 * 60 * MINUTE, NOW)).toBe("5h ago");
    expect(ago(NOW - 26 * 60 * MINUTE, NOW)).toBe("11 Nov");
    expect(ago(NOW - 400 * 24 * 60 * MINUTE, NOW)).toBe("8 Oct 2025");
    expect(ago(NOW + 48 * 60 * MINUTE, NOW)).toBe("in 2d");
  });

  it("name the day", () => {
    expect(day(NOW, NOW)).toBe("Today");
    expect(day(NOW - 24 * 60 * MINUTE, NOW)).toBe("Yesterday");
  });

  it("say how long something took", () => {
    expect(lasted(9400)).toBe("9 s");
    expect(lasted(12 * MINUTE)).toBe("12 min");
    expect(lasted(65 * MINUTE)).toBe("1 h 5 min");
  });

  it("say a lead only when it can be felt", () => {
    expect(lead(312)).toBe("0.3");
    expect(lead(20)).toBe("");
    expect(lead(12_400)).toBe("12");
  });
});

describe("a visitor", () => {
  it("is called by the best that is known", () => {
    expect(visitorName({ id: "v", name: "Priya", email: "p@x.example" })).toBe("Priya");
    expect(visitorName({ id: "v", email: "p@x.example", location: { city: "Osaka" } })).toBe(
      "p@x.example",
    );
    expect(visitorName({ id: "v", location: { city: "Osaka" } })).toBe("Visitor from Osaka");
    expect(visitorName({ id: "v", location: { country: "BR" } })).toBe("Visitor from Brazil");
    expect(visitorName(undefined)).toBe("Visitor");
  });

  it("has initials in any script", () => {
    expect(initials("Priya Raman")).toBe("PR");
    expect(initials("ليلى الحسيني")).toBe("لا");
    expect(initials("Zoë 🌻 Müller")).toBe("ZM");
    expect(initials("zoe@blume.example")).toBe("Z");
    expect(initials("🌻")).toBe("");
  });

  it("is somewhere", () => {
    expect(place({ location: { city: "Osaka", country: "JP" } })).toBe("Osaka, Japan");
    expect(place({ location: { country: "Wonderland" } })).toBe("Wonderland");
  });
});

describe("an address", () => {
  it("is shown without what a rep doesn't need", () => {
    expect(shortUrl("https://www.acme.example/pricing?a=1")).toBe("acme.example/pricing");
    expect(shortUrl("not an address")).toBe("not an address");
  });

  it("becomes a link only if it is of the web", () => {
    expect(webAddress("https://acme.example/")).toBe("https://acme.example/");
    expect(webAddress("javascript:alert(1)")).toBeUndefined();
  });
});

it("a field's name can be read", () => {
  expect(fieldName("utm_source")).toBe("Utm source");
  expect(fieldName("companySize")).toBe("Company Size");
});

it("calls a language as the server does, with its country behind it", () => {
  expect([language("de"), language("en-GB"), language("??")]).toEqual([
    "German",
    "English (United Kingdom)",
    "??",
  ]);
});
