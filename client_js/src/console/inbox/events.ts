/** What happened in a conversation besides messages, in words. Pure. */
import type { LogEntry, Message } from "../../protocol/index.ts";
import { texts } from "../texts";

type Event = Exclude<LogEntry, Message>;

export function eventWords(entry: Event): { line: string; note: string } {
  const note = entry.type === "requested" && entry.note ? texts.event.note(entry.note) : "";
  return { line: lineOf(entry), note: entry.type === "left" ? entry.text : note };
}

function lineOf(entry: Event): string {
  const words = texts.event;
  switch (entry.type) {
    case "requested":
      return requested(entry);
    case "claimed":
      return words.claimed(entry.rep.name);
    case "missed":
      return missed(entry);
    case "participant":
      return entry.action === "lost" ? words.lost(entry.rep.name) : words.returned(entry.rep.name);
    case "left":
      return words.left(entry.email);
    case "closed":
      return closed(entry);
  }
}

function requested(entry: Extract<Event, { type: "requested" }>): string {
  const words = texts.event;
  if (entry.why === "transfer") {
    return entry.by ? words.transferred(entry.by.name) : words.transferredPlain;
  }
  if (entry.why === "rep_lost") return words.repLost;
  return entry.why === "again" ? words.again : words.requested;
}

function missed(entry: Extract<Event, { type: "missed" }>): string {
  const words = texts.event;
  if (entry.why === "nobody") return words.missedNobody;
  return entry.why === "declined" ? words.missedDeclined : words.missedTimeout;
}

function closed(entry: Extract<Event, { type: "closed" }>): string {
  const words = texts.event;
  if (entry.why === "cancelled") return words.cancelled;
  if (entry.why === "session_end") return words.sessionEnd;
  return {
    visitor: words.closedVisitor,
    rep: words.closedRep,
    server: words.closedServer,
  }[entry.by];
}
