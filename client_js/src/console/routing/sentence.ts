/** A rule as a sentence: "When country is one of JP, KR, ring APAC enterprise, first available, for
 * 90 s." In parts, so that what may be edited stands out. Pure. */
import type { FieldType, Filter, Handling, Rule, Scalar, Test } from "../api/routing";
import { country, language } from "../format";
import { texts } from "../texts";
import type { FieldsByKey } from "./faults";
import { isTest, matchesEverybody, type Mode, readGroup, takes, valuesOf } from "./filter-tree";
import { isRule } from "./rules";

const words = texts.routing.sentence;

export interface Part {
  readonly text: string;
  /** What was chosen, as against the words around it. */
  readonly chosen: boolean;
}

/** Names of reps and groups, by id. */
export interface Names {
  readonly fields: FieldsByKey;
  readonly reps: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
}

const MOST = 3;
const said = (text: string): Part => ({ text, chosen: false });
const chosen = (text: string): Part => ({ text, chosen: true });

export function sentence(one: Rule | Handling, names: Names): Part[] {
  return [...whenParts(one, names.fields), ...ringParts(one, names)];
}

export const asText = (parts: readonly Part[]): string => parts.map((part) => part.text).join("");

function whenParts(one: Rule | Handling, fields: FieldsByKey): Part[] {
  if (!isRule(one)) return [said(words.everyoneElse)];
  if (matchesEverybody(one.when)) return [said(words.everybody)];
  return [said(words.when), ...filterParts(one.when, fields), said(words.then)];
}

export function filterParts(filter: Filter, fields: FieldsByKey, depth = 0): Part[] {
  if (isTest(filter)) return testParts(filter, fields);
  const { mode, items } = readGroup(filter);
  const inner = items.flatMap((item, i) => [
    ...(i ? [said(words.join[joins(mode)])] : []),
    ...filterParts(item, fields, depth + 1),
  ]);
  const not = mode === "none" || mode === "not_all";
  if (not) return [said(words.not), ...inner, said(words.close)];
  return depth > 0 && items.length > 1 ? [said(words.open), ...inner, said(words.close)] : inner;
}

const joins = (mode: Mode) => (mode === "all" || mode === "not_all" ? "all" : "any");

function testParts(test: Test, fields: FieldsByKey): Part[] {
  const field = fields.get(test.field);
  if (test.field === "") return [chosen(words.unfinished)];
  const operator = field?.operators.find((one) => one.op === test.op);
  const what = [
    chosen(lowered(field?.label ?? test.field)),
    said(` ${operator?.label ?? test.op.replaceAll("_", " ")}`),
  ];
  const wanted = takes(field, test.op);
  if (wanted === "none") return what;
  const values = valuesOf(test.value).map((value) =>
    test.field === "visitor.language" && typeof value === "string" && value
      ? language(value)
      : valueWords(value, test.field, field?.type),
  );
  if (values.length === 0) return [...what, said(" "), chosen("…")];
  if (wanted === "two") {
    const [from = "…", until = "…"] = values;
    return [...what, said(" "), chosen(from), said(words.and), chosen(until)];
  }
  return [...what, said(" "), ...listed(values)];
}

function listed(values: readonly string[]): Part[] {
  const shown = values.slice(0, values.length > MOST + 1 ? MOST : MOST + 1);
  const more = values.length - shown.length;
  return [chosen(shown.join(", ")), ...(more ? [said(words.more(more))] : [])];
}

/** "Country" → "country", but "UTM source" and "GCLID" as they are. */
export const lowered = (label: string): string =>
  /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLocaleLowerCase() + label.slice(1) : label;

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });

const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

export function valueWords(value: Scalar, field = "", type?: FieldType): string {
  if (value === null || value === "") return "…";
  if (typeof value === "number") return number.format(value);
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (type === "date" && !Number.isNaN(Date.parse(value))) return date.format(Date.parse(value));
  return field === "location.country" && /^[A-Z]{2}$/.test(value) ? country(value) : value;
}

function ringParts(one: Rule | Handling, names: Names): Part[] {
  const targets = targetParts(one, names);
  const parts = [said(words.ring)];
  if (one.outreach.on) parts.push(chosen(words.outreach[one.outreach.ring]), said(words.else));
  if (one.owner.on) {
    const together = one.owner.ring === "owner_and_reps" && one.fallback;
    parts.push(chosen(words.owner), said(together ? words.together : words.else));
  }
  const first = one.outreach.on || one.owner.on;
  if (first && !one.fallback) {
    parts[parts.length - 1] = said(words.nobodyElse);
    return [...parts, ...timeParts(one)];
  }
  const strategy = one.strategy === "first_available" ? "first_available" : "round";
  return [
    ...parts,
    ...targets,
    said(", "),
    chosen(words.strategies[one.strategy]),
    ...(strategy === "round" ? [said(words.each), chosen(words.seconds(one.ring_seconds))] : []),
    ...timeParts(one),
  ];
}

const timeParts = (one: Handling): Part[] => [
  said(words.for),
  chosen(words.seconds(one.wait_seconds)),
  said("."),
];

function targetParts({ targets }: Handling, names: Names): Part[] {
  if (targets.everyone) return [chosen(words.allReps)];
  const all = [
    ...targets.groups.map((id) => names.groups.get(id) ?? words.goneGroup),
    ...targets.reps.map((id) => names.reps.get(id) ?? words.goneRep),
  ];
  return all.length ? listed(all) : [chosen(words.nobody)];
}
