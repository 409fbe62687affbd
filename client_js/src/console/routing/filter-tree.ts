/** A filter as groups of conditions: what the builder shows of the stored form, and back. Pure. */
import type { Filter, RoutingField, Scalar, Takes, Test, Value } from "../api/routing";

export type Mode = "all" | "any" | "none" | "not_all";
export const MODES: readonly Mode[] = ["all", "any", "none", "not_all"];

export interface Group {
  readonly mode: Mode;
  readonly items: readonly Filter[];
  /** Where the items stand below the group, as the ends of JSON pointers. */
  readonly places: readonly string[];
}

export const isTest = (filter: Filter): filter is Test => "field" in filter;
export const BLANK: Test = { field: "", op: "" };

/** The group that a node is; a lone condition is a group of one. */
export function readGroup(filter: Filter): Group {
  if ("all" in filter) return group("all", filter.all, "/all");
  if ("any" in filter) return group("any", filter.any, "/any");
  if (isTest(filter)) return { mode: "all", items: [filter], places: [""] };
  const inner = filter.not;
  if ("any" in inner) return group("none", inner.any, "/not/any");
  if ("all" in inner) return group("not_all", inner.all, "/not/all");
  return { mode: "none", items: [inner], places: ["/not"] };
}

const group = (mode: Mode, items: readonly Filter[], at: string): Group => ({
  mode,
  items,
  places: items.map((_, i) => `${at}/${i}`),
});

export function writeGroup(mode: Mode, items: readonly Filter[]): Filter {
  switch (mode) {
    case "all":
      return { all: items };
    case "any":
      return { any: items };
    case "none":
      return { not: { any: items } };
    case "not_all":
      return { not: { all: items } };
  }
}

export function everyTest(filter: Filter): Test[] {
  return isTest(filter) ? [filter] : readGroup(filter).items.flatMap(everyTest);
}

export const matchesEverybody = (filter: Filter): boolean =>
  "all" in filter && filter.all.length === 0;

/** What the operator takes; an operator the field doesn't know takes one value. */
export function takes(field: RoutingField | undefined, op: string): Takes {
  return field?.operators.find((one) => one.op === op)?.value ?? "one";
}

/** The condition with another field: the operator stays where the new field knows it. */
export function withField(test: Test, field: RoutingField): Test {
  const same = field.operators.find((one) => one.op === test.op);
  const op = same ?? field.operators[0];
  if (!op) return { field: field.key, op: "" };
  return { field: field.key, op: op.op, ...standardValue(field, op.value) };
}

/** The condition with another operator: the value stays as far as it fits. */
export function withOperator(test: Test, field: RoutingField, op: string): Test {
  const wanted = takes(field, op);
  const values = valuesOf(test.value);
  if (wanted === "none") return { field: test.field, op };
  if (wanted === "list") return { field: test.field, op, value: values };
  if (wanted === "two") {
    return { field: test.field, op, value: [values[0] ?? null, values[1] ?? null] };
  }
  const value = values[0];
  return value === undefined
    ? { field: test.field, op, ...standardValue(field, wanted) }
    : { field: test.field, op, value };
}

export function valuesOf(value: Value | undefined): readonly Scalar[] {
  if (value === undefined || value === null) return [];
  return isList(value) ? value : [value];
}

const isList = (value: Value): value is readonly Scalar[] => Array.isArray(value);

function standardValue(field: RoutingField, wanted: Takes): { value?: Value } {
  if (wanted === "none") return {};
  if (wanted === "list") return { value: [] };
  if (wanted === "two") return { value: [null, null] };
  return { value: field.type === "boolean" ? true : null };
}
