/** Times, names and places as a person says them. Everything is pure: `now` is handed in. */
import type { About, Conversation } from "../protocol/index.ts";
import { texts } from "./texts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** ms since 1970 of what the server sends: RFC 3339, or already ms. 0 if it is neither. */
export function ms(at: string | number | undefined | null): number {
  if (typeof at === "number") return at;
  const value = Date.parse(at ?? "");
  return Number.isNaN(value) ? 0 : value;
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });

/** "now", "3 min ago", "5 h ago"; from a day on the date, with the year when it isn't this one. */
export function ago(at: number, now: number): string {
  const past = now - at;
  if (past < 45 * SECOND && past > -45 * SECOND) return "now";
  if (past < 0) return ahead(-past);
  if (past < HOUR) return relative.format(-Math.max(1, Math.round(past / MINUTE)), "minute");
  if (past < DAY) return relative.format(-Math.floor(past / HOUR), "hour");
  return date(at, now);
}

function ahead(left: number): string {
  if (left < HOUR) return relative.format(Math.round(left / MINUTE), "minute");
  if (left < 1.5 * DAY) return relative.format(Math.round(left / HOUR), "hour");
  return relative.format(Math.round(left / DAY), "day");
}

/** "12 Nov", or "12 Nov 2024" in another year. */
export function date(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(at);
}

/** "14:03" here, or in a named time zone; empty for a zone that doesn't exist. */
export function clock(at: number, timeZone?: string): string {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      ...(timeZone === undefined ? {} : { timeZone }),
    }).format(at);
  } catch {
    return "";
  }
}

/** The whole moment, for a title: "Thursday 12 November 2026, 14:03:22". */
export function fully(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" }).format(at);
}

/** "Today", "Yesterday" or "Thursday 12 November": the heading between two days. */
export function day(at: number, now: number): string {
  const days = Math.round((midnight(now) - midnight(at)) / DAY);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(days > 300 ? { year: "numeric" } : {}),
  }).format(at);
}

/** "26 Nov": a day beside others. */
export const shortDay = (at: number): string =>
  new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" }).format(at);

const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);

/** "40 s", "12 min", "1 h 5 min". */
export function lasted(span: number): string {
  if (span < MINUTE) return `${Math.max(0, Math.round(span / SECOND))} s`;
  if (span < HOUR) return `${Math.round(span / MINUTE)} min`;
  const minutes = Math.round((span % HOUR) / MINUTE);
  return `${Math.floor(span / HOUR)} h${minutes ? ` ${minutes} min` : ""}`;
}

/** A lead in seconds with one decimal; empty when it is too small to be said. */
export function lead(span: number): string {
  return span < 50 ? "" : (span / SECOND).toFixed(span < 10 * SECOND ? 1 : 0);
}

export function place({ location }: Pick<About, "location">): string {
  return [location?.city, country(location?.country)].filter(Boolean).join(", ");
}

export function country(code: string | undefined): string {
  if (!code || !/^[A-Z]{2}$/.test(code)) return code ?? "";
  return new Intl.DisplayNames("en", { type: "region", fallback: "code" }).of(code) ?? code;
}

/** What to call a visitor: name, else email, else "Visitor from Osaka", else "Visitor". */
export function visitorName(about: Partial<About> | undefined | null): string {
  if (about?.name) return about.name;
  if (about?.email) return about.email;
  const from = about?.location?.city || country(about?.location?.country);
  return from ? texts.visitor.from(from) : texts.visitor.unnamed;
}

export const chatName = (conversation: Pick<Conversation, "visitor">) =>
  visitorName(conversation.visitor);

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const firstLetter = (word: string | undefined): string => {
  for (const { segment } of letters.segment(word ?? "")) return segment;
  return "";
};

/** Up to two letters for an avatar; none for somebody without a name. */
export function initials(name: string): string {
  const words = name
    .replace(/[^\p{L}\p{N}\s@.-]/gu, "")
    .trim()
    .split(/[\s@]+/u)
    .filter(Boolean);
  const first = firstLetter(words[0]);
  const last = words.length > 1 ? firstLetter(words[words.length - 1]) : "";
  return (name.includes("@") ? first : first + last).toLocaleUpperCase();
}

/** One of eight tints, always the same one for the same id. */
export function tint(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % 8;
}

/** A page's address without what a rep doesn't need: "acme.example/pricing". */
export function shortUrl(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return host.replace(/^www\./, "") + (pathname === "/" ? "" : pathname);
  } catch {
    return url;
  }
}

/** Only web addresses become links: a visitor chooses what stands there. */
export function webAddress(url: string): string | undefined {
  return /^https?:\/\//i.test(url) ? url : undefined;
}

/** A field's name for reading: "utm_source" → "Utm source". */
export function fieldName(key: string): string {
  const words = key
    .replace(/[_-]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** A language code in words: "ja-JP" → "Japanese (Japan)". */
export function language(code: string): string {
  try {
    return (
      new Intl.DisplayNames("en", { type: "language", languageDisplay: "standard" }).of(code) ??
      code
    );
  } catch {
    return code;
  }
}
