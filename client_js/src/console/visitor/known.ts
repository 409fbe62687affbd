/** What is known of a visitor, as rows to read and to edit (VS-3). Pure. */
import type { About } from "../../protocol/index.ts";
import type { VisitorField } from "../api/desk-data";
import { ago, fieldName, fully } from "../format";
import { texts } from "../texts";

export type Value = string | number | boolean | null;
export type Type = "text" | "email" | "number" | "boolean" | "date" | "picklist";

export interface Row {
  /** As the server calls it in an edit: "email", "plan". */
  readonly name: string;
  readonly label: string;
  readonly type: Type;
  /** Of a picklist. */
  readonly values: readonly string[];
  /** Null: not known. */
  readonly value: Value;
  readonly source: string;
  readonly edited: { readonly by: string; readonly byId: string; readonly at: number } | null;
}

/** What every desk knows of a person; the rest of `fields` is the desk's own. */
const PERSON = ["name", "email", "company", "phone", "domain", "industry", "employees"] as const;
const TYPES: Partial<Record<string, Type>> = { email: "email", employees: "number" };

export function personRows(about: About): Row[] {
  return PERSON.map((name) =>
    row(about, `visitor.${name}`, {
      name,
      label: texts.visitor.person[name],
      type: TYPES[name] ?? "text",
      values: [],
      value: about[name] ?? null,
    }),
  );
}

/** The desk's own, in its order, then what a page said without anybody having declared it. */
export function fieldRows(about: About, declared: readonly VisitorField[]): Row[] {
  const said = about.fields ?? {};
  const known = new Set(declared.map((field) => field.name));
  const others = Object.keys(said).filter((name) => !known.has(name));
  return [
    ...declared.map(({ name, label, type, values }) => ({ name, label, type, values })),
    ...others.map((name) => ({
      name,
      label: fieldName(name),
      type: typeOf(said[name]),
      values: [],
    })),
  ].map(({ name, label, type, values }) =>
    row(about, `field.${name}`, {
      name,
      label,
      type: type as Type,
      values,
      value: said[name] ?? null,
    }),
  );
}

const typeOf = (value: Value | undefined): Type =>
  typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "text";

function row(about: About, key: string, rest: Omit<Row, "source" | "edited">): Row {
  const edited = about.edited?.[key];
  return {
    ...rest,
    value: rest.value === "" ? null : rest.value,
    source: about.sources?.[key] ?? "",
    edited: edited ? { by: edited.rep.name, byId: edited.rep.id, at: Date.parse(edited.at) } : null,
  };
}

/** Who said so: "Form", "Ben Okafor, 3m ago", "You, now"; empty if nobody remembers. */
export function sourceWords({ source, edited }: Row, me: string, now: number): string {
  if (edited)
    return texts.visitor.entered(edited.byId === me ? texts.you : edited.by, ago(edited.at, now));
  return texts.visitor.sources[source] ?? source;
}

export const sourceTitle = ({ edited }: Row): string | undefined =>
  edited ? fully(edited.at) : undefined;

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

export function valueWords({ type, value }: Pick<Row, "type" | "value">): string {
  if (value === null) return texts.visitor.unknown;
  if (typeof value === "boolean") return value ? texts.visitor.yes : texts.visitor.no;
  if (typeof value === "number") return number.format(value);
  if (type === "date" && !Number.isNaN(Date.parse(value))) return date.format(Date.parse(value));
  return value;
}

/** What is typed, as a value; a number that can't be read stays a text, and `wrong` names it. */
export function typed(type: Type, text: string): Value {
  const plain = text.trim();
  if (plain === "") return null;
  if (type !== "number") return plain;
  const found = Number(plain.replace(/[\s\u00a0,’']/g, ""));
  return Number.isFinite(found) ? found : plain;
}

/** What can be seen to be wrong without asking the server; empty if nothing. */
export function wrong(type: Type, value: Value): string {
  if (type === "number" && typeof value === "string") return texts.visitor.needNumber;
  if (type === "email" && typeof value === "string" && !/^\S+@\S+\.\S+$/.test(value)) {
    return texts.visitor.needEmail;
  }
  return "";
}
