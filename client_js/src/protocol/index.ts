/** The protocol without a socket: types, codecs, positions, and how state follows from messages. */
export type * from "./frames.ts";
export {
  isEntry,
  isGap,
  resumed,
  resumedRep,
  sent,
  toConversation,
  toRep,
  withEntries,
  type Gap,
  type Push,
} from "./apply.ts";
export { CloseCode, mayReconnect } from "./close.ts";
export { BadFrame, json, msgpack, type Codec, type Data } from "./codec.ts";
export { placeOf, positionOf, resumeFrom, type Place } from "./position.ts";
