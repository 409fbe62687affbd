import { describe, expect, it } from "vitest";

import { pieces } from "../../src/widget/links.ts";

const links = (text: string) => pieces(text).flatMap((piece) => piece.href ?? []);

describe("links in a message", () => {
  it("are found without the sentence's own marks", () => {
    expect(links("See https://a.example/b, or http://c.example?")).toEqual([
      "https://a.example/b",
      "http://c.example",
    ]);
    expect(links("(https://a.example/b)")).toEqual(["https://a.example/b"]);
    expect(links("https://a.example/b_(c)")).toEqual(["https://a.example/b_(c)"]);
    expect(links("https://a.example/さくら。つぎ")).toEqual(["https://a.example/さくら"]);
  });

  it("are only of the web", () => {
    expect(
      links("javascript:alert(1) data:text/html,x ftp://a.example mailto:a@b.example"),
    ).toEqual([]);
  });

  it("leave the text whole", () => {
    const text = "a https://b.example/c. d\nhttps://e.example";
    expect(
      pieces(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });
});
