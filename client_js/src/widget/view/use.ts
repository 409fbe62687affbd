/** Stores and the clock, for components. */
import { useEffect, useState } from "preact/hooks";

import type { Store } from "../../client/index.ts";

/** The store's state, rendered again at each change. */
export function useStore<State extends object>(store: Store<State>): State {
  const [state, set] = useState(store.state);
  useEffect(() => {
    const look = () => set(store.state);
    look();
    return store.subscribe(look);
  }, [store]);
  return state;
}

/** Now in ms, moving every second while something counts. */
export function useNow(isCounting: boolean): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    if (!isCounting) return;
    const timer = setInterval(() => set(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isCounting]);
  return now;
}
