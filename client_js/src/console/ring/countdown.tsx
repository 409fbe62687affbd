import { useState } from "react";

import type { Ring } from "../live/live";
import { texts } from "../texts";
import { useNow } from "../kit/now";
import { countdown } from "./words";

const RADIUS = 17;
const ROUND = 2 * Math.PI * RADIUS;

/** The ring of seconds that are left. The circle moves by CSS; only the number counts each second. */
export function Countdown({ ring, skew }: { ring: Ring; skew: number }) {
  const now = useNow(1000);
  const [first] = useState(() => countdown(ring.offer, ring.since, Date.now(), skew));
  const { seconds } = countdown(ring.offer, ring.since, now, skew);
  return (
    <span className="countdown num" role="timer" aria-label={texts.ring.seconds(seconds)}>
      <svg viewBox="0 0 40 40" width="40" height="40" aria-hidden="true">
        <circle className="countdown-track" cx="20" cy="20" r={RADIUS} />
        <circle
          className="countdown-left"
          cx="20"
          cy="20"
          r={RADIUS}
          strokeDasharray={ROUND}
          style={{
            animationDuration: `${first.total}ms`,
            animationDelay: `${first.left - first.total}ms`,
          }}
        />
      </svg>
      <b>{seconds}</b>
    </span>
  );
}
