/** What can't be stored, said while it is typed. The server says more; this needs no answer. Pure. */
import type { Fault, Filter, Handling, Rule, RoutingField, RuleSet, Scalar } from "../api/routing";
import { texts } from "../texts";
import { readGroup, takes, isTest, valuesOf } from "./filter-tree";
import { isRule, LONGEST_NAME, RING, WAIT, WEIGHT } from "./rules";

const words = texts.routing.faults;

/** A fault of one rule; `path` is the pointer below the rule ("/when/all/0"). */
export interface Placed {
  readonly path: string;
  readonly message: string;
}

export type FieldsByKey = ReadonlyMap<string, RoutingField>;

/** Gives the server's faults to their rules, in the set that was sent. */
export function byRule(
  faults: readonly Fault[],
  sent: RuleSet,
): ReadonlyMap<string, readonly Placed[]> {
  const found = new Map<string, Placed[]>();
  for (const { place, message } of faults) {
    const [, part, index, ...rest] = place.split("/");
    const id = part === "default" ? "default" : (sent.rules[Number(index)]?.id ?? "");
    const path = part === "default" ? place.slice("/default".length) : `/${rest.join("/")}`;
    found.set(id, [...(found.get(id) ?? []), { path: path === "/" ? "" : path, message }]);
  }
  return found;
}

/** The first message at a place or anywhere below it. */
export function messageAt(faults: readonly Placed[], path: string): string | undefined {
  return faults.find((one) => one.path === path || one.path.startsWith(`${path}/`))?.message;
}

export function faultsOf(
  one: Rule | Handling,
  names: ReadonlySet<string>,
  fields: FieldsByKey,
): Placed[] {
  const found: Placed[] = [];
  if (isRule(one)) {
    const name = nameFault(one.name, names);
    if (name) found.push({ path: "/name", message: name });
    filterFaults(one.when, "/when", fields, found);
  }
  timeFaults(one, found);
  if (one.strategy !== "first_available") {
    for (const [rep, weight] of Object.entries(one.weights)) {
      if (!(weight >= WEIGHT.least && weight <= WEIGHT.most)) {
        found.push({ path: `/weights/${rep}`, message: words.weight(WEIGHT.least, WEIGHT.most) });
      }
    }
  }
  if (one.owner.on && one.owner.look.length === 0) {
    found.push({ path: "/owner/look", message: words.look });
  }
  return found;
}

function nameFault(name: string, others: ReadonlySet<string>): string | undefined {
  const bare = name.trim();
  if (bare === "") return words.noName;
  if (bare.length > LONGEST_NAME) return words.longName(LONGEST_NAME);
  return others.has(bare.toLocaleLowerCase()) ? words.sameName : undefined;
}

function timeFaults(one: Handling, found: Placed[]): void {
  const between = (value: number, { least, most }: { least: number; most: number }) =>
    value >= least && value <= most;
  if (!between(one.ring_seconds, RING)) {
    found.push({ path: "/ring_seconds", message: words.seconds(RING.least, RING.most) });
  }
  if (!between(one.wait_seconds, WAIT)) {
    found.push({ path: "/wait_seconds", message: words.seconds(WAIT.least, WAIT.most) });
  } else if (one.wait_seconds < one.ring_seconds) {
    found.push({ path: "/wait_seconds", message: words.shortWait });
  }
}

function filterFaults(filter: Filter, path: string, fields: FieldsByKey, found: Placed[]): void {
  if (isTest(filter)) {
    const message = testFault(filter, fields);
    if (message) found.push({ path, message });
    return;
  }
  const { items, places } = readGroup(filter);
  if (items.length === 0 && path !== "/when") found.push({ path, message: words.emptyGroup });
  items.forEach((item, i) => filterFaults(item, `${path}${places[i] ?? ""}`, fields, found));
}

/** What one condition lacks. */
export function testFault(
  test: Extract<Filter, { field: string }>,
  fields: FieldsByKey,
): string | undefined {
  const field = fields.get(test.field);
  if (test.field === "") return words.noField;
  if (fields.size === 0) return undefined;
  if (!field) return words.unknownField(test.field);
  if (!field.operators.some((one) => one.op === test.op)) return words.noOperator;
  const wanted = takes(field, test.op);
  if (wanted === "none") return undefined;
  const values = valuesOf(test.value).filter((value) => value !== null && value !== "");
  if (values.length < (wanted === "two" ? 2 : 1)) return words.noValue[wanted];
  const wrong = values.map((value) => valueFault(value, field)).find(Boolean);
  if (wrong) return wrong;
  return wanted === "two" && turned(values) ? words.turned : undefined;
}

function valueFault(value: Scalar, field: RoutingField): string | undefined {
  if (field.type === "number" && (typeof value !== "number" || !Number.isFinite(value))) {
    return words.number;
  }
  if (field.type === "date" && Number.isNaN(Date.parse(String(value)))) return words.date;
  return undefined;
}

function turned([from, until]: readonly Scalar[]): boolean {
  if (typeof from === "number" && typeof until === "number") return from > until;
  return typeof from === "string" && typeof until === "string" && from > until;
}

/** Names of the other rules, to be compared with. */
export const otherNames = (set: RuleSet, id: string): ReadonlySet<string> =>
  new Set(
    set.rules.filter((rule) => rule.id !== id).map((rule) => rule.name.trim().toLocaleLowerCase()),
  );
