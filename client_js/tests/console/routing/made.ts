/** Short ways to write rules and fields. */
import type { Filter, RoutingField, Rule, RuleSet, Value } from "../../../src/console/api/routing";
import { newRule, STANDARD } from "../../../src/console/routing/rules";
import type { Names } from "../../../src/console/routing/sentence";

export const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  ...newRule(id, `Rule ${id}`),
  when: { all: [] },
  ...more,
});

export const setOf = (...rules: readonly (Rule | string)[]): RuleSet => ({
  rules: rules.map((one) => (typeof one === "string" ? rule(one) : one)),
  default: STANDARD,
});

export const idsOf = (set: RuleSet): string => set.rules.map((one) => one.id).join("");

export const test = (field: string, op: string, value?: Value): Filter => ({
  field,
  op,
  ...(value === undefined ? {} : { value }),
});

const OPERATORS = [
  { op: "is", label: "is", value: "one" },
  { op: "one_of", label: "is one of", value: "list" },
  { op: "between", label: "is between", value: "two" },
  { op: "greater", label: "is greater than", value: "one" },
  { op: "is_set", label: "is set", value: "none" },
] as const;

const field = (key: string, label: string, more: Partial<RoutingField>): RoutingField => ({
  key,
  label,
  type: "text",
  source: "page",
  example: "x",
  values: [],
  operators: OPERATORS,
  ...more,
});

export const FIELDS: readonly RoutingField[] = [
  field("location.country", "Country", { type: "picklist", values: ["JP", "KR", "DE"] }),
  field("visitor.employees", "Employees", { type: "number" }),
  field("utm.source", "UTM source", {}),
  field("page.path", "Page path", {}),
  field("visitor.returning", "Has been here before", {
    type: "boolean",
    operators: [{ op: "is", label: "is", value: "one" }],
  }),
];

export const NAMES: Names = {
  fields: new Map(FIELDS.map((one) => [one.key, one])),
  reps: new Map([
    ["r1", "Ana"],
    ["r2", "Ben"],
  ]),
  groups: new Map([["g1", "APAC enterprise"]]),
};
