/** The same vectors that hold for the server's `frontdesk.wire.apply`; see tests/vectors/README.md. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

import {
  type Conversation,
  type Gap,
  type LogEntry,
  type Ok,
  type Person,
  type Push,
  type RepSnapshot,
  type SendMessage,
  isGap,
  resumed,
  sent,
  toConversation,
  toRep,
} from "../../src/protocol/index.ts";

const FOLDER = resolve(import.meta.dirname, "../../../tests/vectors");

function vectors<Vector>(name: string): (Vector & { name: string })[] {
  const file = JSON.parse(readFileSync(resolve(FOLDER, `${name}.json`), "utf8")) as {
    vectors: (Vector & { name: string })[];
  };
  expect(file.vectors.length).toBeGreaterThan(0);
  return file.vectors;
}

/** A field that is absent has its default: both sides without what is one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, each]) => [key, plain(each)] as const);
  return Object.fromEntries(fields.filter(([key, each]) => !isDefault(key, each)));
}

function isDefault(key: string, value: unknown): boolean {
  if (key === "first") return value === 1;
  if (key === "fence") return value === 0;
  if (key === "visitor_here") return value === false;
  if (key === "read") return JSON.stringify(value) === '{"visitor":0,"rep":0}';
  return value === "" || value === undefined || value === null;
}

function fold<State extends object>(
  before: State,
  events: Push[],
  apply: (state: State, event: Push) => State | Gap,
): { after: State; gap: Gap | undefined } {
  let after = before;
  let gap: Gap | undefined;
  for (const event of events) {
    const next = apply(after, event);
    gap = isGap(next) ? next : undefined;
    if (!isGap(next)) after = next;
  }
  return { after, gap };
}

interface Folded<State> {
  before: State;
  events: Push[];
  after: State;
  gap?: Gap;
}

function check<State extends object>(
  vector: Folded<State>,
  apply: (state: State, event: Push) => State | Gap,
): void {
  const untouched = structuredClone(vector.before);
  const { after, gap } = fold(vector.before, vector.events, apply);
  expect(plain(after)).toEqual(plain(vector.after));
  expect(gap).toEqual(vector.gap);
  expect(vector.before).toEqual(untouched);
}

describe("a push folded into a conversation", () => {
  it.each(vectors<Folded<Conversation>>("conversation"))("$name", (vector) => {
    check(vector, toConversation);
  });
});

describe("a push folded into what a console shows", () => {
  it.each(vectors<Folded<RepSnapshot> & { me: string }>("rep"))("$name", (vector) => {
    check(vector, (state, event) => toRep(state, event, vector.me));
  });
});

interface Resumed {
  old: Conversation | null;
  new: Conversation;
  recovered: Record<string, boolean>;
  after: Conversation;
}

describe("a welcome joined with what was known", () => {
  it.each(vectors<Resumed>("resume"))("$name", (vector) => {
    const after = resumed(vector.old ?? undefined, vector.new, vector.recovered);
    expect(plain(after)).toEqual(plain(vector.after));
  });
});

describe("an acknowledged message", () => {
  it.each(vectors<{ message: SendMessage; rep: Person | null; ok: Ok; entry: LogEntry }>("sent"))(
    "$name",
    ({ message, rep, ok, entry }) => {
      expect(plain(sent(message, ok, rep ?? undefined))).toEqual(plain(entry));
    },
  );
});
