/** What a condition compares with: one value, two, or a list, as the field's type wants it. */
import { useState } from "react";

import type { RoutingField, Scalar, Test, Value } from "../api/routing";
import { AddChoice, AddText, Chips } from "../kit/chips";
import { Pick } from "../kit/pick";
import { Select } from "../kit/select";
import { texts } from "../texts";
import { takes, valuesOf } from "./filter-tree";
import { valueWords } from "./sentence";

const words = texts.routing.filter;

interface Props {
  test: Test;
  field: RoutingField;
  invalid: boolean;
  describedBy: string | undefined;
  onChange: (value: Value) => void;
}

export function ValueField(props: Props) {
  const { test, field, onChange } = props;
  switch (takes(field, test.op)) {
    case "none":
      return null;
    case "list":
      return <ListValue {...props} />;
    case "two": {
      const [from = null, until = null] = valuesOf(test.value);
      return (
        <div className="value two">
          <OneValue
            {...props}
            label={words.from}
            value={from}
            onChange={(next) => onChange([next, until])}
          />
          <span className="meta">{words.until}</span>
          <OneValue
            {...props}
            label={words.until}
            value={until}
            onChange={(next) => onChange([from, next])}
          />
        </div>
      );
    }
    case "one":
      return (
        <div className="value">
          <OneValue {...props} label={words.value} value={valuesOf(test.value)[0] ?? null} />
        </div>
      );
  }
}

interface OneProps extends Omit<Props, "onChange"> {
  label: string;
  value: Scalar;
  onChange: (value: Scalar) => void;
}

/** One value of a field, by its type. */
export function OneValue(props: OneProps) {
  const { field, value, label, invalid, onChange } = props;
  if (field.type === "boolean") {
    return (
      <Select
        label={label}
        hideLabel
        value={String(value ?? "")}
        placeholder={words.chooseValue}
        choices={["true", "false"].map((id) => ({ id, name: valueWords(id === "true") }))}
        onChange={(id) => onChange(id === "true")}
      />
    );
  }
  if (field.type === "picklist" && field.values.length > 0) {
    return (
      <Pick
        label={label}
        hideLabel
        value={value === null ? "" : String(value)}
        sections={[{ id: "values", name: "", choices: choicesOf(field) }]}
        placeholder={words.chooseValue}
        find={words.findValue}
        none={words.noValue}
        invalid={invalid}
        describedBy={props.describedBy}
        onChange={onChange}
      />
    );
  }
  return <TypedValue {...props} />;
}

function TypedValue({ field, value, label, invalid, describedBy, onChange }: OneProps) {
  const numeric = field.type === "number";
  // What is typed so far, where it isn't a number yet ("-", "1.").
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (value === null ? "" : String(value));
  const change = (text: string) => {
    if (!numeric) {
      onChange(text);
      return;
    }
    const plain = text.replace(/[\s\u00a0,’']/g, "");
    const number = Number(plain);
    setTyped(text);
    onChange(plain === "" ? null : Number.isFinite(number) ? number : text);
  };
  return (
    <input
      className="input"
      aria-label={label}
      aria-invalid={invalid ? true : undefined}
      aria-describedby={describedBy}
      data-invalid={invalid ? true : undefined}
      type={field.type === "date" ? "date" : "text"}
      inputMode={numeric ? "decimal" : "text"}
      dir="auto"
      placeholder={
        field.type === "date" ? undefined : words.example(valueWords(field.example, field.key))
      }
      value={shown}
      onChange={(event) => change(event.target.value)}
      onBlur={() => setTyped(null)}
    />
  );
}

export const choicesOf = (field: RoutingField) =>
  field.values.map((value) => {
    const id = String(value);
    const name = valueWords(value, field.key);
    return { id, name, ...(name === id ? {} : { hint: id }) };
  });

function ListValue({ test, field, invalid, describedBy, onChange }: Props) {
  const values = valuesOf(test.value);
  const chips = values.map((value) => ({
    id: String(value),
    name: valueWords(value, field.key),
    bad: field.type === "number" && typeof value !== "number",
  }));
  const add = (more: readonly Scalar[]) => {
    const known = new Set(values.map(String));
    onChange([
      ...values,
      ...more.filter((value) => !known.has(String(value)) && known.add(String(value))),
    ]);
  };
  const typed = (text: string): Scalar => {
    if (field.type !== "number") return text;
    const number = Number(text.replace(/[\s,]/g, ""));
    return Number.isFinite(number) ? number : text;
  };
  return (
    <div className="value">
      <Chips
        label={words.value}
        chips={chips}
        invalid={invalid}
        onRemove={(id) => onChange(values.filter((value) => String(value) !== id))}
        removeLabel={words.removeValue}
      >
        {field.type === "picklist" && field.values.length > 0 ? (
          <AddChoice
            label={words.addValue}
            describedBy={describedBy}
            none={words.noValue}
            sections={[
              {
                id: "values",
                name: field.label,
                choices: choicesOf(field).filter(({ id }) => !values.map(String).includes(id)),
              },
            ]}
            onAdd={(id) => add([id])}
          />
        ) : (
          <AddText
            label={words.addValue}
            describedBy={describedBy}
            placeholder={
              values.length ? words.addValue : words.example(valueWords(field.example, field.key))
            }
            inputMode={field.type === "number" ? "decimal" : "text"}
            onAdd={(more) => add(more.map(typed))}
            onBack={() => onChange(values.slice(0, -1))}
          />
        )}
      </Chips>
    </div>
  );
}
