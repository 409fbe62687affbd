/* Generated from server/frontdesk/wire/frames.py by `python -m frontdesk.wire.typescript`.
 * Don't edit: change frames.py and generate again.
 *
 * A property with `?` may be left out; then it has the default that its comment names, or nothing.
 */

export type Fields = Record<string, string | number | boolean | null>;

export type State = "requested" | "active" | "closed" | "missed";

/** A place in a conversation's log: valid only if that entry exists under that epoch (CH-3). */
export interface Position {
  /** At most 64 characters. */
  epoch: string;
  offset: number;
}

/** The page a visitor is on (VS-4). */
export interface Page {
  /** At most 2048 characters. */
  url: string;
  /** At most 256 characters. */
  title?: string;
  /** At most 2048 characters. */
  referrer?: string;
}

export type Resume = Record<string, Position>;

/** Is the server still there? Answered `ok` at once; browsers can't see WebSocket pings. */
export interface Ping {
  type: "ping";
  id: number;
}

/** Say something. A retry with the same `client_id` is one message (CH-3). → offset, epoch */
export interface SendMessage {
  type: "message";
  conversation: string;
  client_id: string;
  /** At most 4000 characters. */
  text: string;
  fence?: number;
  id: number;
}

/** The sender is writing, or stopped. Not answered, may be dropped (CH-4). */
export interface Typing {
  type: "typing";
  conversation: string;
  /** Default: true. */
  on?: boolean;
  id?: number;
}

/** Everything up to `offset` was shown to a person. Not answered unless it has an `id`. */
export interface Read {
  type: "read";
  conversation: string;
  offset: number;
  id?: number;
}

/** What came after a position. → entries, recovered, and a snapshot when it wasn't recovered. */
export interface History {
  type: "history";
  conversation: string;
  /** At most 64 characters. */
  epoch?: string;
  /** Default: 0. */
  offset?: number;
  id: number;
}

/** End a conversation; a visitor may also cancel a request that rings. */
export interface Close {
  type: "close";
  conversation: string;
  fence?: number;
  id: number;
}

/** The first message of a visitor's socket. → `welcome`. */
export interface VisitorHello {
  type: "hello";
  /** At most 1024 characters. */
  token?: string;
  page?: Page;
  fields?: Fields;
  /** At most 35 characters. */
  locale?: string;
  /** At most 64 characters. */
  timezone?: string;
  resume?: Resume;
  id: number;
}

/** The visitor went to another page (VS-5). */
export interface PageView {
  type: "page";
  page: Page;
  id?: number;
}

/**
 * The page tells what it knows of its visitor (VS-5). `jwt` is signed by the site's server, and
 * believed more than the page (VS-2).
 */
export interface Identify {
  type: "identify";
  fields?: Fields;
  /** At most 4096 characters. */
  jwt?: string;
  id: number;
}

/** Ask for a person. → `conversation`; an open one is returned as it is (CH-1). */
export interface RequestPerson {
  type: "request";
  /** At most 4000 characters. */
  text?: string;
  client_id?: string;
  id: number;
}

/** Nobody came: leave an address and a message in a missed conversation (RT-6). */
export interface LeaveMessage {
  type: "leave";
  conversation: string;
  /** At most 254 characters. */
  email: string;
  /** At most 4000 characters. */
  text: string;
  id: number;
}

/** The first message of a rep's socket. `device` names the tab (PR-2). → `welcome`. */
export interface RepHello {
  type: "hello";
  /** At most 256 characters. */
  token?: string;
  device?: string;
  resume?: Resume;
  id: number;
}

/** The rep chooses to be available or away (PR-1). */
export interface SetAvailability {
  type: "availability";
  state: "available" | "away";
  id: number;
}

/**
 * Nobody touched this tab for `idle_minutes` (told in `welcome`), or somebody is back. A rep is
 * idle, and isn't rung, while all their tabs are (PR-1). A new connection counts as used.
 */
export interface Activity {
  type: "activity";
  idle: boolean;
  id?: number;
}

/** The card of an offer was shown on a screen. */
export interface OfferSeen {
  type: "offer_seen";
  conversation: string;
  id?: number;
}

/** Start the conversation. → fence and the conversation; losers: `already_claimed` (CH-2). */
export interface Claim {
  type: "claim";
  conversation: string;
  id: number;
}

/** Pass this offer on. */
export interface Decline {
  type: "decline";
  conversation: string;
  id: number;
}

/** Give the conversation to a rep, to a group, or back to its rule (CH-4). */
export interface Transfer {
  type: "transfer";
  conversation: string;
  fence: number;
  rep?: string;
  group?: string;
  /** At most 500 characters. */
  note?: string;
  id: number;
}

export type VisitorMessage =
  | VisitorHello
  | PageView
  | Identify
  | RequestPerson
  | LeaveMessage
  | SendMessage
  | Typing
  | Read
  | History
  | Close
  | Ping;

export type RepMessage =
  | RepHello
  | SetAvailability
  | Activity
  | OfferSeen
  | Claim
  | Decline
  | Transfer
  | SendMessage
  | Typing
  | Read
  | History
  | Close
  | Ping;

/** A rep as others see them. */
export interface Person {
  id: string;
  name: string;
  picture?: string;
}

/** What the visitor uses. `type`: desktop, mobile, tablet, tv, bot. */
export interface Device {
  type?: string;
  browser?: string;
  os?: string;
}

/** Where the visitor is. `country`: ISO 3166. `source`: ip, or timezone for a guess. */
export interface Place {
  country?: string;
  region?: string;
  city?: string;
  source?: string;
}

/** The campaign that brought the visitor (VS-4). */
export interface Utm {
  source?: string;
  medium?: string;
  campaign?: string;
  term?: string;
  content?: string;
}

/** Which rep entered a value, and when. */
export interface Edited {
  rep: Person;
  at: string;
}

/**
 * What is known of a visitor, as a rep sees it. `landing_page` and `referrer` are those of the
 * session's first page. `sources` says where a field's value came from (VS-3), by its key:
 * `visitor.email`, `field.plan`; `edited`, by the same, who entered those of `rep`.
 */
export interface About {
  id: string;
  name?: string;
  email?: string;
  company?: string;
  phone?: string;
  domain?: string;
  industry?: string;
  employees?: number;
  location?: Place;
  device?: Device;
  landing_page?: string;
  referrer?: string;
  utm?: Utm;
  gclid?: string;
  /** Default: 0. */
  past_conversations?: number;
  locale?: string;
  timezone?: string;
  page?: Page;
  session?: string;
  /** Default: 0. */
  pages_seen?: number;
  /** Default: false. */
  returning?: boolean;
  fields?: Record<string, string | number | boolean | null>;
  sources?: Record<string, string>;
  edited?: Record<string, Edited>;
}

/** How far each side has read, as offsets; 0 is nothing. */
export interface Reads {
  /** Default: 0. */
  visitor: number;
  /** Default: 0. */
  rep: number;
}

/**
 * Is anybody there? `available`: a ring would reach someone; `busy`: reps are here, all at
 * capacity; `away`: nobody. `usual_seconds`: median time to an answer lately, if known.
 */
export interface Desk {
  state: "available" | "busy" | "away";
  usual_seconds?: number;
}

/** Something was said. `rep` is who said it, when a rep did. */
export interface Message {
  type: "message";
  from: "visitor" | "rep";
  text: string;
  client_id?: string;
  rep?: Person;
  conversation: string;
  epoch: string;
  offset: number;
  at: string;
}

/** A person is being looked for. `why`: request, transfer, rep_lost, again. */
export interface Requested {
  type: "requested";
  /** Default: request. */
  why?: "request" | "transfer" | "rep_lost" | "again";
  wait_until?: string;
  by?: Person;
  note?: string;
  conversation: string;
  epoch: string;
  offset: number;
  at: string;
}

/** A rep started the conversation (UI: Start a conversation). */
export interface Claimed {
  type: "claimed";
  rep: Person;
  fence: number;
  conversation: string;
  epoch: string;
  offset: number;
  at: string;
}

/**
 * Nobody came: none was there to ring, all who rang declined, or the wait was over. `next` is
 * what the visitor is asked for now.
 */
export interface Missed {
  type: "missed";
  /** Default: form. */
  next?: "form" | "none";
  /** Default: timeout. */
  why?: "nobody" | "declined" | "timeout";
  conversation: string;
  epoch: string;
  offset: number;
  at: string;
}

/** The rep's connection was lost, or came back (CH-5). */
export interface Participant {
  type: "participant";
  rep: Person;
  action: "lost" | "returned";
  conversation: string;
  epoch: string;
  offset: number;
  at: string;
}

/** The visitor of a missed conversation left an address and a message (RT-6). */
export interface Left {
  type: "left";
  email: string;
  text: string;
  conversation: string;
  epoch: string;
  offset: number;
  at: string;
}

/** It is over. `why`: ended (somebody closed it), cancelled, session_end. */
export interface Closed {
  type: "closed";
  by: "visitor" | "rep" | "server";
  /** Default: ended. */
  why?: "ended" | "cancelled" | "session_end";
  conversation: string;
  epoch: string;
  offset: number;
  at: string;
}

export type LogEntry = Message | Requested | Claimed | Missed | Participant | Left | Closed;

/**
 * A conversation's snapshot: `entries` is its log up to `offset` (or the newest part of it).
 *
 * Sent in answers, and by itself whenever a client must start over (`recovered: false`) or
 * learns of a conversation for the first time. `fence`, `visitor`, `visitor_here` only to reps.
 */
export interface Conversation {
  type: "conversation";
  id: string;
  state: State;
  epoch: string;
  offset: number;
  at: string;
  entries: LogEntry[];
  read?: Reads;
  rep?: Person;
  /** Default: 0. */
  fence?: number;
  visitor?: About;
  /** Default: false. */
  visitor_here?: boolean;
  /** The lowest offset in `entries`: earlier ones are had by `history` over HTTP. Default: 1. */
  first?: number;
  reason?: string;
}

/** The rep is being rung (RT-4). The same conversation again replaces the earlier offer. */
export interface Offer {
  type: "offer";
  conversation: string;
  visitor: About;
  reason: string;
  requested_at: string;
  expires_at: string;
  text?: string;
  /** Default: request. */
  why?: "request" | "transfer" | "rep_lost" | "again";
  by?: Person;
  note?: string;
}

/** The ring ended. */
export interface OfferGone {
  type: "offer_gone";
  conversation: string;
  why: "claimed" | "expired" | "cancelled" | "declined" | "rerouted" | "away" | "full";
  by?: Person;
  at?: string;
}

/** The rep no longer holds the conversation (transferred, lost, closed elsewhere). */
export interface Released {
  type: "released";
  conversation: string;
  why: "transferred" | "rep_lost" | "closed" | "taken";
}

/** Somebody writes, or stopped. */
export interface TypingPush {
  type: "typing";
  conversation: string;
  who: "visitor" | "rep";
  on: boolean;
}

/** Somebody has read up to `offset`. */
export interface ReadPush {
  type: "read";
  conversation: string;
  who: "visitor" | "rep";
  offset: number;
}

/**
 * The visitor of a held conversation left, or came back; with `visitor`, what is known of
 * them now, and the page that they are on.
 */
export interface VisitorPush {
  type: "visitor";
  conversation: string;
  here: boolean;
  visitor?: About;
}

/**
 * The presence of a rep changed; to reps. `load` of `capacity` places are taken. `off_hours`:
 * it is outside their working hours, so nothing rings whatever they chose (PR-1).
 */
export interface PresencePush {
  type: "presence";
  rep: Person;
  availability: "available" | "away";
  online: boolean;
  load: number;
  capacity: number;
  since?: string;
  cause?: string;
  /** Default: false. */
  off_hours?: boolean;
}

/** Whether anybody is there changed; to visitors. */
export interface DeskPush {
  type: "desk";
  desk: Desk;
}

/** This server is behind for this conversation and is catching up: `on`, then off (CH-6). */
export interface Recovering {
  type: "recovering";
  conversation: string;
  on: boolean;
}

/** Told before a graceful stop closes the socket: wait `after_ms`, then connect again. */
export interface Reconnect {
  type: "reconnect";
  after_ms: number;
}

/** Something a rep should know, in words. */
export interface Alert {
  type: "alert";
  level: "info" | "warning";
  code: string;
  text: string;
}

/** Done. Which of the fields are there depends on the request. */
export interface Ok {
  type: "ok";
  id: number;
  conversation?: Conversation | string;
  epoch?: string;
  offset?: number;
  at?: string;
  fence?: number;
  entries?: LogEntry[];
  recovered?: boolean;
  state?: string;
}

/** Refused. `code` is for programs (the list is in docs/protocol.md), `message` for people. */
export interface Error {
  type: "error";
  id?: number;
  code: string;
  message: string;
  /** Default: false. */
  retry?: boolean;
  by?: Person;
  at?: string;
  state?: string;
  /** Seconds: asked again sooner it is refused again. */
  retry_after?: number;
}

/**
 * The answer to a visitor's hello. Where `recovered[id]` is true, the resumed position was
 * valid and the conversation's `entries` hold exactly what came after it; otherwise the
 * conversation is a fresh snapshot.
 */
export interface VisitorWelcome {
  type: "welcome";
  id: number;
  visitor: string;
  token: string;
  session: string;
  desk: Desk;
  conversation?: Conversation;
  recovered?: Record<string, boolean>;
  server_time?: string;
}

/** All that a console shows: apply the pushes to an old one and the fresh one results. */
export interface RepSnapshot {
  availability: "available" | "away";
  capacity: number;
  offers: Offer[];
  conversations: Conversation[];
  presence: PresencePush[];
  cause?: string;
  /** Default: false. */
  off_hours?: boolean;
}

/**
 * The answer to a rep's hello; `recovered` as in the visitor's, per conversation. After
 * `idle_minutes` without input a tab says `activity`; 0: never.
 */
export interface RepWelcome {
  type: "welcome";
  id: number;
  rep: Person;
  role: string;
  device: string;
  snapshot: RepSnapshot;
  recovered?: Record<string, boolean>;
  server_time?: string;
  /** Default: 0. */
  idle_minutes?: number;
}

export type ServerMessage =
  | Ok
  | Error
  | Message
  | Requested
  | Claimed
  | Missed
  | Participant
  | Left
  | Closed
  | Conversation
  | Offer
  | OfferGone
  | Released
  | TypingPush
  | ReadPush
  | VisitorPush
  | PresencePush
  | DeskPush
  | Recovering
  | Reconnect
  | Alert;

export type VisitorServerMessage = ServerMessage | VisitorWelcome;

export type RepServerMessage = ServerMessage | RepWelcome;

/** Why a socket was closed. 4000–4499: connect again; 4500–4999: don't. */
export const CloseCode = {
  DRAIN: 4001,
  SLOW: 4002,
  IDLE: 4003,
  OVERLOADED: 4004,
  REPLACED_NODE: 4005,
  RATE: 4006,
  ERASED: 4007,
  UNAUTHORIZED: 4501,
  BAD_FRAME: 4502,
  TOO_BIG: 4503,
  HELLO_EXPECTED: 4504,
  SUPERSEDED: 4505,
  SIGNED_OUT: 4506,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
