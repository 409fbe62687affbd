import { VolumeX } from "lucide-react";
import { useSyncExternalStore } from "react";

import { visitorName } from "../format";
import { ringsOf, useLiveState } from "../live/use-live";
import { useSettings } from "../settings";
import { texts } from "../texts";
import { RingCard, RingLine } from "./card";
import { blocked, onBlocked } from "./sound";

/** So many stand as full cards; the others as lines below. */
const FULL = 2;

/** Every ring, oldest first, at the top of the list. */
export function RingList() {
  const rings = useLiveState(ringsOf);
  const live = rings.filter((ring) => ring.ended === null);
  const newest = live[live.length - 1];
  return (
    <section className={rings.length ? "rings" : "rings none"} aria-label={texts.ring.list}>
      <p className="unseen" role="alert">
        {newest ? texts.ring.announce(visitorName(newest.offer.visitor)) : ""}
      </p>
      {rings.map((ring, i) =>
        i < FULL || ring.ended ? (
          <RingCard key={ring.offer.conversation} ring={ring} first={ring === live[0]} />
        ) : (
          <RingLine key={ring.offer.conversation} ring={ring} />
        ),
      )}
      {live.length ? <SilentHint /> : null}
    </section>
  );
}

function SilentHint() {
  const { sound } = useSettings();
  const silent = useSyncExternalStore(onBlocked, blocked);
  if (!sound || !silent) return null;
  return (
    <p className="with-icon meta silent">
      <VolumeX size={14} aria-hidden="true" />
      <span>{texts.ring.soundBlocked}</span>
    </p>
  );
}
