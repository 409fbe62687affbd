/** What the console shows and may do, apart from how it comes by it. `desk-live.ts` fills it from
 * the socket; the gallery fills it from scripts. */
import type { Conversation, Offer, OfferGone, Person, PresencePush } from "../../protocol/index.ts";

/** The socket as a rep should know it. Times are ms of this computer's clock. */
export type Link =
  | { phase: "connecting" }
  | { phase: "online" }
  | { phase: "waiting"; retryAt: number }
  | { phase: "stopped"; why: "signed_out" | "elsewhere" | "refused" };

/** A message of this rep that the server hasn't acknowledged. */
export interface Unsent {
  clientId: string;
  text: string;
  /** When it was written, ms. */
  at: number;
  state: "sending" | "failed";
}

/** A conversation this rep holds, or held until a moment ago. */
export interface Chat {
  conversation: Conversation;
  unsent: readonly Unsent[];
  visitorTyping: boolean;
  /** CH-6: null = up to date; 0 = behind, not known by how much; n = n entries not shown yet. */
  behind: number | null;
  /** Set when the rep no longer holds it; the chat stays readable until dismissed. */
  over: null | "closed" | "transferred" | "rep_lost" | "taken";
}

/** How a ring ended. `leadMs` is how much earlier the winner was, if this rep tried too. */
export interface RingEnd {
  why: OfferGone["why"] | "gone";
  by?: Person | undefined;
  leadMs?: number | undefined;
}

/** One offer as a card. */
export interface Ring {
  offer: Offer;
  /** When it began here, ms of this computer's clock: the countdown's full circle. */
  since: number;
  starting: boolean;
  ended: RingEnd | null;
}

/** A line the server wants the rep to read. */
export interface Notice {
  key: string;
  level: "info" | "warning";
  text: string;
}

export interface LiveState {
  link: Link;
  /** False until the first welcome: show skeletons. */
  loaded: boolean;
  me: Person | null;
  role: string;
  availability: "available" | "away";
  /** Why the server set the rep away, in words; empty if the rep chose it. */
  cause: string;
  /** Outside the rep's working hours: nothing rings, whatever they chose. */
  offHours: boolean;
  capacity: number;
  rings: readonly Ring[];
  chats: readonly Chat[];
  presence: readonly PresencePush[];
  notices: readonly Notice[];
  /** Server time minus this computer's, ms. */
  skew: number;
}

/** Whom a conversation is given to; neither is back to its rule. */
export interface TransferTarget {
  rep?: string;
  group?: string;
  note?: string;
}

/** Refusals are thrown as errors with a `code` of docs/protocol.md. */
export interface Live {
  state: () => LiveState;
  subscribe: (listener: () => void) => () => void;
  setAvailability: (state: "available" | "away") => Promise<void>;
  seen: (conversation: string) => void;
  /** Whether this rep holds it now; a loss is told by its ring. */
  claim: (conversation: string) => Promise<boolean>;
  decline: (conversation: string) => Promise<void>;
  /** Takes the card of a finished ring away. */
  forgetRing: (conversation: string) => void;
  send: (conversation: string, text: string) => void;
  sendAgain: (conversation: string, clientId: string) => void;
  discard: (conversation: string, clientId: string) => void;
  typing: (conversation: string, on: boolean) => void;
  read: (conversation: string, offset: number) => void;
  transfer: (conversation: string, target: TransferTarget) => Promise<void>;
  close: (conversation: string) => Promise<void>;
  /** Takes a chat that is over out of the list. */
  dismiss: (conversation: string) => void;
  forgetNotice: (key: string) => void;
  reconnect: () => void;
}

export const NOTHING: LiveState = {
  link: { phase: "connecting" },
  loaded: false,
  me: null,
  role: "rep",
  availability: "away",
  cause: "",
  offHours: false,
  capacity: 0,
  rings: [],
  chats: [],
  presence: [],
  notices: [],
  skew: 0,
};
