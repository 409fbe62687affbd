/** Of several tabs of one rep in a browser, one rings aloud. A lock decides; it passes on by itself
 * when that tab closes. Without locks every tab rings: too loud is better than silent. */

let leading = typeof navigator === "undefined" || !("locks" in navigator);
const listeners = new Set<() => void>();

export function lead(): void {
  if (leading) return;
  void navigator.locks.request("frontdesk.ring", () => {
    leading = true;
    for (const listener of listeners) listener();
    return new Promise<never>(() => undefined);
  });
}

export const isLeading = (): boolean => leading;

export function onLeading(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
