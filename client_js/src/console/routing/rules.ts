/** The rule set as a value: every change makes a new one that shares what didn't change. Pure. */
import type { Handling, Rule, RuleSet } from "../api/routing";

export const DEFAULT_ID = "default";
export const LONGEST_NAME = 80;
export const RING = { least: 5, most: 600 };
export const WAIT = { least: 5, most: 3600 };
export const WEIGHT = { least: 0.1, most: 100 };

/** What a new rule does until it is told otherwise (RT-4, RT-6). */
export const STANDARD: Handling = {
  targets: { everyone: true, reps: [], groups: [] },
  strategy: "first_available",
  weights: {},
  ring_seconds: 30,
  wait_seconds: 90,
  owner: { on: false, look: ["contact", "lead", "account"], ring: "owner_first" },
  outreach: { on: false, ring: "sender", fallback: true, book: "sender" },
  fallback: true,
  missed: "meeting_booker",
  book: { targets: true, owner: false },
};

export function newRule(id: string, name: string): Rule {
  return { id, name, on: true, when: { all: [{ field: "", op: "" }] }, ...STANDARD };
}

/** An id nobody else makes: two people may add rules to the same draft. */
export function newRuleId(random: () => number = Math.random): string {
  const part = () =>
    Math.floor(random() * 36 ** 6)
      .toString(36)
      .padStart(6, "0");
  return `rul_${part()}${part()}`;
}

/** A name not taken yet: "New rule", "New rule 2"… */
export function freeName(set: RuleSet, wish: string): string {
  const taken = new Set(set.rules.map((rule) => rule.name.trim().toLocaleLowerCase()));
  const base = wish.slice(0, LONGEST_NAME - 5);
  if (!taken.has(base.toLocaleLowerCase())) return base;
  for (let n = 2; ; n++) {
    const name = `${base} ${n}`;
    if (!taken.has(name.toLocaleLowerCase())) return name;
  }
}

export const placeOf = (set: RuleSet, id: string): number =>
  set.rules.findIndex((rule) => rule.id === id);

/** A rule by its id; the default's handling has the id "default". */
export function handlingOf(set: RuleSet, id: string): Handling | Rule | undefined {
  return id === DEFAULT_ID ? set.default : set.rules.find((rule) => rule.id === id);
}

export const isRule = (one: Handling | Rule): one is Rule => "when" in one;

export function added(set: RuleSet, rule: Rule, at = set.rules.length): RuleSet {
  return { ...set, rules: [...set.rules.slice(0, at), rule, ...set.rules.slice(at)] };
}

export function removed(set: RuleSet, id: string): RuleSet {
  return { ...set, rules: set.rules.filter((rule) => rule.id !== id) };
}

export function changed(set: RuleSet, id: string, change: Partial<Rule>): RuleSet {
  if (id === DEFAULT_ID) return { ...set, default: { ...set.default, ...change } };
  return {
    ...set,
    rules: set.rules.map((rule) => (rule.id === id ? { ...rule, ...change } : rule)),
  };
}

/** The rule at another place (from 0); the same set where that is where it stands. */
export function moved(set: RuleSet, id: string, to: number): RuleSet {
  const from = placeOf(set, id);
  const rule = set.rules[from];
  const place = Math.max(0, Math.min(set.rules.length - 1, to));
  if (!rule || place === from) return set;
  const others = set.rules.filter((one) => one.id !== id);
  return { ...set, rules: [...others.slice(0, place), rule, ...others.slice(place)] };
}

/** The copy stands below what it copies, switched off: nothing changes until it is looked at. */
export function duplicated(set: RuleSet, id: string, copy: { id: string; name: string }): RuleSet {
  const at = placeOf(set, id);
  const rule = set.rules[at];
  return rule ? added(set, { ...rule, ...copy, on: false }, at + 1) : set;
}
