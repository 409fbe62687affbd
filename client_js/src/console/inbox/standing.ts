/** A rep's availability, presence and load as one word. Pure. */
import type { PresencePush } from "../../protocol/index.ts";
import type { Standing } from "../kit/avatar";
import { texts } from "../texts";

export function standingOf(one: PresencePush): Standing {
  if (!one.online) return "offline";
  if (one.availability === "away") return "away";
  return one.capacity > 0 && one.load >= one.capacity ? "full" : "available";
}

export function standingWords(one: PresencePush): string {
  const standing = standingOf(one);
  const load = texts.presence.load(one.load, one.capacity);
  return standing === "offline" ? texts.presence.offline : `${texts.presence[standing]} · ${load}`;
}

const ORDER: readonly Standing[] = ["available", "full", "away", "offline"];

/** Who can take something first, then by free places, then by name. */
export function byReadiness(a: PresencePush, b: PresencePush): number {
  return (
    ORDER.indexOf(standingOf(a)) - ORDER.indexOf(standingOf(b)) ||
    b.capacity - b.load - (a.capacity - a.load) ||
    a.rep.name.localeCompare(b.rep.name)
  );
}
