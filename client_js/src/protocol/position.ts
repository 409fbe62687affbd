/** Places in a conversation's log, and where a new entry stands to what is already known (CH-3). */
import type { Conversation, LogEntry, Position, Resume } from "./frames.ts";

export function positionOf(conversation: Conversation): Position {
  return { epoch: conversation.epoch, offset: conversation.offset };
}

export function resumeFrom(conversations: Iterable<Conversation>): Resume {
  const resume: Resume = {};
  for (const conversation of conversations) resume[conversation.id] = positionOf(conversation);
  return resume;
}

/**
 * `next` continues the log, `known` is already in it. `gap`: something is missing between, or the
 * place is taken by an entry of another epoch, because the log was rolled back; then only `history`
 * can tell what is true.
 */
export type Place = "next" | "known" | "gap";

export function placeOf(conversation: Conversation, entry: LogEntry): Place {
  if (entry.offset === conversation.offset + 1) return "next";
  if (entry.offset > conversation.offset) return "gap";
  // An entry keeps its epoch for ever. What is older than the snapshot is taken as known.
  const held = conversation.entries[entry.offset - (conversation.first ?? 1)];
  return held === undefined || held.epoch === entry.epoch ? "known" : "gap";
}
