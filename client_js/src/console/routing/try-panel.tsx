/** The rules as they are edited, tried on one visitor: the decision in words, beside what the live
 * rules decide (RT-13). */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Equal, Shuffle, X } from "lucide-react";
import { useMemo, useState } from "react";

import { conversationsQuery } from "../api/conversations";
import { type RoutingField, type Scalar, type Told, tryRules } from "../api/routing";
import { ago, chatName } from "../format";
import { Sentences } from "../history/sentences";
import { Failing } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { useNow } from "../kit/now";
import { Pick } from "../kit/pick";
import { Radios } from "../kit/radios";
import { useSettled } from "../kit/settled";
import { texts } from "../texts";
import { aboutOf, type Facts } from "./about";
import type { Drafting } from "./drafting";
import { fieldSections } from "./filter-builder";
import { everyTest } from "./filter-tree";
import { handlingOf, isRule } from "./rules";
import { stampOf } from "./use-checked";
import type { Known } from "./use-names";
import { OneValue } from "./value-field";

const words = texts.routing.try;

interface Props {
  drafting: Drafting;
  known: Known;
  open: string | null;
  /** The rules can't be read as they are. */
  faulty: boolean;
  /** It is shown what is wrong with them. */
  marked: boolean;
}

/** What a rule most often asks, where no rule is open. */
const USUAL = ["location.country", "visitor.email", "visitor.employees", "page.url"];

let remembered: Facts = {};

export function TryPanel({ drafting, known, open, faulty, marked }: Props) {
  const [source, setSource] = useState<"visitor" | "conversation">("visitor");
  const [facts, setFacts] = useState<Facts>(remembered);
  const [conversation, setConversation] = useState("");
  const change = (next: Facts) => {
    remembered = next;
    setFacts(next);
  };
  const given = Object.values(facts).some((value) => value !== null && value !== "");
  const ready = source === "visitor" ? given : conversation !== "";
  return (
    <div className="try-panel">
      <h2>{words.title}</h2>
      <Radios
        label={words.samples}
        hideLabel
        row
        value={source}
        choices={[
          { id: "visitor", name: words.visitor },
          { id: "conversation", name: words.conversation },
        ]}
        onChange={setSource}
      />
      {source === "visitor" ? (
        <FactsForm facts={facts} known={known} asked={askedBy(drafting, open)} onChange={change} />
      ) : (
        <Conversations value={conversation} onChange={setConversation} />
      )}
      {faulty ? (
        <p className={marked ? "field-error" : "meta"}>
          {marked ? words.faults : words.unfinished}
        </p>
      ) : ready ? (
        <Outcome
          drafting={drafting}
          sample={source === "visitor" ? { about: aboutOf(facts) } : { conversation }}
        />
      ) : (
        <p className="meta">{words.nothing}</p>
      )}
    </div>
  );
}

/** The fields that the open rule looks at. */
function askedBy(drafting: Drafting, open: string | null): readonly string[] {
  const one = open === null ? undefined : handlingOf(drafting.now, open);
  if (!one || !isRule(one)) return USUAL;
  const keys = everyTest(one.when).map((test) => test.field);
  return [...new Set(keys.filter(Boolean))];
}

interface FactsProps {
  facts: Facts;
  known: Known;
  asked: readonly string[];
  onChange: (facts: Facts) => void;
}

function FactsForm({ facts, known, asked, onChange }: FactsProps) {
  const shown = [...new Set([...asked, ...Object.keys(facts)])]
    .map((key) => known.fields.get(key))
    .filter((field): field is RoutingField => field !== undefined);
  const left = known.allFields.filter((field) => !shown.includes(field));
  const set = (key: string, value: Scalar) => onChange({ ...facts, [key]: value });
  const drop = (key: string) =>
    onChange(Object.fromEntries(Object.entries(facts).filter(([one]) => one !== key)));
  return (
    <div className="facts-form">
      <p className="meta">{words.fill}</p>
      {shown.map((field) => (
        <div key={field.key} className="fact">
          <span className="clip" title={field.key}>
            {field.label}
          </span>
          <OneValue
            test={{ field: field.key, op: "is" }}
            field={field}
            label={field.label}
            value={facts[field.key] ?? null}
            invalid={false}
            describedBy={undefined}
            onChange={(value) => set(field.key, value)}
          />
          <IconButton
            size="small"
            label={words.remove(field.label)}
            isDisabled={facts[field.key] === undefined}
            onPress={() => drop(field.key)}
          >
            <X size={14} />
          </IconButton>
        </div>
      ))}
      <div className="facts-tools">
        <Pick
          label={words.add}
          hideLabel
          look="small"
          value=""
          sections={fieldSections(left)}
          placeholder={words.add}
          find={texts.routing.filter.findField}
          none={texts.routing.filter.noField}
          onChange={(key) => set(key, known.fields.get(key)?.type === "boolean" ? true : "")}
        />
        {Object.keys(facts).length ? (
          <Button size="small" look="quiet" onPress={() => onChange({})}>
            {words.clear}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

function Conversations({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const past = useInfiniteQuery(conversationsQuery({}));
  const now = useNow(15_000);
  const choices = useMemo(
    () =>
      (past.data?.pages ?? [])
        .flatMap((page) => page.conversations)
        .map((one) => ({
          id: one.id,
          name: chatName(one.visitor ? { visitor: one.visitor } : {}),
          hint: `${ago(one.requested_at, now)} · ${texts.history.states[one.state]}`,
        })),
    [past.data, now],
  );
  if (past.error) return <Failing small error={past.error} retry={() => void past.refetch()} />;
  return (
    <Pick
      label={words.conversation}
      hideLabel
      value={value}
      sections={[{ id: "past", name: "", choices }]}
      placeholder={words.pick}
      find={words.findConversation}
      none={words.noConversations}
      onChange={onChange}
    />
  );
}

type Sample = Parameters<typeof tryRules>[0];

function Outcome({ drafting, sample }: { drafting: Drafting; sample: Sample }) {
  const set = useSettled(drafting.now, 500);
  const wanted = useSettled(JSON.stringify(sample), 400);
  const asked = useQuery({
    queryKey: ["routing-try", stampOf(set), wanted],
    queryFn: ({ signal }) => tryRules(JSON.parse(wanted) as Sample, set, signal),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 5_000,
    retry: false,
  });
  if (asked.error) {
    return (
      <Failing small error={asked.error} title={words.failed} retry={() => void asked.refetch()} />
    );
  }
  if (!asked.data) return <p className="meta">{words.running}</p>;
  const { draft, live } = asked.data;
  const same = JSON.stringify(draft.words) === JSON.stringify(live.words);
  return (
    <div className={asked.isPlaceholderData ? "outcomes stale" : "outcomes"} role="status">
      <Decided title={words.draft} told={draft} />
      {same ? (
        <p className="verdict">
          <Equal size={15} aria-hidden="true" /> {words.same}
        </p>
      ) : (
        <>
          <p className="verdict differs">
            <Shuffle size={15} aria-hidden="true" /> {words.differs}
          </p>
          <Decided title={words.live} told={live} />
        </>
      )}
    </div>
  );
}

function Decided({ title, told }: { title: string; told: Told }) {
  return (
    <section className="decided">
      <h3>{title}</h3>
      <Sentences words={told.words} record={told.record} />
    </section>
  );
}
