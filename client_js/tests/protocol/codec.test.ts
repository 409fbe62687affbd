import { decode, encode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import { BadFrame, json, mayReconnect, msgpack } from "../../src/protocol/index.ts";

const packed = msgpack({ encode: (value) => encode(value), decode });
const message = { type: "typing", conversation: "c1", on: true };

describe.each([json, packed])("the codec $subprotocol", (codec) => {
  it("carries one message as a map and several as a list", () => {
    expect(codec.decode(codec.encode([message]))).toEqual([message]);
    expect(codec.decode(codec.encode([message, message]))).toEqual([message, message]);
  });
});

describe("a bad frame", () => {
  it.each(["{", "null", "3", '"x"', "[1]", "[{}]", '{"type":4}', "[[]]"])(
    "is refused: %s",
    (text) => {
      expect(() => json.decode(text)).toThrow(BadFrame);
    },
  );

  it("is refused when it is of the other kind", () => {
    expect(() => json.decode(new Uint8Array([1]))).toThrow(BadFrame);
    expect(() => packed.decode("{}")).toThrow(BadFrame);
    expect(() => packed.decode(new Uint8Array([0xc1]))).toThrow(BadFrame);
  });
});

describe("a close code", () => {
  it.each([
    [1006, true],
    [1001, true],
    [4001, true],
    [4499, true],
    [4500, false],
    [4999, false],
  ])("%d means connect again: %s", (code, again) => {
    expect(mayReconnect(code)).toBe(again);
  });
});
