/** Who was offered how much for the time they were available, and what became of each rule's
 * requests (RT-15). */
import { useQuery } from "@tanstack/react-query";
import { Scale, TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";

import { type FairReps, type FairRules, fairnessQuery } from "../api/routing";
import { country } from "../format";
import { Avatar } from "../kit/avatar";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Select } from "../kit/select";
import { texts } from "../texts";
import { type Column, DataTable } from "./table";
import { type Known, useNames } from "./use-names";

const words = texts.routing.fairness;
const DAY = 86_400_000;
type Period = keyof typeof words.periods;

export function Fairness() {
  const known = useNames();
  const [period, setPeriod] = useState<Period>("7");
  // The end is kept while the page is: otherwise each drawing would ask anew.
  const [until] = useState(() => Math.ceil(Date.now() / 60_000) * 60_000);
  const { data, error, refetch } = useQuery(fairnessQuery(until - Number(period) * DAY, until));
  return (
    <div className="page-body">
      <div className="page-tools spread">
        <p className="meta">{words.text}</p>
        <div className="short">
          <Select
            label={words.period}
            hideLabel
            value={period}
            choices={Object.entries(words.periods).map(([id, name]) => ({ id, name }))}
            onChange={(id) => setPeriod(id as Period)}
          />
        </div>
      </div>
      {error && !data ? (
        <Failing error={error} title={words.failing} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton rows={6} height={48} words={texts.loading} />
      ) : data.reps.length + data.rules.length === 0 ? (
        <Blank icon={<Scale />}>{words.empty}</Blank>
      ) : (
        <div className="result">
          <section className="result-part">
            <h2>{words.drift}</h2>
            {data.drift.length ? (
              <ul className="remarks">
                {data.drift.map((one) => (
                  <li key={one.words} className="warning">
                    <TriangleAlert size={14} aria-hidden="true" /> {one.words}
                  </li>
                ))}
              </ul>
            ) : (
              <p className="meta">{words.noDrift}</p>
            )}
          </section>
          <RepsTable reps={data.reps} known={known} />
          <RulesTable rules={data.rules} />
        </div>
      )}
    </div>
  );
}

type Count = "offered" | "shown" | "claimed" | "declined" | "expired";

function RepsTable({ reps, known }: { reps: readonly FairReps[]; known: Known }) {
  const most = Math.max(0.01, ...reps.map((one) => one.per_hour));
  const name = (id: string) => known.reps.get(id) ?? id;
  const count = (id: Count): Column<FairReps> => ({
    id,
    name: words.columns[id],
    number: true,
    cell: (row) => row[id].toLocaleString("en"),
    by: (row) => row[id],
  });
  return (
    <section className="result-part">
      <h2>{words.reps}</h2>
      <DataTable
        label={words.reps}
        rows={reps}
        rowKey={(row) => row.rep}
        columns={[
          {
            id: "rep",
            name: words.columns.rep,
            cell: (row) => (
              <span className="cell-who">
                <Avatar id={row.rep} name={name(row.rep)} size={24} />
                <span className="clip" dir="auto">
                  {name(row.rep)}
                </span>
              </span>
            ),
            by: (row) => name(row.rep),
          },
          {
            id: "hours",
            name: words.columns.available_hours,
            number: true,
            cell: (row) => words.hours(row.available_hours),
            by: (row) => row.available_hours,
          },
          ...(["offered", "shown", "claimed", "declined", "expired"] as const).map(count),
          {
            id: "per_hour",
            name: words.columns.per_hour,
            number: true,
            cell: (row) => (
              <>
                <span className="bar" aria-hidden="true">
                  <i style={{ inlineSize: `${(row.per_hour / most) * 100}%` }} />
                </span>
                <span className="figure">
                  {row.per_hour.toLocaleString("en", {
                    minimumFractionDigits: 2,
                    maximumFractionDigits: 2,
                  })}
                </span>
              </>
            ),
            by: (row) => row.per_hour,
          },
        ]}
      />
    </section>
  );
}

interface RuleSum {
  key: string;
  name: string;
  region: string;
  requests: number;
  claimed: number;
  missed: number;
}

/** The days of one rule and region added up. */
function summed(rules: readonly FairRules[]): RuleSum[] {
  const sums = new Map<string, RuleSum>();
  for (const { rule, name, region, requests, claimed, missed } of rules) {
    const key = `${rule} ${region}`;
    const was = sums.get(key) ?? { key, name, region, requests: 0, claimed: 0, missed: 0 };
    sums.set(key, {
      ...was,
      requests: was.requests + requests,
      claimed: was.claimed + claimed,
      missed: was.missed + missed,
    });
  }
  return [...sums.values()].sort((a, b) => b.requests - a.requests);
}

const rate = (row: RuleSum) => (row.requests ? (row.claimed / row.requests) * 100 : 0);

function RulesTable({ rules }: { rules: readonly FairRules[] }) {
  const rows = useMemo(() => summed(rules), [rules]);
  const columns: Column<RuleSum>[] = [
    {
      id: "name",
      name: words.ruleColumns.name,
      cell: (row) => <span dir="auto">{row.name}</span>,
      by: (row) => row.name,
    },
    {
      id: "region",
      name: words.ruleColumns.region,
      cell: (row) => country(row.region) || <span className="meta">{words.noRegion}</span>,
      by: (row) => country(row.region),
    },
    ...(["requests", "claimed", "missed"] as const).map((id): Column<RuleSum> => ({
      id,
      name: words.ruleColumns[id],
      number: true,
      cell: (row) => row[id].toLocaleString("en"),
      by: (row) => row[id],
    })),
    {
      id: "rate",
      name: words.ruleColumns.rate,
      number: true,
      cell: (row) => (
        <>
          <span className="bar" aria-hidden="true">
            <i style={{ inlineSize: `${rate(row)}%` }} />
          </span>
          <span className="figure">{Math.round(rate(row))}</span>
        </>
      ),
      by: rate,
    },
  ];
  return (
    <section className="result-part">
      <h2>{words.rules}</h2>
      <DataTable label={words.rules} rows={rows} rowKey={(row) => row.key} columns={columns} />
    </section>
  );
}
