/** What the panel shows, derived from what the client knows. Pure. */
import type { VisitorState } from "../client/index.ts";
import type { Conversation, LogEntry, Person, Requested } from "../protocol/index.ts";

export type Screen =
  /** Nothing is open: a greeting, and room for the first words. */
  | "welcome"
  /** A person was asked for; the server hasn't heard of it yet. */
  | "asking"
  | "ringing"
  | "chat"
  | "missed"
  /** The address and message were left. */
  | "left"
  | "closed"
  /** There was never a connection, or the server wants none. */
  | "unreachable";

export function screenOf(state: VisitorState): Screen {
  const { conversation, asking } = state;
  if (asking !== undefined) return isUnreachable(state) ? "unreachable" : "asking";
  if (conversation === undefined) return isUnreachable(state) ? "unreachable" : "welcome";
  switch (conversation.state) {
    case "requested":
      return "ringing";
    case "active":
      return "chat";
    case "missed":
      return conversation.entries.some((entry) => entry.type === "left") ? "left" : "missed";
    case "closed":
      return conversation.entries.some((entry) => entry.type === "left") ? "left" : "closed";
  }
}

/** A first try may just be slow; two that failed are news. */
function isUnreachable({ connection, desk }: VisitorState): boolean {
  if (connection.state === "stopped") return connection.code !== 0;
  if (connection.state === "online") return false;
  return desk === undefined && connection.state !== "idle" && connection.attempt >= 2;
}

/** There was a connection, and there is none now. */
export function isReconnecting({ connection, desk }: VisitorState): boolean {
  return desk !== undefined && connection.state !== "online" && connection.state !== "idle";
}

/** The holder's connection is lost and nobody else was asked yet (CH-5). */
export function isRepLost(conversation: Conversation): boolean {
  const last = conversation.entries.findLast((entry) =>
    ["participant", "claimed", "requested"].includes(entry.type),
  );
  return last?.type === "participant" && last.action === "lost";
}

export function lastRequest(conversation: Conversation): Requested | undefined {
  return conversation.entries.findLast((entry) => entry.type === "requested");
}

/** Who spoke last for the company, also after they left. */
export function lastRep(conversation: Conversation): Person | undefined {
  if (conversation.rep !== undefined) return conversation.rep;
  return conversation.entries.findLast((entry) => entry.type === "claimed")?.rep;
}

/** Messages of reps behind the visitor's read mark. */
export function unreadOf(conversation: Conversation | undefined, seen: number): number {
  const mark = Math.max(seen, conversation?.read?.visitor ?? 0);
  const isNew = (entry: LogEntry) =>
    entry.type === "message" && entry.from === "rep" && entry.offset > mark;
  return conversation?.entries.filter(isNew).length ?? 0;
}

export type RingingWords =
  "ringing" | "ringingStill" | "ringingLong" | "ringingLast" | "ringingOther";

/** What is said while it rings, by the seconds that have passed. */
export function ringingWords(why: Requested["why"], seconds: number): RingingWords {
  if (seconds >= 60) return "ringingLast";
  if (why === "transfer" || why === "rep_lost") return "ringingOther";
  if (seconds >= 30) return "ringingLong";
  return seconds >= 10 ? "ringingStill" : "ringing";
}
