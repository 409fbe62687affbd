/** The name of this tab as a device (PR-2). A reload keeps it; a duplicated tab, which inherits the
 * stored name, gets one of its own, for the first tab holds a lock on it. */
import { newClientId } from "../../client/index.ts";

const KEY = "frontdesk.device";

export async function deviceName(): Promise<string> {
  const kept = stored();
  if (kept !== null && (await hold(kept))) return kept;
  const fresh = newClientId(Math.random);
  try {
    sessionStorage.setItem(KEY, fresh);
  } catch {
    // Then a reload is a new device; the old one ends with its socket.
  }
  await hold(fresh);
  return fresh;
}

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** True if no other tab has the name; the lock is kept as long as the page lives. */
async function hold(name: string): Promise<boolean> {
  if (!("locks" in navigator)) return true;
  return new Promise((resolve) => {
    void navigator.locks.request(`frontdesk.device.${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<never>(() => undefined);
    });
  });
}
