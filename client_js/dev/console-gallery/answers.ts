/** What the HTTP interface would answer, by path; `mode` makes it empty, slow, failing or denied. */
import type { PastConversation } from "../../src/console/api/types";
import { log, NOW } from "./build";
import { ME, REPS, VISITORS } from "./people";
import { routingAnswer } from "./routing-answers";

const RIGHTS = ["see_all", "take_chats", "manage_team", "manage_people", "routing"];
const GROUPS = [
  { id: "g1", name: "Enterprise", members: REPS.slice(0, 4).map((rep) => rep.id) },
  {
    id: "g2",
    name: "APAC, Middle East and everything that nobody else has claimed",
    members: REPS.slice(2).map((rep) => rep.id),
  },
  { id: "g3", name: "Support", members: [] },
];

const rep = (person: { id: string; name: string }, i: number) => ({
  ...person,
  picture: "",
  email: `${person.id}@acme.example`,
  capacity: 3,
  active: i !== 6,
  role: i === 0 ? "admin" : i === 1 ? "manager" : "rep",
  groups: GROUPS.filter((group) => group.members.includes(person.id)).map((group) => group.id),
});

const past = (i: number): PastConversation => {
  const state = (["closed", "missed", "closed", "active"] as const)[i % 4] ?? "closed";
  const start = NOW - i * 3_700_000 - 600_000;
  return {
    id: `p${i}`,
    state,
    visitor: VISITORS[i % VISITORS.length] ?? null,
    rep: state === "missed" ? null : (REPS[i % 5] ?? ME),
    requested_at: start,
    claimed_at: state === "missed" ? null : start + 9000,
    ended_at: state === "active" ? null : start + 540_000,
    email: null,
    text:
      ["Does the team plan cover both sites?", "インストール中にエラーが出ます", "🎉 thanks", ""][
        i % 4
      ] ?? "",
  };
};

const decision = {
  version: 1,
  rule: "default",
  strategy: "first_available",
  why: "request",
  considered: REPS.map((one, i) => ({
    rep: one.id,
    eligibility: ["eligible", "eligible", "full", "away", "offline"][i % 5],
    load: 3,
    capacity: 3,
  })),
};

const whole = (id: string) => ({
  ...past(Number(id.replace(/\D/g, "")) || 0),
  id,
  more: false,
  decision,
  decisions: [
    {
      at: NOW - 900_000,
      record: decision,
      words: [
        "Rule 3 “APAC enterprise” matched: country is Japan, employees 1,200 > 1,000.",
        "Rang two reps: Ben Okafor, who saw it, and Chiara Lombardi, who declined after 4 s.",
        "A third, Dmitri Sokolov, in the same group, was away since 14:02: idle.",
      ],
    },
    {
      at: NOW - 870_000,
      record: decision,
      words: [
        "Asked again because an email became known. The owner of Acme, Emi Tanaka, was rung alone.",
      ],
    },
  ],
  entries: log(id, [
    ["requested", 900],
    ["claimed", REPS[1] ?? ME, 890],
    ["v", "Hi, does the team plan cover both sites?", 880],
    ["r", "Yes, it has no limit on sites.", 860],
    ["v", "Great, thank you. That is all I needed.", 840],
    ["closed", 820],
  ]),
});

const TABLE: Record<string, (mode: string) => unknown> = {
  "/v1/me": (mode) => ({
    ...rep(ME, 0),
    rights: mode === "rep" ? ["take_chats"] : RIGHTS,
    desk: "Acme",
  }),
  "/v1/reps": (mode) => ({
    reps: (mode === "empty" ? REPS.slice(0, 1) : mode === "many" ? crowd() : REPS).map(rep),
  }),
  "/v1/groups": (mode) => ({ groups: mode === "empty" ? [] : GROUPS }),
  "/v1/invitations": (mode) => ({
    invitations:
      mode === "empty"
        ? []
        : ["jo@acme.example", "someone.with.a.long.name@subsidiary.acme.example"].map(
            (email, i) => ({
              id: `i${i}`,
              email,
              role: "rep",
              groups: [],
              invited_by: "Ana Duarte",
              created_at: NOW,
              expires_at: NOW + (i ? -1 : 1) * 86_400_000 * 2,
              state: i ? "expired" : "open",
            }),
          ),
  }),
  "/v1/conversations": (mode) => ({
    conversations: mode === "empty" ? [] : Array.from({ length: 50 }, (_, i) => past(i)),
    cursor: null,
  }),
};

const crowd = () =>
  Array.from({ length: 500 }, (_, i) => ({ id: `x${i}`, name: `${REPS[i % 8]?.name ?? ""} ${i}` }));

export function answerByScript(mode: string): void {
  window.fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input, location.href).pathname;
    if (mode === "slow" && path !== "/v1/me") return new Promise(() => undefined);
    if (mode === "signed-out") return json({ code: "unauthorized", message: "" }, 401);
    if (path !== "/v1/me") {
      if (mode === "failing") throw new TypeError("Failed to fetch");
      if (mode === "denied") return json({ code: "forbidden", message: "" }, 403);
    }
    if (path.includes("by-token/")) {
      return path.endsWith("old")
        ? json({ code: "not_found", message: "" }, 404)
        : json(
            { email: "jo@acme.example", role: "rep", invited_by: "Ana Duarte", expires_at: NOW },
            200,
          );
    }
    const sent = typeof init?.body === "string" ? init.body : "";
    const routed = routingAnswer(init?.method ?? "GET", path, sent, mode);
    if (routed) return json(routed.body, routed.status);
    if (init?.method === "PATCH" && path.endsWith("/visitor")) return entered(sent, mode);
    const answer =
      TABLE[path]?.(mode) ??
      (path.startsWith("/v1/conversations/") ? whole(path.split("/")[3] ?? "") : {});
    return json(answer, 200);
  };
}

/** What a rep entered of a visitor; in the mode `faulty` none of it fits. */
function entered(sent: string, mode: string) {
  const { fields } = JSON.parse(sent) as { fields: Record<string, string> };
  if (mode === "faulty") {
    const said = Object.fromEntries(Object.keys(fields).map((name) => [name, FAULT]));
    return json({ code: "bad_request", message: FAULT, fields: said }, 400);
  }
  return json({ visitor: { ...VISITORS[0], ...fields } }, 200);
}

const FAULT = "What the website's server says counts before an entry of a rep.";

const json = (body: unknown, status: number) =>
  Promise.resolve(
    new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } }),
  );
