import { describe, expect, it } from "vitest";

import {
  dayFault,
  endOf,
  nextSpan,
  shownEnd,
  standardWeek,
  weekHours,
} from "../../src/console/team/week";

describe("a week", () => {
  it("begins as five working days", () => {
    expect(weekHours(standardWeek())).toBe(40);
  });

  it("goes on after a break", () => {
    expect(nextSpan([["09:00", "12:00"]])).toEqual(["13:00", "17:00"]);
    expect(nextSpan([["09:00", "23:00"]])).toEqual(["23:00", "24:00"]);
  });

  it("ends at midnight, which a field of times shows as it begins", () => {
    expect(shownEnd("24:00")).toBe("00:00");
    expect(endOf("00:00")).toBe("24:00");
    expect([shownEnd("17:30"), endOf("17:30")]).toEqual(["17:30", "17:30"]);
  });

  it("says what is wrong with a day", () => {
    expect(dayFault([["09:00", "17:00"]])).toBe("");
    expect(dayFault([["17:00", "09:00"]])).toBe("It must end after it begins.");
    expect(
      dayFault([
        ["13:00", "18:00"],
        ["09:00", "13:30"],
      ]),
    ).toBe("These hours overlap.");
    expect(dayFault([["", "09:00"]])).toBe("It must end after it begins.");
  });
});
