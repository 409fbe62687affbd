/** A rep's availability, presence and load as one word. Pure. */
import type { PresencePush } from "../../protocol/index.ts";
import type { Standing } from "../kit/avatar";
import { texts } from "../texts";

export function standingOf(one: PresencePush): Standing {
  if (!one.online) return "offline";
  if (one.availability === "away") return "away";
  if (one.off_hours) return "off";
  return one.capacity > 0 && one.load >= one.capacity ? "full" : "available";
}

export function standingWords(one: PresencePush): string {
  const standing = standingOf(one);
  const load = texts.presence.load(one.load, one.capacity);
  return standing === "offline" ? texts.presence.offline : `${texts.presence[standing]} · ${load}`;
}

const ORDER: readonly Standing[] = ["available", "full", "off", "away", "offline"];

/** Who can take something first, then by free places, then by name. */
export function byReadiness(a: PresencePush, b: PresencePush): number {
  return (
    ORDER.indexOf(standingOf(a)) - ORDER.indexOf(standingOf(b)) ||
    b.capacity - b.load - (a.capacity - a.load) ||
    a.rep.name.localeCompare(b.rep.name)
  );
}

interface Own {
  availability: "available" | "away";
  cause: string;
  capacity: number;
  load: number;
  offHours: boolean;
  ringing: boolean;
}

/** What follows from one's own availability, in one line: also why nothing rings. */
export function availabilityHint(own: Own): string {
  const words = texts.availability;
  const { capacity, load } = own;
  if (own.availability === "away") return words.causes[own.cause] ?? words.awayHint;
  if (own.offHours && !own.ringing) return words.offHours;
  if (capacity > 0 && load >= capacity && !own.ringing) return words.full(load, capacity);
  return load > 0 ? words.load(load, capacity) : words.availableHint;
}
