/** Desktop notifications of rings: asked for only on a click, one per conversation. */

const open = new Map<string, Notification>();

export const supported = (): boolean => typeof Notification !== "undefined";

export const permission = (): NotificationPermission =>
  supported() ? Notification.permission : "denied";

/** Must run inside a click. */
export async function ask(): Promise<boolean> {
  return supported() && (await Notification.requestPermission()) === "granted";
}

export function show(conversation: string, title: string, body: string, onOpen: () => void): void {
  if (open.has(conversation) || permission() !== "granted") return;
  try {
    const made = new Notification(title, { body, tag: conversation, requireInteraction: true });
    made.onclick = () => {
      window.focus();
      onOpen();
      made.close();
    };
    open.set(conversation, made);
  } catch {
    // Android's Chrome has the class but refuses to construct it outside of a service worker.
  }
}

/** Closes the notifications of every ring that isn't in `ringing`. */
export function keep(ringing: ReadonlySet<string>): void {
  for (const [conversation, shown] of open) {
    if (ringing.has(conversation)) continue;
    shown.close();
    open.delete(conversation);
  }
}
