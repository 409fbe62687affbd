/** Changes between two rule sets, rule by rule, in words. */
import type { Filter, RuleChange } from "../api/routing";
import { texts } from "../texts";
import { Sentence } from "./rule-row";
import { STANDARD } from "./rules";
import { asText, filterParts, lowered, type Names, valueWords } from "./sentence";

const words = texts.routing.diff;

interface Props {
  changes: readonly RuleChange[];
  known: Names;
  /** Rules to point at, and how. */
  marked?: ReadonlySet<string>;
  mark?: string;
}

export function Diff({ changes, known, marked, mark }: Props) {
  return (
    <ul className="diff">
      {changes.map((one, i) => (
        <li key={`${one.rule} ${i}`}>
          <p className="diff-rule">
            <span className={`tag ${one.change}`}>{words[one.change]}</span>
            <b className="clip" dir="auto">
              {one.name}
            </b>
            {marked?.has(one.rule) ? <span className="tag both">{mark}</span> : null}
          </p>
          <Whole change={one} known={known} />
          {one.change === "changed" || one.change === "moved" ? (
            <dl>
              {one.fields.map((field) => (
                <div key={field.path}>
                  <dt>{fieldWords(field.path)}</dt>
                  <dd>
                    {field.path === "position" ? (
                      <ins>{placeWords(Number(field.before), Number(field.after))}</ins>
                    ) : (
                      <>
                        <del>{toldWords(field.path, field.before, known)}</del>
                        <ins>{toldWords(field.path, field.after, known)}</ins>
                      </>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

/** A rule can have passed another and still have its number, where one was added above. */
const placeWords = (from: number, to: number) =>
  from === to ? words.passed : words.place(from, to);

/** What an added rule does, or a removed one did, as its sentence. */
function Whole({ change, known }: { change: RuleChange; known: Names }) {
  if (change.change !== "added" && change.change !== "removed") return null;
  const side = change.change === "added" ? "after" : "before";
  const rule = {
    ...STANDARD,
    ...Object.fromEntries(change.fields.map((field) => [field.path, field[side]])),
  };
  return "when" in rule ? <Sentence one={rule} known={known} /> : null;
}

/** "owner.look", "/owner/look", "/when/all/0/value" → what a person calls it. */
export function fieldWords(path: string): string {
  const plain = path.replace(/^\//, "").replaceAll("/", ".");
  const [first = "", second = ""] = plain.split(".");
  return words.fields[`${first}.${second}`] ?? words.fields[first] ?? plain;
}

/** A value of the rule document in words. */
export function toldWords(path: string, value: unknown, known: Names): string {
  if (value === undefined || value === null || value === "") return words.nothing;
  if (typeof value === "boolean") return value ? words.on : words.off;
  if (typeof value === "number") {
    return path.endsWith("_seconds") ? texts.routing.sentence.seconds(value) : valueWords(value);
  }
  if (typeof value === "string") return choiceWords(path, value);
  if (Array.isArray(value)) {
    const names = value.map((one) => nameWords(path, one, known));
    return names.length ? names.join(", ") : words.nothing;
  }
  if (isFilter(value)) {
    return asText(filterParts(value, known.fields)) || lowered(texts.routing.filter.everybody);
  }
  const pairs = Object.entries(value) as [string, unknown][];
  const told = pairs.map(
    ([key, one]) => `${known.reps.get(key) ?? key} ${toldWords(key, one, known)}`,
  );
  return told.length ? told.join(", ") : words.nothing;
}

function nameWords(path: string, one: unknown, known: Names): string {
  if (typeof one !== "string")
    return typeof one === "number" ? valueWords(one) : JSON.stringify(one);
  if (path.includes("reps")) return known.reps.get(one) ?? texts.routing.sentence.goneRep;
  if (path.includes("groups")) return known.groups.get(one) ?? texts.routing.sentence.goneGroup;
  return choiceWords(path, one);
}

function choiceWords(path: string, value: string): string {
  const { strategies, owner, outreach, missed } = texts.routing;
  const tables: Record<string, Readonly<Record<string, string>>> = {
    strategy: Object.fromEntries(
      Object.entries(strategies).flatMap(([id, one]) =>
        typeof one === "object" ? [[id, one.name]] : [],
      ),
    ),
    "owner.look": owner.records,
    "owner.ring": owner.rings,
    "outreach.ring": outreach.rings,
    "outreach.book": outreach.books,
    missed: { meeting_booker: missed.meeting_booker.name, form: missed.form.name },
  };
  const plain = path.replace(/^\//, "").replaceAll("/", ".");
  return tables[plain]?.[value] ?? value;
}

const isFilter = (value: object): value is Filter =>
  "all" in value || "any" in value || "not" in value || ("field" in value && "op" in value);
