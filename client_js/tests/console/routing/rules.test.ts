import { describe, expect, it } from "vitest";

import { compare, patched, patchOf } from "../../../src/console/routing/compare";
import {
  begin,
  clash,
  edited,
  heard,
  isDirty,
  keptMine,
  redone,
  saved,
  tookTheirs,
  undone,
} from "../../../src/console/routing/drafting";
import { byRule, faultsOf } from "../../../src/console/routing/faults";
import {
  readGroup,
  withField,
  withOperator,
  writeGroup,
} from "../../../src/console/routing/filter-tree";
import {
  added,
  changed,
  duplicated,
  freeName,
  moved,
  newRule,
  removed,
  STANDARD,
} from "../../../src/console/routing/rules";
import {
  asText,
  type Names,
  type Part,
  sentence as parts,
} from "../../../src/console/routing/sentence";
import { aboutOf } from "../../../src/console/routing/about";
import { FIELDS, idsOf, NAMES, rule, setOf, test } from "./made";

/** As it is read: the space before "s" doesn't break. */
const sentence = (one: Parameters<typeof parts>[0], names: Names): Part[] =>
  parts(one, names).map((part) => ({ ...part, text: part.text.replaceAll("\u00a0", " ") }));

const stored = (set = setOf("a", "b", "c"), revision = 1) => ({
  revision,
  draft: true,
  live: 1,
  rules: set,
});

describe("a rule as a sentence", () => {
  it("says when, whom, how and for how long", () => {
    const one = rule("a", {
      when: {
        all: [
          test("location.country", "one_of", ["JP", "KR"]),
          test("visitor.employees", "greater", 1000),
        ],
      },
      targets: { everyone: false, reps: [], groups: ["g1"] },
    });
    expect(asText(sentence(one, NAMES))).toBe(
      "When country is one of Japan, South Korea and employees is greater than 1,000, ring APAC enterprise, first available, for 90 s.",
    );
  });

  it("keeps its groups apart", () => {
    const when = {
      all: [
        test("utm.source", "is", "ads"),
        { any: [test("page.path", "is", "/a"), { not: test("page.path", "is", "/b") }] },
      ],
    };
    expect(asText(sentence(rule("a", { when }), NAMES))).toContain(
      "When UTM source is ads and (page path is /a or not (page path is /b)), ring all reps",
    );
  });

  it("says that nobody but the owner rings", () => {
    const one = rule("a", { owner: { ...STANDARD.owner, on: true }, fallback: false });
    expect(asText(sentence(one, NAMES))).toBe(
      "For every visitor ring the owner and nobody else, for 90 s.",
    );
  });

  it("names who left, and counts what is too long to be read", () => {
    const targets = { everyone: false, reps: ["gone", "r1", "r2", "r1", "r2"], groups: [] };
    expect(asText(sentence(rule("a", { targets }), NAMES))).toContain(
      "ring a rep who left, Ana, Ben and 2 more",
    );
  });
});

describe("an edit", () => {
  it("moves, doubles and deletes", () => {
    const set = setOf("a", "b", "c");
    expect(idsOf(moved(set, "a", 2))).toBe("bca");
    expect(idsOf(moved(set, "c", -5))).toBe("cab");
    expect(moved(set, "b", 1)).toBe(set);
    expect(idsOf(removed(set, "b"))).toBe("ac");
    const twice = duplicated(set, "a", { id: "x", name: "Copy" });
    expect(idsOf(twice)).toBe("axbc");
    expect(twice.rules[1]).toMatchObject({ name: "Copy", on: false });
    expect(freeName(set, "Rule a")).toBe("Rule a 2");
  });

  it("is one step to undo while the same thing is typed", () => {
    let state = begin(stored());
    const type = (name: string, at: number) => {
      state = edited(state, changed(state.now, "a", { name }), "a name", at);
    };
    type("N", 0);
    type("Na", 200);
    type("Name", 400);
    expect(state.past).toHaveLength(1);
    type("Name it", 9000);
    state = undone(state);
    expect(state.now.rules[0]?.name).toBe("Name");
    state = undone(state);
    expect(isDirty(state)).toBe(false);
    expect(redone(state).now.rules[0]?.name).toBe("Name");
  });

  it("typed while the draft was being saved stays unsaved", () => {
    const state = edited(begin(stored()), setOf("b", "a", "c"), "", 0);
    const sent = state.now;
    const later = edited(state, setOf("b", "c"), "", 5000);
    expect(isDirty(saved(later, 2, sent))).toBe(true);
    expect(isDirty(saved(state, 2, sent))).toBe(false);
  });
});

describe("two editors", () => {
  const theirs = (set = setOf("a", "b", "c", "d")) => ({ ...stored(set, 2), by: "Ben", at: 5 });

  it("without changes of one's own see the other's at once", () => {
    expect(idsOf(heard(begin(stored()), theirs()).now)).toBe("abcd");
  });

  it("never lose anything silently", () => {
    const mine = edited(begin(stored()), setOf("a", "b"), "", 0);
    const told = heard(mine, theirs());
    expect(told.now).toBe(mine.now);
    expect(told.theirs?.by).toBe("Ben");
    expect(clash(told).theirs.map((one) => one.change)).toEqual(["added"]);
  });

  it("may take theirs, and undo that", () => {
    const mine = edited(begin(stored()), setOf("a", "b"), "", 0);
    const taken = tookTheirs(heard(mine, theirs()));
    expect(idsOf(taken.now)).toBe("abcd");
    expect(isDirty(taken)).toBe(false);
    expect(idsOf(undone(taken).now)).toBe("ab");
  });

  it("may keep their own on top: the other's rules stay, what both changed is mine", () => {
    const base = setOf("a", "b", "c");
    let mine = begin(stored(base));
    mine = edited(mine, changed(mine.now, "b", { name: "Mine" }), "", 0);
    mine = edited(mine, moved(mine.now, "c", 0), "", 0);
    mine = edited(mine, added(mine.now, newRule("n", "New"), 1), "", 0);
    const his = added(
      changed(changed(base, "b", { name: "His" }), "a", { on: false }),
      rule("d"),
      3,
    );
    const kept = keptMine(heard(mine, theirs(his)));
    expect(idsOf(kept.now)).toBe("cnabd");
    expect(kept.now.rules.find((one) => one.id === "b")?.name).toBe("Mine");
    expect(kept.now.rules.find((one) => one.id === "a")?.on).toBe(false);
    expect(clash(heard(mine, theirs(his))).both).toEqual(new Set(["b"]));
    expect(kept.stored.revision).toBe(2);
  });
});

describe("a difference", () => {
  it("names what was added, removed, moved and changed, and nothing else", () => {
    const before = setOf("a", "b", "c", "d");
    const after = added(
      moved(changed(removed(before, "b"), "c", { wait_seconds: 60 }), "d", 0),
      rule("e"),
    );
    expect(compare(before, after).map((one) => `${one.change} ${one.rule}`)).toEqual([
      "removed b",
      "moved d",
      "changed c",
      "added e",
    ]);
    const fields = compare(before, after).find((one) => one.change === "changed")?.fields;
    expect(fields).toEqual([{ path: "wait_seconds", before: 90, after: 60 }]);
    expect(compare(before, before)).toEqual([]);
  });

  it("laid on what it was made from gives what it led to", () => {
    const before = setOf("a", "b", "c", "d", "e");
    const after = added(moved(removed(before, "c"), "e", 1), rule("n"), 2);
    expect(idsOf(patched(before, patchOf(before, after)))).toBe(idsOf(after));
  });
});

describe("a filter", () => {
  it("is read as groups and written back as it was", () => {
    const filters = [
      { all: [test("a.b", "is", 1)] },
      { any: [] },
      { not: { any: [test("a.b", "is", 1)] } },
      { not: { all: [test("a.b", "is", 1), test("a.c", "is", 2)] } },
    ];
    for (const filter of filters) {
      const { mode, items } = readGroup(filter);
      expect(writeGroup(mode, items)).toEqual(filter);
    }
    expect(readGroup({ not: test("a.b", "is", 1) })).toMatchObject({
      mode: "none",
      places: ["/not"],
    });
  });

  it("keeps what fits when its field or operator changes", () => {
    const [country, employees] = FIELDS;
    if (!country || !employees) throw new Error("no fields");
    const one = { field: "location.country", op: "one_of", value: ["JP", "KR"] };
    expect(withOperator(one, country, "is")).toEqual({ field: country.key, op: "is", value: "JP" });
    expect(withOperator(one, country, "is_set")).toEqual({ field: country.key, op: "is_set" });
    expect(withField(one, employees)).toEqual({ field: employees.key, op: "one_of", value: [] });
  });
});

describe("a fault", () => {
  const faults = (one: Parameters<typeof faultsOf>[0], names = new Set<string>()) =>
    faultsOf(one, names, NAMES.fields).map((fault) => `${fault.path} ${fault.message}`);

  it("is said of names, times and weights", () => {
    const one = rule("a", {
      name: "Taken",
      ring_seconds: 60,
      wait_seconds: 30,
      strategy: "rotation",
      weights: { r1: 0 },
    });
    expect(faults(one, new Set(["taken"]))).toEqual([
      "/name Another rule has this name.",
      "/wait_seconds The wait can't be shorter than the ring.",
      "/weights/r1 From 0.1 to 100.",
    ]);
  });

  it("is said of each condition, at its place", () => {
    const when = {
      all: [
        test("", ""),
        test("visitor.employees", "greater", "many"),
        { any: [test("location.country", "one_of", [])] },
        test("visitor.employees", "between", [5, 2]),
        test("utm.source", "is_set"),
      ],
    };
    expect(faults(rule("a", { when }))).toEqual([
      "/when/all/0 Choose a field.",
      "/when/all/1 Enter a number.",
      "/when/all/2/any/0 Add at least one value.",
      "/when/all/3 The first must not be greater than the second.",
    ]);
  });

  it("of the server finds its rule in what was sent", () => {
    const found = byRule(
      [
        { place: "/rules/1/when/all/0", code: "x", message: "No." },
        { place: "/default/targets", code: "x", message: "Nor." },
      ],
      setOf("a", "b"),
    );
    expect(found.get("b")).toEqual([{ path: "/when/all/0", message: "No." }]);
    expect(found.get("default")).toEqual([{ path: "/targets", message: "Nor." }]);
  });
});

describe("a sample visitor", () => {
  it("is written as the server reads it", () => {
    const facts = {
      "location.country": "JP",
      "session.landing_page": "https://a.example/",
      "visitor.language": "ja",
      "visitor.employees": 1200,
      "utm.source": "ads",
      "field.plan": "Team",
      "page.path": "/pricing",
      "visitor.email_domain": "acme.example",
      "visitor.name": "",
    };
    expect(aboutOf(facts)).toEqual({
      location: { country: "JP" },
      landing_page: "https://a.example/",
      locale: "ja",
      employees: 1200,
      utm: { source: "ads" },
      fields: { plan: "Team" },
      page: { url: "https://site.example/pricing" },
      email: "visitor@acme.example",
    });
  });
});
