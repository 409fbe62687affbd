/** Frames to messages and back. A frame is one message or a list of messages. */

export type Data = string | ArrayBuffer | Uint8Array<ArrayBuffer>;

export interface Codec {
  /** The WebSocket subprotocol that stands for this codec. */
  readonly subprotocol: string;
  encode(messages: readonly object[]): string | Uint8Array<ArrayBuffer>;
  /** Throws `BadFrame` for anything that isn't a message or a list of messages. */
  decode(data: Data): { type: string }[];
}

export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

export const json: Codec = {
  subprotocol: "frontdesk.v1.json",
  encode: (messages) => JSON.stringify(messages.length === 1 ? messages[0] : messages),
  decode: (data) => messagesOf(parse(data)),
};

/** The binary codec, over a MessagePack library that the caller brings (`@msgpack/msgpack` fits). */
export function msgpack(library: {
  encode: (value: unknown) => Uint8Array<ArrayBuffer>;
  decode: (bytes: Uint8Array) => unknown;
}): Codec {
  return {
    subprotocol: "frontdesk.v1.msgpack",
    encode: (messages) => library.encode(messages.length === 1 ? messages[0] : messages),
    decode: (data) => messagesOf(unpack(data, library.decode)),
  };
}

function parse(data: Data): unknown {
  if (typeof data !== "string") throw new BadFrame("a text frame was expected");
  try {
    return JSON.parse(data);
  } catch {
    throw new BadFrame("not JSON");
  }
}

function unpack(data: Data, decode: (bytes: Uint8Array) => unknown): unknown {
  if (typeof data === "string") throw new BadFrame("a binary frame was expected");
  try {
    return decode(data instanceof Uint8Array ? data : new Uint8Array(data));
  } catch {
    throw new BadFrame("not MessagePack");
  }
}

function messagesOf(value: unknown): { type: string }[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every(isMessage)) throw new BadFrame("a message is a map with a type");
  return list;
}

function isMessage(value: unknown): value is { type: string } {
  return (
    typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
  );
}
