/** The widget's words in the visitor's language. */
import { CATALOGUE, type Key, LANGUAGES, type Language } from "./catalogue.ts";

export interface Texts {
  language: Language;
  say: (key: Key, values?: Record<string, string | number>) => string;
  /** "12 seconds", "2 minutes": whole units, rounded down. */
  duration: (seconds: number) => string;
  /** The time of the day; with the date when that was more than a day ago. */
  clock: (at: string) => string;
  /** Day and time in full. */
  moment: (at: string) => string;
}

/** `own`: the language of the visitor's browser; where it is the widget's, its region sets the clock. */
export function textsFor(tag: string, own: string = tag): Texts {
  const language = nearest(tag);
  const place = own.toLowerCase().split("-")[0] === language ? own : tag;
  const index = LANGUAGES.indexOf(language);
  return {
    language,
    say: (key, values = {}) => fill(CATALOGUE[key][index] ?? CATALOGUE[key][0], values),
    duration: (seconds) => durationIn(language, seconds),
    clock: (at) => clockIn(place, new Date(at)),
    moment: (at) => new Date(at).toLocaleString(place, { dateStyle: "full", timeStyle: "short" }),
  };
}

export function nearest(tag: string): Language {
  const base = tag.toLowerCase().split("-")[0];
  return LANGUAGES.find((each) => each === base) ?? "en";
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

function durationIn(language: Language, seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, "second"] : [Math.floor(seconds / 60), "minute"];
  const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.max(0, Math.floor(count)));
}

const DAY_MS = 24 * 3600 * 1000;

function clockIn(tag: string, at: Date): string {
  const time = { hour: "numeric", minute: "2-digit" } as const;
  if (Date.now() - at.getTime() < DAY_MS) return at.toLocaleTimeString(tag, time);
  return at.toLocaleString(tag, { day: "numeric", month: "short", ...time });
}
