/** Working hours as they are edited. Pure. */
import type { Hours, Span } from "../api/desk-data";
import { texts } from "../texts";

/** Midnight as an end. A field of times knows only the midnight that a day begins with. */
export const DAY_END = "24:00";
export const shownEnd = (until: string): string => (until === DAY_END ? "00:00" : until);
export const endOf = (shown: string): string => (shown === "00:00" ? DAY_END : shown);

const OFFICE: Span = ["09:00", "17:00"];
const WORKING_DAYS = 5;

export const standardWeek = (): Hours["week"] =>
  Array.from({ length: 7 }, (_, day) => (day < WORKING_DAYS ? [OFFICE] : []));

const minutes = (time: string): number => {
  const [hours = NaN, rest = NaN] = time.split(":").map(Number);
  return hours * 60 + rest;
};

/** The span that a further one of the day begins with: after a break, as long as the day allows. */
export function nextSpan(spans: readonly Span[]): Span {
  const last = spans[spans.length - 1];
  if (!last) return OFFICE;
  const from = Math.min(minutes(last[1]) + 60, 23 * 60);
  return [clock(from), clock(Math.min(from + 240, 24 * 60))];
}

const clock = (at: number) =>
  `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;

/** What is wrong with a day; empty if nothing is. */
export function dayFault(spans: readonly Span[]): string {
  const sorted = [...spans].map(([a, b]) => [minutes(a), minutes(b)] as const);
  if (sorted.some(([from, until]) => !(from < until))) return texts.hours.order;
  sorted.sort((a, b) => a[0] - b[0]);
  const overlap = sorted.some((span, i) => i > 0 && span[0] < (sorted[i - 1]?.[1] ?? 0));
  return overlap ? texts.hours.overlap : "";
}

/** Hours of a whole week. */
export const weekHours = (week: Hours["week"]): number =>
  week.flat().reduce((sum, [from, until]) => sum + Math.max(0, minutes(until) - minutes(from)), 0) /
  60;
