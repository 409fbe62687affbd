import { say } from "../kit/toast";
import { Switch } from "../kit/field";
import { chatsOf, linkOf, ringsOf, useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { availabilityHint } from "./standing";

/** What the rep chose, and what follows from it in one line. */
export function AvailabilitySwitch() {
  const live = useLive();
  const link = useLiveState(linkOf);
  const { availability, cause, capacity, offHours } = useLiveState((state) => state);
  const load = useLiveState(chatsOf).filter((chat) => !chat.over).length;
  // An owner may be rung beyond their places, and then "nothing rings" isn't so.
  const ringing = useLiveState(ringsOf).some((ring) => ring.ended === null);
  const on = availability === "available";
  const full = on && capacity > 0 && load >= capacity;
  const words = texts.availability;
  const hint = availabilityHint({ availability, cause, capacity, load, offHours, ringing });
  return (
    <div
      className={`availability ${!on ? "away" : offHours ? "off" : full ? "full" : "available"}`}
    >
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
