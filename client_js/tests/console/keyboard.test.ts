import { describe, expect, it } from "vitest";

import { type Press, read, type Situation } from "../../src/console/frame/keyboard";

const KNOWN = new Set(["a", "Enter", "g i", "g *", "?", "1", "ArrowDown"]);
const known = (keys: string) => KNOWN.has(keys);

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  ...more,
});
const resting: Situation = { writing: false, onControl: false, singleKeys: true, pending: null };

describe("a key", () => {
  it("is a command where nobody writes", () => {
    expect(read(press("a"), resting, known)).toEqual({ keys: "a" });
    expect(read(press("z"), resting, known)).toBeNull();
  });

  it("is a letter where somebody writes, unless Alt is held", () => {
    const writing = { ...resting, writing: true };
    expect(read(press("a"), writing, known)).toBeNull();
    expect(read(press("a", { altKey: true }), writing, known)).toEqual({ keys: "a" });
  });

  it("with Alt counts by its place, for a Mac writes å", () => {
    const odd = press("å", { altKey: true, code: "KeyA" });
    expect(read(odd, resting, known)).toEqual({ keys: "a" });
    const digit = press("¡", { altKey: true, code: "Digit1" });
    expect(read(digit, resting, known)).toEqual({ keys: "1" });
  });

  it("can begin a pair", () => {
    expect(read(press("g"), resting, known)).toEqual({ pending: "g" });
    expect(read(press("i"), { ...resting, pending: "g" }, known)).toEqual({ keys: "g i" });
    expect(read(press("x"), { ...resting, pending: "g" }, known)).toBeNull();
  });

  it("does nothing alone when single keys are switched off", () => {
    const off = { ...resting, singleKeys: false };
    expect(read(press("a"), off, known)).toBeNull();
    expect(read(press("?"), off, known)).toEqual({ keys: "?" });
    expect(read(press("Enter"), off, known)).toEqual({ keys: "Enter" });
  });

  it("Enter belongs to the button that was reached by keyboard", () => {
    expect(read(press("Enter"), { ...resting, onControl: true }, known)).toBeNull();
    expect(read(press("Enter"), resting, known)).toEqual({ keys: "Enter" });
  });

  it("with Ctrl or ⌘ is the browser's, but for K", () => {
    expect(read(press("a", { ctrlKey: true }), resting, known)).toBeNull();
    expect(read(press("k", { metaKey: true }), resting, known)).toEqual({ keys: "Mod+k" });
  });

  it("arrows scroll, and step through conversations only with Alt", () => {
    expect(read(press("ArrowDown"), resting, known)).toBeNull();
    expect(read(press("ArrowDown", { altKey: true }), resting, known)).toEqual({
      keys: "ArrowDown",
    });
  });
});
