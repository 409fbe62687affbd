/** Short ways to write conversations, rings and states. */
import type { About, Conversation, LogEntry, Offer, Person } from "../../src/protocol/index.ts";
import type { Chat, LiveState, Ring } from "../../src/console/live/live";
import { ME, PRESENCE } from "./people";

export const NOW = Date.now();
export const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();

type Line =
  | ["v" | "r", string, number]
  | ["claimed", Person, number]
  | ["requested" | "closed", number]
  | ["transfer", Person, string, number];

export function log(id: string, lines: readonly Line[], first = 1): LogEntry[] {
  return lines.map((line, i): LogEntry => {
    const place = {
      conversation: id,
      epoch: "e",
      offset: first + i,
      at: at(line[line.length - 1] as number),
    };
    switch (line[0]) {
      case "v":
        return {
          ...place,
          type: "message",
          from: "visitor",
          text: line[1],
          client_id: `${id}${i}`,
        };
      case "r":
        return {
          ...place,
          type: "message",
          from: "rep",
          text: line[1],
          rep: ME,
          client_id: `${id}${i}`,
        };
      case "claimed":
        return { ...place, type: "claimed", rep: line[1], fence: 1 };
      case "transfer":
        return { ...place, type: "requested", why: "transfer", by: line[1], note: line[2] };
      case "requested":
        return { ...place, type: "requested" };
      case "closed":
        return { ...place, type: "closed", by: "visitor" };
    }
  });
}

interface ChatOptions extends Partial<Chat> {
  readRep?: number;
  readVisitor?: number;
  here?: boolean;
  first?: number;
}

export function chat(
  id: string,
  visitor: About,
  lines: readonly Line[],
  options: ChatOptions = {},
): Chat {
  const entries = log(id, lines, options.first ?? 1);
  const offset = entries[entries.length - 1]?.offset ?? 0;
  const conversation: Conversation = {
    type: "conversation",
    id,
    state: options.over ? "closed" : "active",
    epoch: "e",
    offset,
    at: entries[0]?.at ?? at(0),
    entries,
    rep: ME,
    fence: 1,
    visitor,
    visitor_here: options.here ?? true,
    reason: "You own Acme's account",
    read: { rep: options.readRep ?? offset, visitor: options.readVisitor ?? 0 },
    ...(options.first ? { first: options.first } : {}),
  };
  return {
    conversation,
    unsent: options.unsent ?? [],
    visitorTyping: options.visitorTyping ?? false,
    behind: options.behind ?? null,
    over: options.over ?? null,
  };
}

export function ring(visitor: About, options: Partial<Offer> & Partial<Ring> = {}): Ring {
  const { since = NOW - 9000, starting = false, ended = null, ...offer } = options;
  return {
    since,
    starting,
    ended,
    offer: {
      type: "offer",
      conversation: `ring-${visitor.id}`,
      visitor,
      reason: "First available",
      requested_at: at(9),
      expires_at: new Date(NOW + 21_000).toISOString(),
      ...offer,
    },
  };
}

export const QUIET: LiveState = {
  link: { phase: "online" },
  loaded: true,
  me: ME,
  role: "admin",
  availability: "available",
  cause: "",
  offHours: false,
  capacity: 5,
  rings: [],
  chats: [],
  presence: PRESENCE,
  notices: [],
  skew: 0,
};
