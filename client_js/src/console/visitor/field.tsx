/** One thing that is known of a visitor: read as text with who said so, edited in place (VS-3). */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Copy, Pencil } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button as AriaButton } from "react-aria-components";

import { changeVisitor, conversationQuery } from "../api/conversations";
import { Refused, refusal } from "../api/http";
import { IconButton } from "../kit/button";
import { useNow } from "../kit/now";
import { say } from "../kit/toast";
import { useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { Editor } from "./editor";
import { type Row, sourceTitle, sourceWords, type Value, valueWords } from "./known";

const words = texts.visitor;

interface Props {
  row: Row;
  conversation: string;
  editable: boolean;
  /** It was just added: nothing is known yet, and it is asked for at once. */
  fresh: boolean;
  onDone: () => void;
}

export function Field({ row, conversation, editable, fresh, onDone }: Props) {
  const [editing, setEditing] = useState(fresh);
  const button = useRef<HTMLButtonElement>(null);
  const returning = useRef(false);
  const end = () => {
    returning.current = true;
    setEditing(false);
    onDone();
  };
  const saving = useSaving(conversation, row, end);
  useEffect(() => {
    if (editing || !returning.current) return;
    returning.current = false;
    // Whoever left by a click is elsewhere already.
    if (document.activeElement === document.body) button.current?.focus();
  }, [editing]);

  if (editing && editable) {
    return (
      <Named row={row}>
        <Editor
          row={row}
          saving={saving.isPending}
          error={saving.error ? faultOf(saving.error, row.name) : ""}
          onSave={(value) => saving.mutate(value)}
          onCancel={() => {
            saving.reset();
            end();
          }}
        />
      </Named>
    );
  }
  const edit = () => {
    saving.reset();
    setEditing(true);
  };
  const shown = saving.shown(row);
  return (
    <Named row={row}>
      <Reading row={shown} edit={editable ? edit : null} button={button} />
      <Source row={shown} />
    </Named>
  );
}

/** Saves, and shows what was saved until the desk has told it to this tab. */
function useSaving(conversation: string, row: Row, done: () => void) {
  const queries = useQueryClient();
  const [mine, setMine] = useState<{ value: Value; over: Row } | null>(null);
  const saving = useMutation({
    mutationFn: (value: Value) => changeVisitor(conversation, { [row.name]: value }),
    onSuccess: (visitor, value) => {
      setMine({ value, over: row });
      const { queryKey } = conversationQuery(conversation);
      queries.setQueryData(queryKey, (old) => (old ? { ...old, visitor } : old));
      done();
    },
  });
  const shown = (now: Row): Row => {
    const same = mine && mine.over.value === now.value && mine.over.source === now.source;
    return same ? { ...now, value: mine.value, source: mine.value === null ? "" : "rep" } : now;
  };
  return { ...saving, shown };
}

function faultOf(error: unknown, name: string): string {
  if (error instanceof Refused && error.fields[name]) return error.fields[name];
  const { kind } = refusal(error);
  if (kind === "denied") return words.notYours;
  return kind === "missing" ? words.over : words.notSaved;
}

function Named({ row, children }: { row: Row; children: React.ReactNode }) {
  return (
    <>
      <dt>{row.label}</dt>
      <dd dir="auto">{children}</dd>
    </>
  );
}

interface ReadingProps {
  row: Row;
  edit: (() => void) | null;
  button: React.RefObject<HTMLButtonElement | null>;
}

function Reading({ row, edit, button }: ReadingProps) {
  const text = valueWords(row);
  if (row.type === "email" && typeof row.value === "string") {
    return <Email email={row.value} label={row.label} edit={edit} button={button} />;
  }
  if (!edit) return <span className="fact-value">{text}</span>;
  return (
    <AriaButton
      ref={button}
      className="fact-edit"
      aria-label={words.editValue(text, row.label)}
      onPress={edit}
    >
      <span className={row.value === null ? "placeholder" : undefined}>{text}</span>
      <Pencil size={12} aria-hidden="true" />
    </AriaButton>
  );
}

function Email(props: Omit<ReadingProps, "row"> & { email: string; label: string }) {
  const { email, label, edit, button } = props;
  const copy = async () => {
    await navigator.clipboard.writeText(email);
    say(words.copied);
  };
  return (
    <span className="with-tool">
      <a
        className="clip"
        href={`mailto:${encodeURIComponent(email).replace("%40", "@")}`}
        title={email}
      >
        {email}
      </a>
      <IconButton size="small" label={words.copyEmail} onPress={() => void copy()}>
        <Copy size={14} />
      </IconButton>
      {edit ? (
        <IconButton ref={button} size="small" label={words.edit(label)} onPress={edit}>
          <Pencil size={14} />
        </IconButton>
      ) : null}
    </span>
  );
}

function Source({ row }: { row: Row }) {
  const now = useNow(15_000);
  const me = useLiveState((state) => state.me?.id ?? "");
  const said = row.value === null ? "" : sourceWords(row, me, now);
  return said ? (
    <span className="fact-source" title={sourceTitle(row)}>
      {said}
    </span>
  ) : null;
}
