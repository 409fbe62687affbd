import { ago } from "../format";
import { texts } from "../texts";

/** "5 min ago" within a sentence: there, "now" is a moment ago. */
export const since = (at: number, now: number): string =>
  now - at < 60_000 ? texts.routing.conflict.justNow : ago(at, now);
