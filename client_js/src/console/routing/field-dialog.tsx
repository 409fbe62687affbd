/** One visitor field: what it is called, what it may be, whose value counts. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import { Form } from "react-aria-components";

import { Refused } from "../api/http";
import {
  addVisitorField,
  changeVisitorField,
  deleteVisitorField,
  SOURCES,
  type VisitorField,
} from "../api/desk-data";
import type { FieldType } from "../api/routing";
import { Button, IconButton } from "../kit/button";
import { AddText, Chips } from "../kit/chips";
import { Confirm, Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { Select } from "../kit/select";
import { say } from "../kit/toast";
import { texts } from "../texts";

const words = texts.routing.fields;
const TYPES: readonly FieldType[] = ["text", "email", "number", "boolean", "date", "picklist"];
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

interface Props {
  field: VisitorField | null;
  taken: readonly string[];
  onClose: () => void;
}

/** "Account size" → "account_size", until the name was typed by hand. */
const nameOf = (label: string) =>
  label
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "")
    .slice(0, 64);

export function FieldDialog({ field, taken, onClose }: Props) {
  const queries = useQueryClient();
  const [label, setLabel] = useState(field?.label ?? "");
  const [typed, setTyped] = useState<string | null>(field?.name ?? null);
  const [type, setType] = useState<FieldType>(field?.type ?? "text");
  const [values, setValues] = useState<readonly string[]>(field?.values ?? []);
  const [sources, setSources] = useState<readonly string[]>(
    field?.sources.length ? field.sources : SOURCES,
  );
  const [tried, setTried] = useState(false);
  const [asking, setAsking] = useState(false);
  const name = typed ?? nameOf(label);
  const wrong = {
    label: label.trim() ? "" : words.needLabel,
    name: !NAME.test(name) ? words.needName : !field && taken.includes(name) ? words.takenName : "",
    values: type === "picklist" && values.length === 0 ? words.needValues : "",
  };
  const renew = async () => {
    onClose();
    await queries.invalidateQueries({ queryKey: ["visitor-fields"] });
    await queries.invalidateQueries({ queryKey: ["routing-fields"] });
  };
  const usual = sources.join() === SOURCES.join();
  const whole = {
    label: label.trim(),
    values: type === "picklist" ? values : [],
    sources: usual ? [] : sources,
  };
  const saving = useMutation({
    mutationFn: () =>
      field ? changeVisitorField(field.name, whole) : addVisitorField({ name, type, ...whole }),
    onSuccess: () => {
      say(field ? words.changed : words.added(label.trim()));
      return renew();
    },
  });
  const deleting = useMutation({
    mutationFn: () => deleteVisitorField(name),
    onSuccess: () => {
      say(words.deleted(label));
      return renew();
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong.label && !wrong.name && !wrong.values) saving.mutate();
  };
  const error = saving.error ?? deleting.error;
  return (
    <Dialog title={field ? words.edit(field.label) : words.add} open onClose={onClose}>
      <Form onSubmit={submit} validationBehavior="aria" className="dialog">
        <div className="dialog-body">
          <Field
            label={words.label}
            hint={words.labelHint}
            value={label}
            onChange={setLabel}
            maxLength={80}
            autoFocus={!field}
            error={tried ? wrong.label : undefined}
          />
          <Field
            label={words.name}
            hint={words.nameHint}
            value={name}
            onChange={setTyped}
            isDisabled={field !== null}
            error={tried || typed ? wrong.name : undefined}
          />
          <Select
            label={words.type}
            value={type}
            disabled={field !== null}
            choices={TYPES.map((id) => ({ id, name: words.types[id] ?? id }))}
            onChange={(id) => setType(id as FieldType)}
          />
          {type === "picklist" ? (
            <div className="field">
              <span className="field-label">{words.values}</span>
              <Chips
                label={words.values}
                chips={values.map((value) => ({ id: value, name: value }))}
                invalid={tried && Boolean(wrong.values)}
                onRemove={(value) => setValues(values.filter((one) => one !== value))}
                removeLabel={texts.routing.filter.removeValue}
              >
                <AddText
                  label={texts.routing.filter.addValue}
                  onAdd={(more) => setValues([...new Set([...values, ...more])])}
                  onBack={() => setValues(values.slice(0, -1))}
                />
              </Chips>
              <span className={tried && wrong.values ? "field-error" : "field-hint"}>
                {tried && wrong.values ? wrong.values : texts.routing.filter.listHint}
              </span>
            </div>
          ) : null}
          <SourceOrder sources={sources} onChange={setSources} />
          <p className="form-error" role="alert">
            {error
              ? error instanceof Refused && error.status < 500 && error.message
                ? error.message
                : words.failed
              : ""}
          </p>
        </div>
        <footer className="dialog-foot">
          {field ? (
            <Button look="quiet" onPress={() => setAsking(true)}>
              {words.delete}
            </Button>
          ) : null}
          <span className="spacer" />
          <Button onPress={onClose}>{texts.cancel}</Button>
          <Button type="submit" look="primary" isDisabled={saving.isPending}>
            {texts.save}
          </Button>
        </footer>
      </Form>
      <Confirm
        title={words.deleteTitle(label)}
        text={words.deleteText}
        action={words.delete}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => deleting.mutate()}
      />
    </Dialog>
  );
}

interface OrderProps {
  sources: readonly string[];
  onChange: (sources: readonly string[]) => void;
}

function SourceOrder({ sources, onChange }: OrderProps) {
  const move = (i: number, by: number) => {
    const next = [...sources];
    const [one] = next.splice(i, 1);
    if (one) next.splice(i + by, 0, one);
    onChange(next);
  };
  return (
    <details className="more">
      <summary>{words.sources}</summary>
      <p className="field-hint">{words.sourcesHint}</p>
      <ol className="source-order">
        {sources.map((source, i) => {
          const name = words.sourceNames[source] ?? source;
          return (
            <li key={source}>
              <span className="num meta">{i + 1}</span>
              <span className="spacer">{name}</span>
              <IconButton
                size="small"
                label={words.earlier(name)}
                isDisabled={i === 0}
                onPress={() => move(i, -1)}
              >
                <ArrowUp size={14} />
              </IconButton>
              <IconButton
                size="small"
                label={words.later(name)}
                isDisabled={i === sources.length - 1}
                onPress={() => move(i, 1)}
              >
                <ArrowDown size={14} />
              </IconButton>
            </li>
          );
        })}
      </ol>
    </details>
  );
}
