import { useSyncExternalStore } from "react";

/** True while the window matches. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}

export const NARROW = "(max-width: 699px)";
export const FOLDED = "(max-width: 1199px)";
