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
  /** The whole order, where it was changed. */
  readonly order: readonly string[] | null;
  /** The rule each new one stands behind; "" is the top. */
  readonly behind: Readonly<Record<string, string>>;
  readonly default: Handling | null;
}

export function patchOf(before: RuleSet, after: RuleSet): Patch {
  const old = new Map(before.rules.map((rule) => [rule.id, rule]));
  const kept = new Set(after.rules.map((rule) => rule.id));
  const put = after.rules.filter((rule) => !same(old.get(rule.id), rule));
  const common = after.rules.filter((rule) => old.has(rule.id)).map((rule) => rule.id);
  const stayed = before.rules.filter((rule) => kept.has(rule.id)).map((rule) => rule.id);
  return {
    put,
    gone: before.rules.filter((rule) => !kept.has(rule.id)).map((rule) => rule.id),
    order: common.every((id, i) => id === stayed[i]) ? null : after.rules.map((rule) => rule.id),
    behind: Object.fromEntries(
      put
        .filter((rule) => !old.has(rule.id))
        .map((rule) => [rule.id, after.rules[after.rules.indexOf(rule) - 1]?.id ?? ""]),
    ),
    default: same(before.default, after.default) ? null : after.default,
  };
}

export const isEmpty = (patch: Patch): boolean =>
  !patch.put.length && !patch.gone.length && patch.order === null && patch.default === null;

const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The changes laid on another set: whole rules win, what the other set added stays. */
export function patched(set: RuleSet, patch: Patch): RuleSet {
  const put = new Map(patch.put.map((rule) => [rule.id, rule]));
  const gone = new Set(patch.gone);
  const rules = set.rules
    .filter((rule) => !gone.has(rule.id))
    .map((rule) => {
      const mine = put.get(rule.id);
      put.delete(rule.id);
      return mine ?? rule;
    });
  for (const rule of put.values()) {
    const before = patch.behind[rule.id];
    const at = before === undefined ? -1 : rules.findIndex((one) => one.id === before);
    rules.splice(before === "" ? 0 : at < 0 ? rules.length : at + 1, 0, rule);
  }
  return {
    rules: patch.order === null ? rules : inOrder(rules, patch.order),
    default: patch.default ?? set.default,
  };
}

/** In the given order; a rule it doesn't name stays behind the one it stood behind. */
function inOrder(rules: readonly Rule[], order: readonly string[]): Rule[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const named = new Set(order);
  const sorted = order.flatMap((id) => byId.get(id) ?? []);
  rules.forEach((rule, i) => {
    if (named.has(rule.id)) return;
    const before = rules[i - 1];
    sorted.splice(before ? sorted.indexOf(before) + 1 : 0, 0, rule);
  });
  return sorted;
}
