/** Scripted states of the widget, for looking at it without a server. Not shipped. */
import type { Conversation, Desk, LogEntry, Message, Person } from "../src/protocol/index.ts";

export interface Scene {
  desk?: Desk;
  conversation?: Conversation;
  /** Pushed after the welcome. */
  pushes?: object[];
  isOpen?: boolean;
  draft?: string;
  /** What the scripted server does instead of welcoming. */
  server?: "silent" | "refusing" | "lost";
  act?: "leave" | "request" | "fail" | "end";
}

const MARA: Person = { id: "r1", name: "Mara Lindqvist" };
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const HERE: Desk = { state: "available", usual_seconds: 45 };

let offset = 0;
const place = (seconds: number) => ({
  conversation: "c1",
  epoch: "e1",
  offset: ++offset,
  at: ago(seconds),
});
const mine = (text: string, seconds = 120): Message => ({
  type: "message",
  from: "visitor",
  text,
  client_id: `v${offset}`,
  ...place(seconds),
});
const theirs = (text: string, seconds = 100): Message => ({
  type: "message",
  from: "rep",
  rep: MARA,
  text,
  ...place(seconds),
});
const requested = (
  seconds: number,
  why: "request" | "transfer" | "rep_lost" = "request",
): LogEntry => ({
  type: "requested",
  why,
  ...(why !== "request" && { by: MARA }),
  ...place(seconds),
});
const claimed = (seconds = 110): LogEntry => ({
  type: "claimed",
  rep: MARA,
  fence: 1,
  ...place(seconds),
});

function log(
  state: Conversation["state"],
  entries: LogEntry[],
  more: Partial<Conversation> = {},
): Conversation {
  const last = entries.at(-1)?.offset ?? 0;
  return {
    type: "conversation",
    id: "c1",
    state,
    epoch: "e1",
    offset: last,
    at: ago(120),
    entries,
    ...more,
  };
}

function fresh<Result>(make: () => Result): Result {
  offset = 0;
  return make();
}

const chat = () => [
  requested(200),
  mine("Hello, do you ship the Tarn 2 to Osaka?", 198),
  claimed(170),
  theirs("Hello. Yes, we do: four to six days, duties included.", 150),
  theirs("Which colour do you have in mind? https://demo.example/tents/tarn-2 shows both.", 140),
  mine("The green one.", 90),
  mine("And can it arrive before the 14th?", 80),
];

export const SCENES: Record<string, () => Scene> = {
  closed: () => ({ isOpen: false }),
  unread: () =>
    fresh(() => ({
      isOpen: false,
      conversation: log("active", chat().concat(theirs("Are you still there?", 20)), { rep: MARA }),
    })),
  idle: () => ({ desk: HERE }),
  busy: () => ({ desk: { state: "busy" } }),
  away: () => ({ desk: { state: "away" } }),
  draft: () => ({
    desk: HERE,
    draft: "Two things:\n1. shipping to Osaka\n2. whether the poles can be bought alone",
  }),
  connecting: () => ({ server: "silent" }),
  asking: () => ({ desk: HERE, act: "request", draft: "Do you ship to Osaka?" }),
  ringing: () =>
    fresh(() => ({
      conversation: log("requested", [
        requested(4),
        mine("Hello, do you ship the Tarn 2 to Osaka?", 4),
      ]),
    })),
  ringing_long: () =>
    fresh(() => ({
      conversation: log("requested", [
        requested(47),
        mine("Hello, do you ship the Tarn 2 to Osaka?", 47),
      ]),
    })),
  chat: () =>
    fresh(() => ({
      conversation: log("active", chat(), { rep: MARA, read: { visitor: 0, rep: 7 } }),
      pushes: [{ type: "typing", conversation: "c1", who: "rep", on: true }],
    })),
  failed: () =>
    fresh(() => ({
      conversation: log("active", chat(), { rep: MARA }),
      act: "fail",
      draft: "This one doesn’t arrive",
    })),
  rep_lost: () =>
    fresh(() => ({
      conversation: log(
        "active",
        [...chat(), { type: "participant", rep: MARA, action: "lost", ...place(8) }],
        { rep: MARA },
      ),
    })),
  transfer: () =>
    fresh(() => ({ conversation: log("requested", [...chat(), requested(12, "transfer")]) })),
  reconnecting: () =>
    fresh(() => ({ conversation: log("active", chat(), { rep: MARA }), server: "lost" })),
  ending: () => fresh(() => ({ conversation: log("active", chat(), { rep: MARA }), act: "end" })),
  missed: () =>
    fresh(() => ({
      desk: { state: "away" },
      conversation: log("missed", [
        requested(95),
        mine("Hello, do you ship the Tarn 2 to Osaka?", 95),
        { type: "missed", ...place(1) },
      ]),
    })),
  missed_wrong: () =>
    fresh(() => ({
      conversation: log("missed", [requested(95), { type: "missed", ...place(1) }]),
      act: "leave",
    })),
  left: () =>
    fresh(() => ({
      conversation: log("missed", [
        requested(95),
        { type: "missed", ...place(9) },
        { type: "left", email: "kim.nakamura@example.com", text: "…", ...place(1) },
      ]),
    })),
  ended: () =>
    fresh(() => ({
      conversation: log("closed", [
        ...chat(),
        theirs("It does. Enjoy the trip.", 60),
        { type: "closed", by: "rep", ...place(5) },
      ]),
    })),
  unreachable: () => ({ server: "refusing" }),
  extremes: () =>
    fresh(() => {
      const long: Person = {
        id: "r2",
        name: "Wolfeschlegelsteinhausenbergerdorff-Papadopoulos Maximiliane",
      };
      const said = (text: string): Message => ({ ...theirs(text, 40), rep: long });
      return {
        conversation: log(
          "active",
          [
            requested(300),
            mine("مرحبا، هل تشحنون إلى دبي؟ أحتاج الخيمة قبل نهاية الشهر.", 290),
            { type: "claimed", rep: long, fence: 1, ...place(280) },
            said("👩‍👩‍👧‍👦🏕️ "),
            said(
              "https://demo.example/a/very/long/address/that/does/not/end?with=parameters&and=more&of=them#anchor",
            ),
            said(
              "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle".repeat(2),
            ),
            mine(Array.from({ length: 40 }, (_, line) => `line ${line + 1}`).join("\n"), 10),
          ],
          { rep: long },
        ),
      };
    }),
};
