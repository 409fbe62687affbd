/** What the HTTP interface would say of routing, by script. */
import type {
  Filter,
  Lint,
  Routing,
  RoutingField,
  Rule,
  RuleSet,
  Takes,
  Value,
} from "../../src/console/api/routing";
import { compare } from "../../src/console/routing/compare";
import { newRule, STANDARD } from "../../src/console/routing/rules";
import { NOW } from "./build";
import { ME, REPS } from "./people";

const WORDS: Record<string, string> = {
  is: "is",
  is_not: "is not",
  contains: "contains",
  starts_with: "starts with",
  ends_with: "ends with",
  one_of: "is one of",
  none_of: "is none of",
  matches: "matches",
  greater: "is greater than",
  less: "is less than",
  between: "is between",
  before: "is before",
  after: "is after",
  is_blank: "is blank",
  is_set: "is set",
};
const BLANKNESS = ["is_blank", "is_set"];
const TEXT = [
  ...["is", "is_not", "contains", "starts_with", "ends_with", "one_of", "none_of", "matches"],
  ...BLANKNESS,
];
const BY_TYPE: Record<string, readonly string[]> = {
  text: TEXT,
  email: TEXT,
  url: TEXT,
  number: ["is", "is_not", "greater", "less", "between", "one_of", "none_of", ...BLANKNESS],
  boolean: ["is", "is_not", ...BLANKNESS],
  date: ["is", "before", "after", "between", ...BLANKNESS],
  picklist: ["is", "is_not", "one_of", "none_of", ...BLANKNESS],
};

const takes = (op: string): Takes =>
  BLANKNESS.includes(op)
    ? "none"
    : op === "between"
      ? "two"
      : op === "one_of" || op === "none_of"
        ? "list"
        : "one";

const field = (
  key: string,
  label: string,
  type: RoutingField["type"],
  source: string,
  example: string | number | boolean,
  values: readonly string[] = [],
): RoutingField => ({
  key,
  label,
  type,
  source,
  example,
  values,
  operators: (BY_TYPE[type] ?? []).map((op) => ({ op, label: WORDS[op] ?? op, value: takes(op) })),
});

const COUNTRIES =
  "AE AR AT AU BE BR CA CH CL CN DE DK ES FI FR GB IE IN IT JP KR MX NL NO NZ PL PT SE SG TR US ZA";

export const FIELDS: readonly RoutingField[] = [
  field("page.url", "Page address", "url", "page", "https://acme.example/pricing"),
  field("page.path", "Page path", "text", "page", "/pricing"),
  field("session.landing_page", "Landing page", "url", "session", "https://acme.example/"),
  field("session.pages_seen", "Pages seen", "number", "session", 4),
  field("utm.source", "UTM source", "text", "session", "newsletter"),
  field("utm.campaign", "UTM campaign", "text", "session", "autumn"),
  field("session.gclid", "GCLID", "text", "session", "EAIaIQ"),
  field("device.type", "Device", "picklist", "device", "mobile", ["desktop", "mobile", "tablet"]),
  field("location.country", "Country", "picklist", "address", "JP", COUNTRIES.split(" ")),
  field("location.city", "City", "text", "address", "Osaka"),
  field("visitor.email", "Email", "email", "identity", "ada@acme.example"),
  field("visitor.email_domain", "Email domain", "text", "identity", "acme.example"),
  field("visitor.returning", "Has been here before", "boolean", "history", true),
  field("visitor.past_conversations", "Past conversations", "number", "history", 2),
  field("visitor.company", "Company", "text", "enrichment", "Acme Robotics"),
  field("visitor.employees", "Employees", "number", "enrichment", 1200),
  field("field.plan", "Plan", "picklist", "custom", "Team", ["Free", "Team", "Enterprise"]),
  field("field.renewal", "Renewal", "date", "custom", "2026-12-01"),
];

const test = (one: string, op: string, value?: Value): Filter => ({
  field: one,
  op,
  ...(value === undefined ? {} : { value }),
});

const rule = (id: string, name: string, when: Filter, more: Partial<Rule> = {}): Rule => ({
  ...newRule(id, name),
  when,
  ...more,
});

const SIX: readonly Rule[] = [
  rule(
    "rul_owner",
    "Customers with an account owner",
    {
      all: [test("visitor.email", "is_set"), test("field.plan", "one_of", ["Team", "Enterprise"])],
    },
    {
      owner: { on: true, look: ["contact", "account"], ring: "owner_first" },
      fallback: false,
      book: { targets: false, owner: true },
    },
  ),
  rule(
    "rul_apac",
    "APAC enterprise",
    {
      all: [
        test("location.country", "one_of", ["JP", "KR", "SG", "AU", "NZ", "IN"]),
        test("visitor.employees", "greater", 1000),
        {
          any: [
            test("page.path", "starts_with", "/enterprise"),
            test("utm.campaign", "contains", "apac"),
            { not: test("field.renewal", "before", "2026-12-01") },
          ],
        },
      ],
    },
    {
      targets: { everyone: false, reps: ["r_3", "r_6"], groups: ["g2"] },
      strategy: "rotation",
      weights: { r_3: 2, r_6: 1 },
    },
  ),
  rule(
    "rul_outreach",
    "Through an Outreach sequence",
    { all: [test("utm.source", "is", "outreach")] },
    {
      outreach: { on: true, ring: "sender", fallback: true, book: "sender" },
      owner: { on: true, look: ["contact", "lead", "account"], ring: "owner_and_reps" },
      targets: { everyone: false, reps: [], groups: ["g1"] },
      strategy: "least_busy",
    },
  ),
  rule(
    "rul_arabic",
    "زوار الشرق الأوسط وشمال أفريقيا الذين يسألون عن حلول المؤسسات الكبيرة",
    { all: [test("location.country", "one_of", ["AE", "TR"])] },
    { targets: { everyone: false, reps: ["r_4"], groups: [] } },
  ),
  rule(
    "rul_long",
    "Everybody who came by the autumn robotics campaign and has looked at pricing twice or more",
    {
      all: [
        test("utm.campaign", "is", "robotics-autumn-2026-with-a-very-long-name-that-nobody-reads"),
        test("session.pages_seen", "between", [2, 40]),
      ],
    },
    { targets: { everyone: false, reps: ["r_0", "r_1", "r_2", "r_3", "r_4", "r_5"], groups: [] } },
  ),
  rule(
    "rul_support",
    "Support",
    { any: [test("page.path", "starts_with", "/help"), test("page.path", "contains", "status")] },
    { on: false, targets: { everyone: false, reps: [], groups: ["g3"] }, missed: "form" },
  ),
];

const many = (): readonly Rule[] =>
  Array.from({ length: 2000 }, (_, i) => {
    const like = SIX[i % SIX.length] as Rule;
    return { ...like, id: `rul_${i}`, name: `${like.name.slice(0, 60)} ${i + 1}` };
  });

const LINT: readonly Lint[] = [
  {
    code: "no_reps",
    rule: "rul_support",
    place: "/rules/5/targets/groups/0",
    message: "The group Support has no reps.",
    severity: "error",
  },
  {
    code: "unknown_value",
    rule: "rul_apac",
    place: "/rules/1/when/all/2/any/1",
    message: "No visitor of the last 30 days had a UTM campaign that contains “apac”.",
    severity: "warning",
  },
  {
    code: "shadowed",
    rule: "rul_long",
    place: "/rules/4",
    message: "Rule 2, “APAC enterprise”, takes many of these visitors first.",
    severity: "warning",
  },
];

const BEN = REPS[1] ?? ME;
let revision = 7;
let saved: RuleSet | null = null;

function rulesOf(mode: string): RuleSet {
  const rules = mode === "empty" ? [] : mode === "many" ? many() : SIX;
  return { rules, default: { ...STANDARD, owner: { ...STANDARD.owner, on: true } } };
}

/** What Ben has made of it meanwhile. */
function bens(set: RuleSet): RuleSet {
  const [first, second, ...rest] = set.rules;
  if (!first || !second) return set;
  const his = { ...second, wait_seconds: 120, targets: { ...second.targets, reps: ["r_3"] } };
  const added = rule("rul_ben", "Partners", { all: [test("utm.source", "is", "partner")] });
  return { ...set, rules: [first, added, ...rest.slice(0, 1), his, ...rest.slice(1)] };
}

function routing(mode: string): Routing {
  const rules = rulesOf(mode);
  const others = mode === "conflict" || mode === "editors" ? [{ ...BEN, at: NOW }] : [];
  const draft =
    mode === "draft" || saved
      ? { revision, base: 12, at: NOW - 300_000, by: BEN, rules: saved ?? bens(rules) }
      : null;
  return {
    live: { number: 12, at: NOW - 86_400_000, by: ME, note: "Owner first for customers", rules },
    draft,
    revision,
    editors: others,
  };
}

const told = (name: string, reps: string) => ({
  record: {
    considered: REPS.map(({ id: rep }, i) => ({
      rep,
      eligibility: i > 3 ? "offline" : "eligible",
    })),
  },
  words: [
    `Rule 2 “${name}” matched: country is Japan, employees 1,200 > 1,000.`,
    `It would ring ${reps}, one at a time, for 30 s each.`,
    "Farid Haddad, in the same group, is away since 14:02: idle on laptop, phone asleep.",
    "Four others meant are offline.",
    "If nobody comes in 90 s: the form, which stands in for the meeting booker until meetings exist.",
  ],
});

const simulation = (id: string) => ({
  state: id === "running" ? "running" : "done",
  done: id === "running" ? 31_400 : 84_210,
  of: 84_210,
  ...(id === "running" ? {} : { result: simulated() }),
});

const simulated = () => ({
  requests: 84_210,
  moved_count: 1_204,
  moved: Array.from({ length: 40 }, (_, i) => ({
    conversation: `p${i}`,
    at: NOW - i * 2_400_000,
    visitor: ["Priya Raman", "ليلى الحسيني", "Visitor from Osaka"][i % 3] ?? "",
    before: { rule: "default", name: "Default rule", reps: ["r_0", "r_1"] },
    after: { rule: "rul_apac", name: "APAC enterprise", reps: i % 4 ? ["r_3"] : [] },
  })),
  rules: {
    rul_apac: { before: 2_900, after: 4_104 },
    rul_outreach: { before: 900, after: 900 },
    default: { before: 12_004, after: 10_800 },
  },
  reps: Object.fromEntries(
    REPS.map((one, i) => [one.id, { before: 1200 - i * 90, after: 1150 - i * 60 }]),
  ),
  missed: { before: 310, after: 262 },
});

const fairness = () => ({
  reps: REPS.map((one, i) => ({
    rep: one.id,
    available_hours: 31.5 - i,
    offered: 120 - i * 9,
    shown: 112 - i * 9,
    declined: i,
    expired: i % 3,
    claimed: 70 - i * 6,
    per_hour: (120 - i * 9) / (31.5 - i),
  })),
  rules: SIX.flatMap((one, i) =>
    ["Japan", "Germany", ""].map((region, j) => ({
      rule: one.id,
      name: one.name,
      day: "2026-11-20",
      region,
      requests: 90 - i * 11 + j,
      claimed: 70 - i * 10,
      missed: 10 + i,
    })),
  ),
  drift: [
    {
      words:
        "Chiara Lombardi was offered 1.7 times as many as the other reps of “APAC enterprise” in the last 7 days.",
    },
  ],
});

const owners = (mode: string) => ({
  owners:
    mode === "empty"
      ? []
      : Array.from({ length: 60 }, (_, i) => ({
          id: `own_${i}`,
          kind: ["account", "contact", "lead", "outreach_sender"][i % 4],
          key: i % 4 ? `person${i}@customer-${i}.example` : `customer-${i}.example`,
          rep_id: i % 7 === 3 ? null : (REPS[i % REPS.length]?.id ?? null),
          rep_email: `${REPS[i % REPS.length]?.id ?? "x"}@acme.example`,
          name: i % 3 ? `Customer ${i}` : "",
          record: "",
          system: "csv",
          updated_at: NOW - i * 3_600_000,
        })),
  cursor: null,
  total: 60,
});

const visitorFields = (mode: string) => ({
  fields:
    mode === "empty"
      ? []
      : [
          {
            name: "plan",
            label: "Plan",
            type: "picklist",
            values: ["Free", "Team", "Enterprise"],
            sources: [],
          },
          { name: "renewal", label: "Renewal", type: "date", values: [], sources: [] },
          {
            name: "account_size",
            label: "How many people at the company will use it in the first year",
            type: "number",
            values: [],
            sources: [],
          },
        ],
});

const PRESENCE = [
  [8, "eligible", "Available at 08:58: signed in on laptop."],
  [5, "full", "At capacity at 11:12: 3 of 3 conversations."],
  [4, "eligible", "Available again at 11:40: a conversation ended."],
  [2, "idle", "Unavailable at 14:03: idle on laptop, phone asleep."],
  [1, "away", "Away at 15:10: set by Ana Duarte."],
] as const;

/** The answer and its status; undefined for what isn't routing's. */
export function routingAnswer(
  method: string,
  path: string,
  body: string,
  mode: string,
): { status: number; body: unknown } | undefined {
  const ok = (answer: unknown) => ({ status: 200, body: answer });
  const asked = (body ? JSON.parse(body) : {}) as { rules?: RuleSet; samples?: string };
  if (path.endsWith("/hours")) {
    return ok({
      hours:
        mode === "empty"
          ? null
          : {
              timezone: "Asia/Tokyo",
              week: [
                [
                  ["09:00", "12:00"],
                  ["13:00", "18:00"],
                ],
                [["09:00", "18:00"]],
                [["09:00", "18:00"]],
                [["09:00", "18:00"]],
                [["09:00", "15:30"]],
                [],
                [],
              ],
              off: ["2026-12-24", "2026-12-31"],
            },
    });
  }
  if (path.endsWith("/presence")) {
    const presence = PRESENCE.map(([hours, state, words]) => ({
      at: NOW - hours * 3_600_000,
      state,
      cause: "",
      words,
    }));
    return ok({ presence: mode === "empty" ? [] : presence });
  }
  if (path.endsWith("/availability")) return ok({ state: "away" });
  if (path === "/v1/owners/import") {
    const faults = [
      { line: 14, message: "kind is “acount”, which is none of the kinds." },
      { line: 31, message: "key is no email address." },
    ];
    return ok({ added: 120, changed: 14, same: 301, faults: mode === "faulty" ? faults : [] });
  }
  if (path.startsWith("/v1/owners")) return ok(owners(mode));
  if (path.startsWith("/v1/visitor-fields")) return ok(visitorFields(mode));
  if (!path.startsWith("/v1/routing")) return undefined;
  switch (path.slice("/v1/routing".length)) {
    case "":
      return ok(routing(mode));
    case "/fields":
      return ok({ fields: FIELDS });
    case "/draft":
      if (method === "PUT" && mode === "conflict" && asked.rules) {
        return {
          status: 409,
          body: {
            code: "changed",
            message: "",
            by: BEN,
            at: NOW - 40_000,
            draft: { revision: 8, base: 12, at: NOW - 40_000, by: BEN, rules: bens(rulesOf("")) },
          },
        };
      }
      revision += 1;
      saved = method === "PUT" ? (asked.rules ?? null) : null;
      return ok({ revision, faults: [], lint: [] });
    case "/editing":
      return ok({ editors: routing(mode).editors, revision });
    case "/check":
      return ok({ faults: [], lint: mode === "empty" ? [] : LINT });
    case "/matches":
      return ok({
        rules: Object.fromEntries(
          (asked.rules?.rules ?? []).map(({ id }, i) => [id, (i * 67) % 310]),
        ),
        default: 804,
        of: 1830,
      });
    case "/try":
      return ok({
        draft: told("APAC enterprise", "Dmitri Sokolov, then Grace Mbeki"),
        live: told(
          "APAC enterprise",
          mode === "same" ? "Dmitri Sokolov, then Grace Mbeki" : "all reps",
        ),
      });
    case "/simulate":
      return ok({ id: mode === "running" ? "running" : "sim_1" });
    case "/versions":
      return ok({
        versions:
          mode === "empty"
            ? []
            : Array.from({ length: 12 }, (_, i) => ({
                number: 12 - i,
                note:
                  i % 3 === 1
                    ? ""
                    : ["Owner first for customers", "", "APAC rings in rotation"][i % 3],
                by: i === 11 ? null : (REPS[i % 3] ?? ME),
                at: NOW - (i + 1) * 86_400_000,
              })),
        more: false,
      });
    case "/diff":
      return ok({ changes: compare(rulesOf(""), bens(rulesOf(""))) });
    case "/fairness":
      return ok(mode === "empty" ? { reps: [], rules: [], drift: [] } : fairness());
    default:
      return ok(
        path.includes("/simulations/") ? simulation(path.split("/").pop() ?? "") : { number: 13 },
      );
  }
}
