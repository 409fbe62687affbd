/** The time, as something that changes: one timer per pace, however many look at it. */
import { useSyncExternalStore } from "react";

import { ago, fully } from "../format";

type Pace = 1000 | 15_000;

interface Beat {
  now: number;
  listeners: Set<() => void>;
  timer: ReturnType<typeof setInterval> | undefined;
  subscribe: (listener: () => void) => () => void;
}

const beats = { 1000: beat(1000), 15_000: beat(15_000) };

function beat(pace: Pace): Beat {
  const own: Beat = {
    now: Date.now(),
    listeners: new Set(),
    timer: undefined,
    subscribe(listener) {
      if (own.listeners.size === 0) {
        own.now = Date.now();
        own.timer = setInterval(() => {
          own.now = Date.now();
          for (const one of own.listeners) one();
        }, pace);
      }
      own.listeners.add(listener);
      return () => {
        own.listeners.delete(listener);
        if (own.listeners.size === 0) clearInterval(own.timer);
      };
    },
  };
  return own;
}

/** ms since 1970, new every `pace` ms while somebody looks. */
export function useNow(pace: Pace): number {
  return useSyncExternalStore(beats[pace].subscribe, () => beats[pace].now);
}

/** "3 min ago", with the whole moment on hover. */
export function Ago({ at }: { at: number }) {
  const now = useNow(15_000);
  return (
    <time className="num" dateTime={new Date(at).toISOString()} title={fully(at)}>
      {ago(at, now)}
    </time>
  );
}
