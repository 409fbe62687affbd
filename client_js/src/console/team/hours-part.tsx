/** A rep's working hours: a week in their time zone, and days off (PR-1). */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, CopyCheck, Plus, X } from "lucide-react";
import { useMemo, useState } from "react";

import { deleteHours, type Hours, hoursQuery, putHours, type Span } from "../api/desk-data";
import { clock } from "../format";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { useNow } from "../kit/now";
import { Pick } from "../kit/pick";
import { say } from "../kit/toast";
import { texts } from "../texts";
import { messageOf } from "./rep-dialog";
import { DAY_END, dayFault, endOf, nextSpan, shownEnd, standardWeek, weekHours } from "./week";

const words = texts.hours;

export function HoursPart({ id, editable }: { id: string; editable: boolean }) {
  const { data, error, refetch } = useQuery(hoursQuery(id));
  if (error && data === undefined) {
    return <Failing small error={error} title={words.failing} retry={() => void refetch()} />;
  }
  if (data === undefined) return <Skeleton rows={5} height={40} words={texts.loading} />;
  return <HoursForm key={JSON.stringify(data)} id={id} kept={data} editable={editable} />;
}

interface FormProps {
  id: string;
  kept: Hours | null;
  editable: boolean;
}

function HoursForm({ id, kept, editable }: FormProps) {
  const queries = useQueryClient();
  const [hours, setHours] = useState<Hours | null>(kept);
  const renew = () => queries.invalidateQueries({ queryKey: ["hours", id] });
  const saving = useMutation({
    mutationFn: (next: Hours | null) => (next ? putHours(id, next) : deleteHours(id)),
    onSuccess: (_, next) => {
      say(next ? words.saved : words.cleared);
      return renew();
    },
  });
  if (!hours) {
    const begin = () =>
      setHours({
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
        week: standardWeek(),
        off: [],
      });
    return (
      <Blank
        small
        icon={<CalendarClock />}
        action={editable ? <Button onPress={begin}>{words.set}</Button> : null}
      >
        {words.always}
      </Blank>
    );
  }
  const faulty = hours.week.some((day) => dayFault(day) !== "");
  const same = JSON.stringify(hours) === JSON.stringify(kept);
  return (
    <fieldset className="hours" disabled={!editable}>
      <legend className="unseen">{words.title}</legend>
      <Zone value={hours.timezone} onChange={(timezone) => setHours({ ...hours, timezone })} />
      <ul className="week">
        {words.days.map((name, day) => (
          <Day
            key={name}
            name={name}
            spans={hours.week[day] ?? []}
            onChange={(spans) =>
              setHours({ ...hours, week: hours.week.map((one, i) => (i === day ? spans : one)) })
            }
            onCopy={() =>
              setHours({
                ...hours,
                week: hours.week.map((one, i) => (i < 5 ? (hours.week[day] ?? []) : one)),
              })
            }
          />
        ))}
      </ul>
      <p className="meta num">
        {words.total(
          `${weekHours(hours.week).toLocaleString("en", { maximumFractionDigits: 1 })} h`,
        )}
      </p>
      <DaysOff off={hours.off} onChange={(off) => setHours({ ...hours, off })} />
      <p className="form-error" role="alert">
        {saving.error ? messageOf(saving.error) : ""}
      </p>
      {editable ? (
        <div className="hours-foot">
          {kept ? (
            <Button look="quiet" onPress={() => saving.mutate(null)}>
              {words.clear}
            </Button>
          ) : null}
          <span className="spacer" />
          <Button
            look="primary"
            isDisabled={faulty || same || saving.isPending}
            onPress={() => saving.mutate(hours)}
          >
            {texts.save}
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}

function Zone({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const now = useNow(15_000);
  const choices = useMemo(() => {
    const zones = Intl.supportedValuesOf("timeZone");
    return [...new Set([value, "UTC", ...zones])].map((id) => ({
      id,
      name: id.replaceAll("_", " "),
    }));
  }, [value]);
  return (
    <div className="zone">
      <Pick
        label={words.timezone}
        value={value}
        sections={[{ id: "zones", name: "", choices }]}
        placeholder={words.timezone}
        find={words.findZone}
        none={words.noZone}
        onChange={onChange}
      />
      <span className="meta num">{words.now(clock(now, value))}</span>
    </div>
  );
}

interface DayProps {
  name: string;
  spans: readonly Span[];
  onChange: (spans: readonly Span[]) => void;
  onCopy: () => void;
}

function Day({ name, spans, onChange, onCopy }: DayProps) {
  const fault = dayFault(spans);
  const set = (i: number, span: Span) => onChange(spans.map((one, at) => (at === i ? span : one)));
  return (
    <li className="day">
      <b>{name}</b>
      <div className="day-spans">
        {spans.length === 0 ? <span className="meta">{words.free}</span> : null}
        {spans.map(([from, until], i) => (
          <span key={i} className="span num">
            <input
              type="time"
              className="input"
              aria-label={words.from(name)}
              aria-invalid={fault ? true : undefined}
              value={from}
              onChange={(event) => set(i, [event.target.value, until])}
            />
            <span aria-hidden="true">–</span>
            <input
              type="time"
              className="input"
              aria-label={words.until(name)}
              aria-invalid={fault ? true : undefined}
              value={shownEnd(until)}
              onChange={(event) => set(i, [from, endOf(event.target.value)])}
            />
            {until === DAY_END ? <span className="meta">{words.midnight}</span> : null}
            <IconButton
              size="small"
              label={words.remove(name)}
              onPress={() => onChange(spans.filter((_, at) => at !== i))}
            >
              <X size={14} />
            </IconButton>
          </span>
        ))}
        {fault ? (
          <span className="field-error" role="status">
            {fault}
          </span>
        ) : null}
      </div>
      <span className="day-tools">
        <IconButton
          size="small"
          label={words.add(name)}
          onPress={() => onChange([...spans, nextSpan(spans)])}
        >
          <Plus size={14} />
        </IconButton>
        <IconButton size="small" label={words.copy(name)} place="left" onPress={onCopy}>
          <CopyCheck size={14} />
        </IconButton>
      </span>
    </li>
  );
}

function DaysOff({ off, onChange }: { off: readonly string[]; onChange: (off: string[]) => void }) {
  const [day, setDay] = useState("");
  const add = () => {
    if (day) onChange([...new Set([...off, day])].sort());
    setDay("");
  };
  return (
    <div className="field">
      <label className="field-label" htmlFor="day-off">
        {words.off}
      </label>
      <ul className="chip-list">
        {off.map((one) => (
          <li key={one} className="chip num">
            {new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" }).format(
              Date.parse(one),
            )}
            <button
              type="button"
              aria-label={words.removeOff(one)}
              onClick={() => onChange(off.filter((other) => other !== one))}
            >
              <X size={12} />
            </button>
          </li>
        ))}
      </ul>
      <div className="row-form">
        <input
          id="day-off"
          type="date"
          className="input"
          value={day}
          onChange={(event) => setDay(event.target.value)}
        />
        <Button isDisabled={!day} onPress={add}>
          {words.addOffAction}
        </Button>
      </div>
    </div>
  );
}
