import { say } from "../kit/toast";
import { Switch } from "../kit/field";
import { chatsOf, linkOf, ringsOf, useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";

/** What the rep chose, and what follows from it in one line. */
export function AvailabilitySwitch() {
  const live = useLive();
  const link = useLiveState(linkOf);
  const { availability, cause, capacity } = useLiveState((state) => state);
  const load = useLiveState(chatsOf).filter((chat) => !chat.over).length;
  // An owner may be rung beyond their places, and then "nothing rings" isn't so.
  const ringing = useLiveState(ringsOf).some((ring) => ring.ended === null);
  const on = availability === "available";
  const full = on && capacity > 0 && load >= capacity;
  const words = texts.availability;
  const hint = !on
    ? (words.causes[cause] ?? words.awayHint)
    : full && !ringing
      ? words.full(load, capacity)
      : load > 0
        ? words.load(load, capacity)
        : words.availableHint;
  return (
    <div className={`availability ${on ? (full ? "full" : "available") : "away"}`}>
      <Switch
        name={words.label}
        label={on ? words.available : words.away}
        hint={link.phase === "online" ? hint : words.unknown}
        on={on}
        disabled={link.phase !== "online"}
        onChange={(next) => void toggle(live.setAvailability, next)}
      />
    </div>
  );
}

async function toggle(
  change: (state: "available" | "away") => Promise<void>,
  available: boolean,
): Promise<void> {
  try {
    await change(available ? "available" : "away");
  } catch {
    say(texts.availability.failed, { bad: true });
  }
}
