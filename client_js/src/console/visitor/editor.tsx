/** One value while it is edited, by its type. Enter and leaving save it, Escape doesn't. */
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";

import { Pick } from "../kit/pick";
import { Select } from "../kit/select";
import { texts } from "../texts";
import { type Row, typed, type Value, wrong } from "./known";

const words = texts.visitor;
/** Of more values than these one is found by typing. */
const AT_A_GLANCE = 8;
/** Ms: longer than a list takes to fade. */
const SETTLES = 250;
/** No field's value: a choice needs an id. */
const UNKNOWN = "\u0000unknown";

interface Props {
  row: Row;
  saving: boolean;
  /** The server's. */
  error: string;
  onSave: (value: Value) => void;
  onCancel: () => void;
}

export function Editor(props: Props) {
  const { type, values } = props.row;
  if (type === "boolean" || (type === "picklist" && values.length > 0))
    return <Choosing {...props} />;
  return <Typing {...props} />;
}

function Choosing({ row, saving, error, onSave, onCancel }: Props) {
  const id = useId();
  const chosen = useRef(false);
  const choices = [
    ...(row.type === "boolean"
      ? [
          { id: "true", name: words.yes },
          { id: "false", name: words.no },
        ]
      : row.values.map((value) => ({ id: value, name: value }))),
    ...(row.value === null ? [] : [{ id: UNKNOWN, name: words.unknown }]),
  ];
  const choose = (id: string) => {
    chosen.current = true;
    onSave(id === UNKNOWN ? null : row.type === "boolean" ? id === "true" : id);
  };
  // It closes by a choice, too, and says so in either order.
  const close = () =>
    setTimeout(() => {
      if (!chosen.current) onCancel();
      chosen.current = false;
    });
  const common = {
    label: row.label,
    hideLabel: true,
    value: row.value === null ? "" : String(row.value),
    disabled: saving,
    opened: true,
    onChange: choose,
    onClose: close,
  };
  return (
    <div className="fact-editor" aria-describedby={error ? id : undefined}>
      {choices.length > AT_A_GLANCE ? (
        <Pick
          {...common}
          sections={[{ id: "values", name: "", choices }]}
          placeholder={words.choose}
          find={words.findValue}
          none={words.noValue}
        />
      ) : (
        <Select {...common} choices={choices} />
      )}
      <Fault id={id} error={error} />
    </div>
  );
}

function Typing({ row, saving, error, onSave, onCancel }: Props) {
  const id = useId();
  const first = row.value === null ? "" : String(row.value);
  const [text, setText] = useState(first);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState(""); // what the server didn't take
  const done = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  const settled = useSettledFocus(input);
  const value = typed(row.type, text);
  const fault = tried ? wrong(row.type, value) || (text === refused ? error : "") : "";

  const save = () => {
    if (done.current || saving) return;
    if (!settled()) return;
    if (value === row.value || text === first) {
      done.current = true;
      onCancel();
      return;
    }
    setTried(true);
    if (wrong(row.type, value)) return;
    setRefused(text);
    onSave(value);
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation(); // the page, or the drawer, has its own ideas of these keys
    if (event.key === "Enter") save();
    else {
      done.current = true;
      onCancel();
    }
  };
  return (
    <div className="fact-editor">
      <input
        ref={input}
        className="input"
        aria-label={row.label}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault ? id : undefined}
        data-invalid={fault ? true : undefined}
        type={row.type === "date" ? "date" : row.type === "email" ? "email" : "text"}
        inputMode={row.type === "number" ? "decimal" : undefined}
        maxLength={256}
        autoComplete="off"
        dir="auto"
        readOnly={saving}
        autoFocus
        value={text}
        onFocus={(event) => (row.type === "date" ? undefined : event.target.select())}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
        onBlur={save}
      />
      <Fault id={id} error={fault} />
    </div>
  );
}

/** A list that was closed by choosing gives the focus back where it came from, some moments after
 * this field was drawn: then it comes here again, and losing it meant nothing. */
function useSettledFocus(input: RefObject<HTMLInputElement | null>): () => boolean {
  const done = useRef(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      done.current = true;
      input.current?.focus();
    }, SETTLES);
    return () => clearTimeout(timer);
  }, [input]);
  return () => done.current || document.activeElement === input.current;
}

function Fault({ id, error }: { id: string; error: string }) {
  return (
    <p id={id} className="field-error" role="alert" hidden={!error}>
      {error}
    </p>
  );
}
