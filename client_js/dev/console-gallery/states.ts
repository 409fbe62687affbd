/** Every state worth looking at, by name. */
import type { LiveState } from "../../src/console/live/live";
import { chat, NOW, QUIET, ring } from "./build";
import { ME, REPS, VISITORS } from "./people";

const [priya, osaka, layla, hubert, zoe, brazil] = VISITORS as [
  (typeof VISITORS)[0],
  (typeof VISITORS)[0],
  (typeof VISITORS)[0],
  (typeof VISITORS)[0],
  (typeof VISITORS)[0],
  (typeof VISITORS)[0],
];
const chiara = REPS[2] ?? ME;

const one = chat(
  "c1",
  priya,
  [
    ["requested", 300],
    ["claimed", ME, 290],
    ["v", "Hi, we run 40 arms across two plants. Does the team plan cover both sites?", 280],
    ["v", "And is there a volume price?", 274],
    ["r", "Hello Priya. Yes, a team plan has no limit on sites, only on seats.", 240],
    [
      "r",
      "For 40 arms the volume price starts at once. Here is the table: https://acme.example/pricing/volume",
      228,
    ],
    ["v", "Great, thanks. Who would sign off on a pilot?", 60],
    ["r", "I can set that up with you. When would you like to start?", 30],
  ],
  { readVisitor: 8 },
);

const long = Array.from(
  { length: 300 },
  (_, i) => `${i + 1}: error E${1000 + i} at station ${i % 7}`,
).join("\n");

const many = [
  one,
  chat(
    "c2",
    osaka,
    [
      ["requested", 600],
      ["claimed", ME, 595],
      ["v", "インストール中にエラーが出ます。どうすればいいですか？", 200],
      ["v", "Windows 11 です", 190],
    ],
    { readRep: 2, visitorTyping: true },
  ),
  chat(
    "c3",
    layla,
    [
      ["transfer", chiara, "Prefers Arabic; asks about data residency.", 700],
      ["claimed", ME, 690],
      ["v", "السلام عليكم، هل يمكن استضافة البيانات داخل الإمارات؟", 400],
      ["r", "وعليكم السلام ليلى. نعم، يمكن ذلك مع خطة Enterprise.", 350],
      ["v", "ممتاز. ما هي المدة المتوقعة للإعداد؟ https://acme.example/ar/enterprise", 130],
    ],
    { readRep: 4 },
  ),
  chat(
    "c4",
    hubert,
    [
      ["requested", 900],
      ["claimed", ME, 880],
      ["v", "Here is the log:", 870],
      ["v", long, 860],
      ["r", "Thank you, I am reading it.", 840],
      ["v", `Unbroken:${"x".repeat(400)}`, 800],
    ],
    {},
  ),
  chat(
    "c5",
    zoe,
    [
      ["requested", 1200],
      ["claimed", ME, 1190],
      ["v", "👋", 1180],
      ["r", "Hallo Zoë 🌻", 1170],
      ["v", "🎉🎉🎉 es klappt jetzt, 1000 Dank! 👩🏽‍💻", 1100],
    ],
    { here: false },
  ),
  chat(
    "c6",
    brazil,
    [
      ["requested", 5000],
      ["claimed", ME, 4990],
      ["v", "Obrigado, era isso.", 4000],
      ["closed", 3900],
    ],
    { over: "closed" },
  ),
];

const thousand = chat(
  "c7",
  priya,
  [
    ["requested", 90_000],
    ["claimed", ME, 89_990],
    ...Array.from({ length: 1200 }, (_, i): ["v" | "r", string, number] => [
      i % 3 === 0 ? "r" : "v",
      `Message ${i + 1} ${"with some words ".repeat(i % 9)}`,
      89_000 - i * 70,
    ]),
  ],
  { readRep: 1190 },
);

const rings = [
  ring(priya, {
    reason: "You own Acme's account",
    text: "Hi, we run 40 arms across two plants. Does the team plan cover both sites?",
  }),
  ring(osaka),
  ring(hubert, {
    why: "transfer",
    by: chiara,
    note: "Wants a quote for 300 seats, has budget, speaks only to someone from the enterprise team.",
  }),
  ring(layla, { since: NOW - 27_000, expires_at: new Date(NOW + 3000).toISOString() }),
];

export const STATES: Record<string, LiveState> = {
  empty: { ...QUIET },
  away: { ...QUIET, availability: "away" },
  loading: { ...QUIET, loaded: false, link: { phase: "connecting" } },
  ring: { ...QUIET, rings: rings.slice(0, 1) },
  rings: { ...QUIET, rings, chats: many },
  lost: {
    ...QUIET,
    rings: [
      ring(priya, { ended: { why: "claimed", by: chiara, leadMs: 312 } }),
      ring(osaka, { ended: { why: "cancelled" } }),
      ring(zoe, { starting: true }),
    ],
  },
  one: { ...QUIET, chats: [one] },
  many: { ...QUIET, chats: many },
  full: { ...QUIET, chats: many, capacity: 5 },
  thousand: { ...QUIET, chats: [thousand] },
  setaway: { ...QUIET, availability: "away", cause: "unanswered", chats: [one] },
  behind: { ...QUIET, chats: [{ ...one, behind: 3 }] },
  offline: { ...QUIET, link: { phase: "waiting", retryAt: NOW + 9000 }, chats: many },
  elsewhere: { ...QUIET, link: { phase: "stopped", why: "elsewhere" }, chats: [one] },
  failed: {
    ...QUIET,
    chats: [
      {
        ...one,
        unsent: [
          { clientId: "u1", text: "This one did not go through.", at: NOW - 9000, state: "failed" },
          { clientId: "u2", text: "This one is on its way.", at: NOW - 1000, state: "sending" },
        ],
      },
    ],
    notices: [
      {
        key: "set_away",
        level: "warning",
        text: "You were set away: two rings in a row went unanswered.",
      },
    ],
  },
};
