import { describe, expect, it } from "vitest";

import {
  type MessageRow,
  type TimelineInput,
  timeline,
  unreadCount,
} from "../../src/console/inbox/timeline";
import type { LogEntry, Message } from "../../src/protocol/index.ts";

const START = Date.parse("2026-11-12T10:00:00Z");
const ME = { id: "me", name: "Ana" };

function said(
  offset: number,
  from: "visitor" | "rep",
  minute: number,
  more: Partial<Message> = {},
): Message {
  return {
    type: "message",
    conversation: "c",
    epoch: "e",
    offset,
    from,
    text: `text ${offset}`,
    at: new Date(START + minute * 60_000).toISOString(),
    ...(from === "rep" ? { rep: ME } : {}),
    client_id: `id${offset}`,
    ...more,
  };
}

const draw = (entries: LogEntry[], more: Partial<TimelineInput> = {}) =>
  timeline({
    entries,
    unsent: [],
    read: { visitor: 0, rep: 0 },
    me: "me",
    unreadAfter: null,
    now: START + 3_600_000,
    ...more,
  });

const messages = (entries: LogEntry[], more: Partial<TimelineInput> = {}) =>
  draw(entries, more).filter((row): row is MessageRow => row.kind === "message");

describe("messages", () => {
  it("of one speaker stand together until the speaker or the time changes", () => {
    const rows = messages([
      said(1, "visitor", 0),
      said(2, "visitor", 1),
      said(3, "rep", 2),
      said(4, "rep", 10),
    ]);
    expect(rows.map((row) => [row.first, row.last])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it("name another rep, not oneself", () => {
    const rows = messages([
      said(1, "rep", 0, { rep: { id: "x", name: "Chiara" } }),
      said(2, "rep", 1),
    ]);
    expect(rows.map((row) => row.author)).toEqual(["Chiara", ""]);
  });

  it("say delivered, then read, under the newest of ours only", () => {
    const entries = [said(1, "rep", 0), said(2, "rep", 1), said(3, "visitor", 2)];
    expect(messages(entries).map((row) => row.status)).toEqual(["", "delivered", ""]);
    const read = { visitor: 2, rep: 0 };
    expect(messages(entries, { read }).map((row) => row.status)).toEqual(["", "read", ""]);
  });

  it("keep their key when the acknowledgement comes", () => {
    const unsent = [{ clientId: "id2", text: "text 2", at: START, state: "sending" as const }];
    const before = messages([said(1, "visitor", 0)], { unsent }).at(-1);
    const after = messages([said(1, "visitor", 0), said(2, "rep", 1)]).at(-1);
    expect(before?.status).toBe("sending");
    expect(after?.key).toBe(before?.key);
  });
});

describe("the divider", () => {
  const entries = [
    said(1, "visitor", 0),
    said(2, "rep", 1),
    said(3, "visitor", 2),
    said(4, "visitor", 3),
  ];

  it("stands above the first new message of the visitor", () => {
    const kinds = draw(entries, { unreadAfter: 2 }).map((row) => row.kind);
    expect(kinds).toEqual(["message", "message", "unread", "message", "message"]);
  });

  it("isn't drawn above the very first message", () => {
    const kinds = draw(entries, { unreadAfter: 0 }).map((row) => row.kind);
    expect(kinds).not.toContain("unread");
  });
});

it("days are named when a conversation spans several", () => {
  const rows = draw([said(1, "visitor", -24 * 60), said(2, "visitor", 0)]);
  expect(rows.filter((row) => row.kind === "day").map((row) => row.text)).toEqual([
    "Yesterday",
    "Today",
  ]);
});

it("only the visitor's messages after the read mark are unread", () => {
  const entries = [said(1, "visitor", 0), said(2, "rep", 1), said(3, "visitor", 2)];
  expect(unreadCount(entries, { visitor: 0, rep: 1 })).toBe(1);
  expect(unreadCount(entries, { visitor: 0, rep: 3 })).toBe(0);
});
