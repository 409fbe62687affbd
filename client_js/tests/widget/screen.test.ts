import { describe, expect, it } from "vitest";

import type { Connection, VisitorState } from "../../src/client/index.ts";
import type { Conversation, LogEntry } from "../../src/protocol/index.ts";
import {
  isReconnecting,
  isRepLost,
  ringingWords,
  screenOf,
  unreadOf,
} from "../../src/widget/screen.ts";

const REP = { id: "r1", name: "Mara" };
const place = (offset: number) => ({
  conversation: "c1",
  epoch: "e1",
  offset,
  at: "2026-05-04T10:00:00Z",
});
const left: LogEntry = { type: "left", email: "kim@example.com", text: "Hi", ...place(1) };

function talk(state: Conversation["state"], entries: LogEntry[] = []): Conversation {
  return {
    type: "conversation",
    id: "c1",
    state,
    epoch: "e1",
    offset: entries.length,
    at: "",
    entries,
  };
}

function state(change: Partial<VisitorState> = {}): VisitorState {
  return {
    connection: { state: "online" },
    desk: { state: "available" },
    visitor: "v1",
    session: "s1",
    conversation: undefined,
    asking: undefined,
    pending: [],
    typing: false,
    behind: false,
    skew: 0,
    ...change,
  };
}

describe("the screen", () => {
  it.each([
    ["welcome", state()],
    ["asking", state({ asking: { text: "Hi", client_id: "a" } })],
    ["ringing", state({ conversation: talk("requested") })],
    ["chat", state({ conversation: talk("active") })],
    ["missed", state({ conversation: talk("missed") })],
    ["left", state({ conversation: talk("missed", [left]) })],
    ["closed", state({ conversation: talk("closed") })],
    ["left", state({ conversation: talk("closed", [left]) })],
  ])("is %s", (screen, given) => {
    expect(screenOf(given)).toBe(screen);
  });

  it("says that the server can't be reached after two tries, not after one", () => {
    const trying = (attempt: number): Connection => ({ state: "waiting", attempt, retryAt: 0 });
    expect(screenOf(state({ desk: undefined, connection: trying(1) }))).toBe("welcome");
    expect(screenOf(state({ desk: undefined, connection: trying(2) }))).toBe("unreachable");
  });

  it("keeps a conversation in view while the connection is lost", () => {
    const waiting: Connection = { state: "waiting", attempt: 5, retryAt: 0 };
    const given = state({ conversation: talk("active"), connection: waiting });
    expect(screenOf(given)).toBe("chat");
    expect(isReconnecting(given)).toBe(true);
  });
});

describe("a lost rep", () => {
  const lost: LogEntry = { type: "participant", rep: REP, action: "lost", ...place(1) };

  it("is lost until they return, or somebody else takes over", () => {
    expect(isRepLost(talk("active", [lost]))).toBe(true);
    const back: LogEntry = { type: "participant", rep: REP, action: "returned", ...place(2) };
    expect(isRepLost(talk("active", [lost, back]))).toBe(false);
    const claimed: LogEntry = { type: "claimed", rep: REP, fence: 2, ...place(2) };
    expect(isRepLost(talk("active", [lost, claimed]))).toBe(false);
  });
});

describe("what is unread", () => {
  const said = (offset: number, from: "visitor" | "rep"): LogEntry => ({
    type: "message",
    from,
    text: "…",
    ...place(offset),
  });
  const log = talk("active", [said(1, "rep"), said(2, "visitor"), said(3, "rep"), said(4, "rep")]);

  it("is what reps wrote behind the mark that was seen here or elsewhere", () => {
    expect(unreadOf(log, 0)).toBe(3);
    expect(unreadOf(log, 3)).toBe(1);
    expect(unreadOf({ ...log, read: { visitor: 4, rep: 0 } }, 0)).toBe(0);
    expect(unreadOf(undefined, 0)).toBe(0);
  });
});

describe("the words while it rings", () => {
  it("change with the time that has passed", () => {
    expect([0, 10, 30, 60].map((seconds) => ringingWords("request", seconds))).toEqual([
      "ringing",
      "ringingStill",
      "ringingLong",
      "ringingLast",
    ]);
    expect(ringingWords("transfer", 5)).toBe("ringingOther");
  });
});
