/** From a conversation's log to the rows on the screen. Pure. */
import type { LogEntry, Message, Reads } from "../../protocol/index.ts";
import { day, ms } from "../format";
import type { Unsent } from "../live/live";

/** Messages of one speaker less than this apart stand together. */
const GROUP_GAP = 4 * 60_000;

export type Row =
  | { kind: "day"; key: string; text: string }
  | { kind: "unread"; key: string }
  | { kind: "event"; key: string; entry: Exclude<LogEntry, Message>; at: number }
  | MessageRow;

export interface MessageRow {
  kind: "message";
  key: string;
  text: string;
  mine: boolean;
  /** Another rep's, shown on our side with their name. */
  author: string;
  at: number;
  first: boolean;
  last: boolean;
  /** Under the newest of ours only. */
  status: "" | "sending" | "delivered" | "read" | "failed";
  clientId: string;
}

export interface TimelineInput {
  entries: readonly LogEntry[];
  unsent: readonly Unsent[];
  read: Reads;
  /** This rep's id, or "" when a past conversation is read. */
  me: string;
  /** Visitor messages after this offset are new; null draws no divider. */
  unreadAfter: number | null;
  now: number;
}

export function timeline(input: TimelineInput): Row[] {
  const rows: Row[] = [];
  let today = "";
  let divided = input.unreadAfter === null;
  for (const entry of input.entries) {
    const at = ms(entry.at);
    const heading = day(at, input.now);
    if (heading !== today) {
      // A conversation of today needs no heading.
      if (today !== "" || heading !== "Today") {
        rows.push({ kind: "day", key: `day-${entry.offset}`, text: heading });
      }
      today = heading;
    }
    if (!divided && isFromVisitor(entry) && entry.offset > (input.unreadAfter ?? 0)) {
      // Above the very first message there is nothing old to divide from.
      if (rows.some((row) => row.kind === "message")) rows.push({ kind: "unread", key: "unread" });
      divided = true;
    }
    rows.push(
      entry.type === "message"
        ? said(entry, input.me, at)
        : { kind: "event", key: keyOf(entry), entry, at },
    );
  }
  for (const unsent of input.unsent) rows.push(unsentRow(unsent));
  group(rows);
  markStatus(rows, input);
  return rows;
}

/** A sent message keeps its row when the acknowledgement turns it into an entry. */
const keyOf = (entry: LogEntry) =>
  entry.type === "message" && entry.client_id && entry.from === "rep"
    ? `m-${entry.client_id}`
    : `${entry.epoch}-${entry.offset}`;

function said(entry: Message, me: string, at: number): MessageRow {
  const mine = entry.from === "rep";
  const author = mine && entry.rep && entry.rep.id !== me ? entry.rep.name : "";
  return {
    kind: "message",
    key: keyOf(entry),
    text: entry.text,
    mine,
    author,
    at,
    first: true,
    last: true,
    status: "",
    clientId: entry.client_id ?? "",
  };
}

function unsentRow(unsent: Unsent): MessageRow {
  return {
    kind: "message",
    key: `m-${unsent.clientId}`,
    text: unsent.text,
    mine: true,
    author: "",
    at: unsent.at,
    first: true,
    last: true,
    status: unsent.state,
    clientId: unsent.clientId,
  };
}

function group(rows: Row[]): void {
  for (let i = 1; i < rows.length; i++) {
    const [before, row] = [rows[i - 1], rows[i]];
    if (before?.kind !== "message" || row?.kind !== "message") continue;
    const together =
      before.mine === row.mine && before.author === row.author && row.at - before.at < GROUP_GAP;
    if (together && before.status !== "failed") {
      before.last = false;
      row.first = false;
    }
  }
}

/** Delivered or read is said once, under the newest acknowledged message of ours. */
function markStatus(rows: Row[], { entries, read, me }: TimelineInput): void {
  if (me === "") return;
  const ours = entries.findLast((entry) => entry.type === "message" && entry.from === "rep");
  if (ours === undefined) return;
  const row = rows.find((one) => one.kind === "message" && one.key === keyOf(ours));
  if (row?.kind === "message") row.status = read.visitor >= ours.offset ? "read" : "delivered";
}

export const isFromVisitor = (entry: LogEntry): entry is Message =>
  entry.type === "message" && entry.from === "visitor";

export const NOTHING_READ: Reads = { visitor: 0, rep: 0 };

/** How many messages of the visitor this rep hasn't read. */
export function unreadCount(entries: readonly LogEntry[], read: Reads = NOTHING_READ): number {
  let count = 0;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i];
    if (entry === undefined || entry.offset <= read.rep) break;
    if (isFromVisitor(entry)) count++;
  }
  return count;
}

/** The newest thing said, for the list. */
export function lastMessage(entries: readonly LogEntry[]): Message | undefined {
  return entries.findLast((entry) => entry.type === "message");
}
