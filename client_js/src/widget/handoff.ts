/** What the loader hands to the widget, once, under a symbol that nobody meets by accident. */
import type { Settings } from "./settings.ts";

export type Call = readonly unknown[];

export interface Handoff {
  settings: Settings;
  host: HTMLElement;
  root: ShadowRoot;
  /** The loader's launcher was pressed before the widget was there. */
  isWanted: boolean;
  /** Takes what the page called so far, and all that it will. */
  answer(receive: (call: Call) => void): void;
  /** Removes the loader's own launcher; true if it had the focus. */
  leave(): boolean;
}

const KEY = Symbol.for("frontdesk.handoff");
type Holder = Record<symbol, Handoff | undefined>;

export function hand(handoff: Handoff): void {
  (globalThis as unknown as Holder)[KEY] = handoff;
}

export function take(): Handoff | undefined {
  const holder = globalThis as unknown as Holder;
  const handoff = holder[KEY];
  holder[KEY] = undefined;
  return handoff;
}
