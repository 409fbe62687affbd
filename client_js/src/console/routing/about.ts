/** Facts by the keys that filters use → what a conversation keeps of its visitor. The server reads
 * it the other way round (`routing/situation.py`). Pure. */
import type { AboutVisitor, Scalar } from "../api/routing";

/** Where a field stands, if it isn't where its key says. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  "session.landing_page": ["landing_page"],
  "session.referrer": ["referrer"],
  "session.gclid": ["gclid"],
  "session.pages_seen": ["pages_seen"],
  "session.pages_seen_urls": ["pages_seen_urls"],
  "visitor.language": ["locale"],
};

export type Facts = Readonly<Record<string, Scalar>>;

export function aboutOf(facts: Facts): AboutVisitor {
  const about: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(facts)) {
    if (value === null || value === "") continue;
    if (key === "visitor.email_domain") put(about, ["email"], `visitor@${String(value)}`, false);
    else if (key === "page.path")
      put(about, ["page", "url"], `https://site.example${String(value)}`, false);
    else put(about, stepsOf(key), value, true);
  }
  return about;
}

function stepsOf(key: string): readonly string[] {
  const place = PLACES[key];
  if (place) return place;
  const dot = key.indexOf(".");
  const [room, name] = [key.slice(0, dot), key.slice(dot + 1)];
  if (room === "visitor") return [name];
  return room === "field" ? ["fields", name] : [room, name];
}

/** A value that another fact says better (`over` false) doesn't replace it. */
function put(
  about: Record<string, unknown>,
  [first = "", second]: readonly string[],
  value: unknown,
  over: boolean,
): void {
  if (second === undefined) {
    if (over || about[first] === undefined) about[first] = value;
    return;
  }
  const inner = (about[first] ?? {}) as Record<string, unknown>;
  about[first] = inner;
  put(inner, [second], value, over);
}
