import { describe, expect, it } from "vitest";

import { CATALOGUE, LANGUAGES } from "../../src/widget/catalogue.ts";
import { textsFor } from "../../src/widget/texts.ts";

const slots = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the catalogue", () => {
  it.each(Object.entries(CATALOGUE))(
    "says %s in every language, with the same blanks",
    (_, words) => {
      expect(words).toHaveLength(LANGUAGES.length);
      for (const text of words) {
        expect(text).not.toBe("");
        expect(slots(text)).toEqual(slots(words[0]));
      }
    },
  );

  it.each(Object.entries(CATALOGUE))("says %s calmly", (_, words) => {
    for (const text of words) expect(text).not.toMatch(/[!！¡]|oops|agent/i);
  });
});

describe("the widget's language", () => {
  it.each([
    ["de-AT", "Senden"],
    ["fr", "Envoyer"],
    ["es-419", "Enviar"],
    ["ja-JP", "送信"],
    ["en-GB", "Send"],
    ["nl", "Send"],
  ])("for %s says %s", (tag, send) => {
    expect(textsFor(tag).say("send")).toBe(send);
  });

  it.each([
    ["en", "en-GB", /^(?!.*M)/],
    ["en", "en-US", /PM$/],
    ["en", "de-DE", /PM$/],
    ["de", "de-AT", /^(?!.*M)/],
  ])("on a page in %s tells a browser in %s the time its way", (tag, own, way) => {
    const at = new Date();
    at.setHours(15, 4);
    expect(textsFor(tag, own).clock(at.toISOString())).toMatch(way);
  });

  it("counts seconds, then minutes, in words", () => {
    expect(textsFor("en").duration(1)).toBe("1 second");
    expect(textsFor("en").duration(59.9)).toBe("59 seconds");
    expect(textsFor("de").duration(125)).toBe("2 Minuten");
  });
});
