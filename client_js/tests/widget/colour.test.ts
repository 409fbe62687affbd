import { describe, expect, it } from "vitest";

import { contrast, paletteOf, parse } from "../../src/widget/colour.ts";

const COLOURS = [
  "#000000",
  "#ffffff",
  "#0f766e",
  "#ffd400",
  "#777777",
  "#e11d48",
  "#00ffff",
  "#1a1a1a",
];

describe("the company's colour", () => {
  it.each(COLOURS)("%s carries text that can be read", (colour) => {
    const { brand, onBrand } = paletteOf(colour);
    expect(contrast(parse(brand), parse(onBrand))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(COLOURS)("%s becomes one that can be read on light and on dark", (colour) => {
    const { inkLight, inkDark } = paletteOf(colour);
    expect(contrast(parse(inkLight), parse("#ffffff"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(parse(inkLight), parse("#edf1f4"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(parse(inkDark), parse("#232d38"))).toBeGreaterThanOrEqual(4.5);
  });

  it("stays as it is where it can be read already", () => {
    expect(paletteOf("#0f766e").inkLight).toBe("#0f766e");
  });
});
