/** What a rep's client holds, says and needs. */
import type {
  Alert,
  Codec,
  Conversation,
  LogEntry,
  Message,
  Offer,
  OfferGone,
  Person,
  PresencePush,
  Released,
  RepSnapshot,
  RepWelcome,
} from "../protocol/index.ts";
import type { Pending } from "./outbox.ts";
import type { Seams } from "./seams.ts";
import type { Connection } from "./socket.ts";

export interface RepState {
  readonly connection: Connection;
  /** Undefined until the first welcome. */
  readonly rep: Person | undefined;
  readonly role: string;
  readonly device: string;
  readonly availability: RepSnapshot["availability"];
  readonly capacity: number;
  /** Why the availability is what it is, when the server changed it. */
  readonly cause: string;
  /** Outside their working hours: nothing rings, whatever they chose. */
  readonly off_hours: boolean;
  /** Rings, oldest first. */
  readonly offers: readonly Offer[];
  /** Held by this rep, by id. */
  readonly conversations: readonly Conversation[];
  /** Held before, newest first, as they were when they left; at most `ENDED_KEPT`. */
  readonly ended: readonly Conversation[];
  readonly presence: readonly PresencePush[];
  /** Written and not in the log yet, in order, by conversation. */
  readonly pending: Readonly<Record<string, readonly Pending[]>>;
  /** Whose visitor is writing. */
  readonly typing: Readonly<Record<string, boolean>>;
  /** Conversations of which entries are missing, here or in the server: don't answer blind (CH-6). */
  readonly behind: Readonly<Record<string, boolean>>;
  /** Server time minus our clock, in ms: count down with it. */
  readonly skew: number;
}

export interface RepEvents {
  welcome: RepWelcome;
  /** A ring that wasn't there before. */
  offer: Offer;
  /** A ring ended; `offer` is what was rung, if it was still shown. */
  offer_gone: OfferGone & { offer: Offer | undefined };
  /** Each entry that is new to this client, the rep's own included. */
  entry: LogEntry;
  /** The part of `entry` that a visitor wrote. */
  message: Message;
  released: Released;
  alert: Alert;
}

/** What became of "Start a conversation". */
export type ClaimOutcome =
  | { readonly won: true; readonly conversation: Conversation | undefined }
  /** `already_claimed` (then `by` and `at` say who and when), `at_capacity`, `not_offered`, `gone`. */
  | {
      readonly won: false;
      readonly code: string;
      readonly message: string;
      readonly by: Person | undefined;
      readonly at: string | undefined;
    };

export interface RepOptions {
  /** `wss://desk.example/v1/rep`; in a browser the sign-in cookie says who it is. */
  url: string;
  /** A bearer token, for programs. */
  token?: string;
  /** Names this tab across reconnects (PR-2); the server's answer replaces it. */
  device?: string;
  codec?: Codec;
  seams?: Seams;
}

export const ENDED_KEPT = 20;

export const EMPTY: RepState = {
  connection: { state: "idle" },
  rep: undefined,
  role: "",
  device: "",
  availability: "away",
  capacity: 0,
  cause: "",
  off_hours: false,
  offers: [],
  conversations: [],
  ended: [],
  presence: [],
  pending: {},
  typing: {},
  behind: {},
  skew: 0,
};
