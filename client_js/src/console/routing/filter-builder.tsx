/** Nested conditions, edited in place: each knows its field's operators and values (RT-2). */
import { FolderPlus, Plus, TriangleAlert, X } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState } from "react";

import type { Filter, Lint, RoutingField, Test } from "../api/routing";
import { Button, IconButton } from "../kit/button";
import { Pick, type PickSection } from "../kit/pick";
import { Select } from "../kit/select";
import { texts } from "../texts";
import { messageAt, type Placed } from "./faults";
import {
  BLANK,
  isTest,
  type Mode,
  MODES,
  readGroup,
  withField,
  withOperator,
  writeGroup,
} from "./filter-tree";
import { asText, filterParts } from "./sentence";
import type { Known } from "./use-names";
import { ValueField } from "./value-field";

const words = texts.routing.filter;

interface Props {
  filter: Filter;
  known: Known;
  faults: readonly Placed[];
  lint: readonly Lint[];
  onChange: (filter: Filter, subject: string) => void;
}

export function FilterBuilder({ filter, known, faults, lint, onChange }: Props) {
  const sections = useMemo(() => fieldSections(known.allFields), [known.allFields]);
  const shared = { known, sections, faults, lint };
  return <GroupEditor {...shared} filter={filter} place="/when" depth={0} onChange={onChange} />;
}

/** The fields by where they come from, in the registry's order. */
export function fieldSections(fields: readonly RoutingField[]): PickSection[] {
  const sections = new Map<string, RoutingField[]>();
  for (const field of fields) {
    sections.set(field.source, [...(sections.get(field.source) ?? []), field]);
  }
  return [...sections].map(([id, list]) => ({
    id,
    name: words.sources[id] ?? id,
    choices: list.map((field) => ({ id: field.key, name: field.label, hint: field.key })),
  }));
}

interface Shared {
  known: Known;
  sections: readonly PickSection[];
  faults: readonly Placed[];
  lint: readonly Lint[];
  place: string;
}

interface GroupProps extends Shared {
  filter: Filter;
  depth: number;
  onChange: (filter: Filter, subject: string) => void;
  onRemove?: () => void;
}

/** Deeper nesting is shown, but not offered: nobody reads it. */
const DEEPEST = 3;

function GroupEditor(props: GroupProps) {
  const { filter, depth, place, onChange, onRemove, ...shared } = props;
  const { mode, items, places } = readGroup(filter);
  const [fresh, setFresh] = useState(-1);
  const adder = useRef<HTMLDivElement>(null);
  const write = (next: readonly Filter[], subject = "") =>
    onChange(writeGroup(mode, next), subject);
  const add = (one: Filter) => {
    setFresh(items.length);
    write([...items, one]);
  };
  const remove = (i: number) => {
    write(items.filter((_, at) => at !== i));
    adder.current?.querySelector("button")?.focus();
  };
  const empty = items.length === 0;
  return (
    <div
      className={depth ? "group nested" : "group"}
      role="group"
      aria-label={empty && !depth ? words.everybody : words.group(items.length)}
    >
      {empty && depth === 0 ? (
        <p className="everybody">
          <b>{words.everybody}.</b> <span className="meta">{words.everybodyText}</span>
        </p>
      ) : (
        <div className="group-head">
          <Select
            label={words.mode}
            hideLabel
            value={mode}
            choices={MODES.map((id) => ({ id, name: words.modes[id] }))}
            onChange={(next) => onChange(writeGroup(next as Mode, items), "")}
          />
          {onRemove ? (
            <IconButton size="small" label={words.removeGroup} onPress={onRemove}>
              <X size={14} />
            </IconButton>
          ) : null}
        </div>
      )}
      {items.map((item, i) => {
        const at = place + (places[i] ?? "");
        const change = (next: Filter, subject: string) =>
          write(
            items.map((one, j) => (j === i ? next : one)),
            subject,
          );
        return isTest(item) ? (
          <TestEditor
            key={`${i} ${items.length}`}
            {...shared}
            place={at}
            test={item}
            fresh={i === fresh}
            onChange={change}
            onRemove={() => remove(i)}
          />
        ) : (
          <GroupEditor
            key={`${i} ${items.length}`}
            {...shared}
            place={at}
            filter={item}
            depth={depth + 1}
            onChange={change}
            onRemove={() => remove(i)}
          />
        );
      })}
      <Said faults={shared.faults.filter((fault) => fault.path === place)} lint={[]} />
      <div className="group-add" ref={adder}>
        <Button size="small" look="quiet" icon={<Plus size={14} />} onPress={() => add(BLANK)}>
          {words.add}
        </Button>
        {depth < DEEPEST ? (
          <Button
            size="small"
            look="quiet"
            icon={<FolderPlus size={14} />}
            onPress={() => add(writeGroup(mode === "any" ? "all" : "any", [BLANK]))}
          >
            {words.addGroup}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

interface TestProps extends Shared {
  test: Test;
  /** It was just added: the focus goes to its field. */
  fresh: boolean;
  onChange: (test: Test, subject: string) => void;
  onRemove: () => void;
}

function TestEditor(props: TestProps) {
  const { test, known, sections, faults, lint, place, fresh, onChange, onRemove } = props;
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (fresh) row.current?.querySelector("button")?.focus();
  }, [fresh]);
  const field = known.fields.get(test.field);
  const fault = messageAt(faults, place);
  const marks = lint.filter(
    (mark) => mark.place.endsWith(place) || mark.place.includes(`${place}/`),
  );
  const said = fault ? `${id}-fault` : undefined;
  // A condition that was only just begun isn't wrong yet.
  const begun = test.field !== "" || !fresh;
  return (
    <div
      className="condition"
      ref={row}
      role="group"
      aria-label={words.condition(asText(filterParts(test, known.fields)))}
    >
      <div className="condition-row">
        <Pick
          label={words.field}
          hideLabel
          value={test.field}
          sections={sections}
          placeholder={words.chooseField}
          find={words.findField}
          none={words.noField}
          invalid={Boolean(fault) && !field && begun}
          describedBy={said}
          onChange={(key) => {
            const next = known.fields.get(key);
            if (next) onChange(withField(test, next), "");
          }}
        />
        {field ? (
          <Select
            label={words.operator}
            hideLabel
            value={test.op}
            choices={field.operators.map((one) => ({ id: one.op, name: one.label }))}
            onChange={(op) => onChange(withOperator(test, field, op), "")}
          />
        ) : null}
        {field ? (
          <ValueField
            key={`${test.field} ${test.op}`}
            test={test}
            field={field}
            invalid={Boolean(fault)}
            describedBy={said}
            onChange={(value) => onChange({ ...test, value }, place)}
          />
        ) : null}
      </div>
      <IconButton size="small" label={words.remove} onPress={onRemove}>
        <X size={14} />
      </IconButton>
      {fault && begun ? (
        <p className="field-error" id={said} role="status">
          {fault}
        </p>
      ) : null}
      <Said faults={[]} lint={marks} />
    </div>
  );
}

function Said({ faults, lint }: { faults: readonly Placed[]; lint: readonly Lint[] }) {
  if (faults.length + lint.length === 0) return null;
  return (
    <ul className="condition-marks">
      {faults.map((fault) => (
        <li key={fault.message} className="field-error">
          {fault.message}
        </li>
      ))}
      {lint.map((mark) => (
        <li key={mark.code + mark.place} className={`lint ${mark.severity}`}>
          <TriangleAlert size={13} aria-hidden="true" /> {mark.message}
        </li>
      ))}
    </ul>
  );
}
