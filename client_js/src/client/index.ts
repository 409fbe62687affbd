/** Clients for both sides of a Frontdesk server. See README.md. */
export { backoff } from "./backoff.ts";
export { Emitter, Store } from "./emitter.ts";
export { Disconnected, Refused } from "./errors.ts";
export type { Pending } from "./outbox.ts";
export { RepClient } from "./rep.ts";
export type { ClaimOutcome, RepEvents, RepOptions, RepState } from "./rep_state.ts";
export { newClientId, outside, type Seams, type Timer, type WebSocketLike } from "./seams.ts";
export { Socket, type Connection, type Said, type SocketOptions } from "./socket.ts";
export { VisitorClient } from "./visitor.ts";
export type {
  Asking,
  Unsent,
  VisitorEvents,
  VisitorMemory,
  VisitorOptions,
  VisitorState,
} from "./visitor_state.ts";
export { watchPage } from "./watch.ts";
