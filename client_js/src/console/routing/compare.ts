/** What differs between two rule sets, and one person's changes as something that can be laid on
 * another set (RT-16). Pure. */
import type { Handling, Rule, RuleChange, RuleSet } from "../api/routing";
import { texts } from "../texts";
import { DEFAULT_ID } from "./rules";

/** The changes that lead from `before` to `after`, in the order of `after`, what went first. */
export function compare(before: RuleSet, after: RuleSet): RuleChange[] {
  const old = new Map(before.rules.map((rule) => [rule.id, rule]));
  const kept = new Set(after.rules.map((rule) => rule.id));
  const steady = unmoved(before, after);
  const changes = before.rules
    .filter((rule) => !kept.has(rule.id))
    .map((rule): RuleChange => ({ ...named(rule, "removed"), fields: whole(rule, "before") }));
  after.rules.forEach((rule, i) => {
    const was = old.get(rule.id);
    if (!was) {
      changes.push({ ...named(rule, "added"), fields: whole(rule, "after") });
      return;
    }
    if (!steady.has(rule.id)) {
      const step = { path: "position", before: before.rules.indexOf(was) + 1, after: i + 1 };
      changes.push({ ...named(rule, "moved"), fields: [step] });
    }
    const fields = fieldChanges(was, rule);
    if (fields.length) changes.push({ ...named(rule, "changed"), fields });
  });
  const fields = fieldChanges(before.default, after.default);
  if (fields.length) {
    const name = texts.routing.defaultRule;
    changes.push({ rule: DEFAULT_ID, name, change: "changed", fields });
  }
  return changes;
}

const named = (rule: Rule, change: RuleChange["change"]) => ({
  rule: rule.id,
  name: rule.name,
  change,
});

const whole = (rule: Rule, side: "before" | "after"): RuleChange["fields"] =>
  Object.entries(rule)
    .filter(([key]) => key !== "id")
    .map(([path, value]: [string, unknown]) => ({ path, [side]: value }));

const PARTS: readonly string[] = ["targets", "owner", "outreach", "book"];

function fieldChanges(before: Handling | Rule, after: Handling | Rule): RuleChange["fields"] {
  if (before === after) return [];
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((path) => JSON.stringify(was.get(path)) !== JSON.stringify(is.get(path)))
    .map((path) => ({ path, before: was.get(path), after: is.get(path) }));
}

function flat(one: Handling | Rule): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(one) as [string, unknown][]) {
    if (key === "id") continue;
    if (!PARTS.includes(key)) found.set(key, value);
    else
      for (const [part, inner] of Object.entries(value as object))
        found.set(`${key}.${part}`, inner);
  }
  return found;
}

/** The largest set of rules that kept their order among each other; all others were moved. */
function unmoved(before: RuleSet, after: RuleSet): ReadonlySet<string> {
  const place = new Map(before.rules.map((rule, i) => [rule.id, i]));
  const ids = after.rules.map((rule) => rule.id).filter((id) => place.has(id));
  const ends: number[] = [];
  const parent: number[] = [];
  const at = (i: number) => place.get(ids[i] ?? "") ?? 0;
  ids.forEach((_, i) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(ends[middle] ?? 0) < at(i)) low = middle + 1;
      else high = middle;
    }
    parent[i] = low > 0 ? (ends[low - 1] ?? -1) : -1;
    ends[low] = i;
  });
  const found = new Set<string>();
  for (let i = ends[ends.length - 1] ?? -1; i >= 0; i = parent[i] ?? -1) found.add(ids[i] ?? "");
  return found;
}

/** One person's changes. */
export interface Patch {
  readonly put: readonly Rule[];
  readonly gone: readonly string[];
  /** Rules that are new or were moved, in order, and what each stands behind; "" is the top. */
  readonly placed: readonly { readonly id: string; readonly behind: string }[];
  readonly default: Handling | null;
}

export function patchOf(before: RuleSet, after: RuleSet): Patch {
  const old = new Map(before.rules.map((rule) => [rule.id, rule]));
  const kept = new Set(after.rules.map((rule) => rule.id));
  const steady = unmoved(before, after);
  return {
    put: after.rules.filter((rule) => !same(old.get(rule.id), rule)),
    gone: before.rules.filter((rule) => !kept.has(rule.id)).map((rule) => rule.id),
    placed: after.rules.flatMap(({ id }, i) =>
      steady.has(id) ? [] : [{ id, behind: after.rules[i - 1]?.id ?? "" }],
    ),
    default: same(before.default, after.default) ? null : after.default,
  };
}

export const isEmpty = (patch: Patch): boolean =>
  !patch.put.length && !patch.gone.length && !patch.placed.length && patch.default === null;

const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The changes laid on another set: whole rules win, what the other set added or moved stays. */
export function patched(set: RuleSet, patch: Patch): RuleSet {
  const put = new Map(patch.put.map((rule) => [rule.id, rule]));
  const gone = new Set(patch.gone);
  const rules = set.rules
    .filter((rule) => !gone.has(rule.id))
    .map((rule) => put.get(rule.id) ?? rule);
  const known = new Set(rules.map((rule) => rule.id));
  // A rule that I changed and the other deleted comes back, at the end.
  rules.push(...patch.put.filter((rule) => !known.has(rule.id)));
  for (const { id, behind } of patch.placed) {
    const from = rules.findIndex((rule) => rule.id === id);
    const [rule] = from < 0 ? [] : rules.splice(from, 1);
    const at = rules.findIndex((one) => one.id === behind);
    if (rule) rules.splice(behind === "" ? 0 : at < 0 ? from : at + 1, 0, rule);
  }
  return { rules, default: patch.default ?? set.default };
}
