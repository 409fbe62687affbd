/** Recorded requests routed again by the rules as they are edited (RT-13). */
import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical, Play } from "lucide-react";
import { useMemo, useState } from "react";
import { FileTrigger, ProgressBar } from "react-aria-components";

import { Refused } from "../api/http";
import { type BeforeAfter, simulate, simulationQuery, type SimulationResult } from "../api/routing";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Button } from "../kit/button";
import { Ago } from "../kit/now";
import { Radios } from "../kit/radios";
import { Select } from "../kit/select";
import { address } from "../route";
import { texts } from "../texts";
import { DataTable } from "./table";
import { useRouting } from "./use-draft";
import { type Known, useNames } from "./use-names";

const words = texts.routing.simulate;
const DAYS = ["1", "7", "14", "30"];

interface Csv {
  name: string;
  text: string;
  lines: number;
}

/** What was started last; it is there still after a look at the rules. */
let last: string | null = null;

export function Simulate() {
  const { data, error, refetch, drafting } = useRouting();
  const known = useNames();
  const [over, setOver] = useState<"days" | "csv">("days");
  const [days, setDays] = useState("7");
  const [csv, setCsv] = useState<Csv | null>(null);
  const [id, setId] = useState<string | null>(last);
  const starting = useMutation({
    mutationFn: () =>
      simulate(
        over === "days" ? { days: Number(days) } : { samples: csv?.text ?? "" },
        drafting?.now,
      ),
    onSuccess: ({ id: made }) => {
      last = made;
      setId(made);
    },
  });
  const rules = useMemo(
    () =>
      new Map(
        [...(data?.live.rules.rules ?? []), ...(drafting?.now.rules ?? [])].map((rule) => [
          rule.id,
          rule.name,
        ]),
      ),
    [data, drafting],
  );
  if (error && !data) {
    return <Failing error={error} title={texts.routing.failing} retry={() => void refetch()} />;
  }
  if (!drafting) return <Skeleton rows={4} height={72} words={texts.loading} />;
  return (
    <div className="page-body">
      <div className="simulate-form">
        <p className="meta">{words.text}</p>
        <div className="simulate-fields">
          <Radios
            label={words.over}
            hideLabel
            row
            value={over}
            choices={[
              { id: "days", name: words.days },
              { id: "csv", name: words.csv },
            ]}
            onChange={setOver}
          />
          {over === "days" ? (
            <Select
              label={words.period}
              hideLabel
              value={days}
              choices={DAYS.map((one) => ({ id: one, name: words.lastDays(Number(one)) }))}
              onChange={setDays}
            />
          ) : (
            <CsvFile csv={csv} onChange={setCsv} />
          )}
          <Button
            look="primary"
            icon={<Play size={15} />}
            isDisabled={starting.isPending || (over === "csv" && csv === null)}
            onPress={() => starting.mutate()}
          >
            {id === null ? words.run : words.again}
          </Button>
        </div>
        {starting.error ? (
          <p className="form-error" role="alert">
            {messageOf(starting.error)}
          </p>
        ) : null}
      </div>
      {id === null ? (
        <Blank icon={<FlaskConical />}>{words.idle}</Blank>
      ) : (
        <Progress key={id} id={id} known={known} rules={rules} />
      )}
    </div>
  );
}

const messageOf = (error: unknown) =>
  error instanceof Refused && error.status < 500 && error.message ? error.message : words.failed;

function CsvFile({ csv, onChange }: { csv: Csv | null; onChange: (csv: Csv) => void }) {
  const read = async (files: FileList | null) => {
    const file = files?.[0];
    if (!file) return;
    const text = await file.text();
    const lines = text.split(/\r?\n/).filter((line) => line.trim()).length - 1;
    onChange({ name: file.name, text, lines: Math.max(0, lines) });
  };
  return (
    <div className="file">
      <FileTrigger acceptedFileTypes={[".csv", "text/csv"]} onSelect={(files) => void read(files)}>
        <Button>{words.file}</Button>
      </FileTrigger>
      <span className="meta">{csv ? words.chosenFile(csv.name, csv.lines) : words.fileHint}</span>
    </div>
  );
}

/** Names of the rules, live and edited. */
type RuleNames = ReadonlyMap<string, string>;

function Progress({ id, known, rules }: { id: string; known: Known; rules: RuleNames }) {
  const { data, error, refetch } = useQuery(simulationQuery(id));
  if (error && !data) {
    return <Failing error={error} title={words.failed} retry={() => void refetch()} />;
  }
  if (data?.state === "failed") {
    return <Blank title={words.failed}>{data.message ?? texts.failing.server}</Blank>;
  }
  if (data?.result) return <Result result={data.result} known={known} rules={rules} />;
  return (
    <ProgressBar
      className="progress"
      aria-label={words.title}
      value={data?.done ?? 0}
      maxValue={Math.max(1, data?.of ?? 1)}
    >
      {({ percentage }) => (
        <>
          <span className="num" role="status">
            {data && data.of > 0 ? words.running(data.done, data.of) : words.starting}
          </span>
          <span className="progress-track">
            <i style={{ inlineSize: `${percentage ?? 0}%` }} />
          </span>
        </>
      )}
    </ProgressBar>
  );
}

interface ResultProps {
  result: SimulationResult;
  known: Known;
  rules: RuleNames;
}

function Result({ result, known, rules }: ResultProps) {
  return (
    <div className="result">
      <dl className="tiles">
        <Tile name={words.requests} value={result.requests} />
        <Tile
          name={words.moved}
          value={result.moved_count}
          part={part(result.moved_count, result)}
        />
        <Tile
          name={words.missedBefore}
          value={result.missed.before}
          part={part(result.missed.before, result)}
        />
        <Tile
          name={words.missedAfter}
          value={result.missed.after}
          part={part(result.missed.after, result)}
          look={
            result.missed.after > result.missed.before
              ? "worse"
              : result.missed.after < result.missed.before
                ? "better"
                : ""
          }
        />
      </dl>
      <div className="result-pair">
        <Pairs
          title={words.perRep}
          column={words.rep}
          counts={result.reps}
          name={(id) => known.reps.get(id) ?? id}
        />
        <Pairs
          title={words.perRule}
          column={words.rule}
          counts={result.rules}
          name={(id) => ruleName(id, rules)}
        />
      </div>
      <MovedTable result={result} known={known} rules={rules} />
    </div>
  );
}

const part = (n: number, { requests }: SimulationResult) =>
  requests ? `${Math.round((n / requests) * 1000) / 10} %` : "";

const ruleName = (id: string, rules: RuleNames): string =>
  id === "default" ? texts.routing.defaultRule : (rules.get(id) ?? id);

function Tile({
  name,
  value,
  part: share = "",
  look = "",
}: {
  name: string;
  value: number;
  part?: string;
  look?: string;
}) {
  return (
    <div className={`tile ${look}`}>
      <dt className="meta">{name}</dt>
      <dd className="num">
        {value.toLocaleString("en")} <span className="meta">{share}</span>
      </dd>
    </div>
  );
}

interface PairsProps {
  title: string;
  column: string;
  counts: Readonly<Record<string, BeforeAfter>>;
  name: (id: string) => string;
}

function Pairs({ title, column, counts, name }: PairsProps) {
  const rows = Object.entries(counts)
    .map(([id, one]) => ({ id, name: name(id), ...one }))
    .sort((a, b) => b.after - a.after || a.name.localeCompare(b.name));
  const figures = rows.flatMap((row) => [row.before, row.after]);
  const most = Math.max(1, ...figures);
  const digits = figures.every(Number.isInteger) ? 0 : 1;
  const figure = (n: number) =>
    n.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (
    <section className="result-part">
      <h2>{title}</h2>
      <DataTable
        label={title}
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          {
            id: "name",
            name: column,
            cell: (row) => <span dir="auto">{row.name}</span>,
            by: (row) => row.name,
          },
          {
            id: "before",
            name: words.before,
            number: true,
            cell: (row) => figure(row.before),
            by: (row) => row.before,
          },
          {
            id: "after",
            name: words.after,
            number: true,
            cell: (row) => (
              <>
                <span className="bar" aria-hidden="true">
                  <i style={{ inlineSize: `${(row.after / most) * 100}%` }} />
                </span>
                <span className="figure">{figure(row.after)}</span>
              </>
            ),
            by: (row) => row.after,
          },
          {
            id: "change",
            name: words.change,
            number: true,
            cell: (row) => signed(row.after - row.before),
            by: (row) => row.after - row.before,
          },
        ]}
      />
    </section>
  );
}

const signed = (n: number) =>
  n > 0 ? `+${n.toLocaleString("en")}` : n.toLocaleString("en").replace("-", "−");

function MovedTable({ result, known, rules }: ResultProps) {
  const reps = (ids: readonly string[]) =>
    ids.length ? ids.map((id) => known.reps.get(id) ?? id).join(", ") : words.nobody;
  return (
    <section className="result-part">
      <h2>{words.movedTitle}</h2>
      {result.moved.length === 0 ? (
        <p className="meta">{words.movedNone}</p>
      ) : (
        <>
          {result.moved_count > result.moved.length ? (
            <p className="meta">{words.movedMore(result.moved.length, result.moved_count)}</p>
          ) : null}
          <DataTable
            label={words.movedTitle}
            rows={result.moved}
            rowKey={(row) => row.conversation}
            columns={[
              {
                id: "visitor",
                name: words.visitor,
                cell: (row) =>
                  // A line of a CSV is nobody's conversation.
                  row.conversation.startsWith("line-") ? (
                    <span dir="auto">{row.visitor || words.line(row.conversation.slice(5))}</span>
                  ) : (
                    <a
                      href={address({ page: "history", conversation: row.conversation, query: "" })}
                      dir="auto"
                    >
                      {row.visitor || texts.visitor.unnamed}
                    </a>
                  ),
                by: (row) => row.visitor,
              },
              {
                id: "at",
                name: words.when,
                cell: (row) => <Ago at={row.at} />,
                by: (row) => row.at,
              },
              ...(["before", "after"] as const).map((side) => ({
                id: side,
                name: words[side],
                cell: (row: SimulationResult["moved"][number]) => (
                  <>
                    <span className="clip" dir="auto">
                      {row[side].name ?? ruleName(row[side].rule, rules)}
                    </span>
                    <span className="meta clip">{reps(row[side].reps)}</span>
                  </>
                ),
                by: (row: SimulationResult["moved"][number]) => row[side].rule,
              })),
            ]}
          />
        </>
      )}
    </section>
  );
}
