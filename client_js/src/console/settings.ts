/** What this rep set for this browser: sound, notifications, theme, keys. Tabs follow each other. */
import { useSyncExternalStore } from "react";

import { recall, remember } from "./storage";

export interface Settings {
  sound: boolean;
  /** 0 to 1. */
  volume: number;
  notifications: boolean;
  theme: "system" | "light" | "dark";
  singleKeys: boolean;
  panel: boolean;
}

export const DEFAULTS: Settings = {
  sound: true,
  volume: 0.6,
  notifications: false,
  theme: "system",
  singleKeys: true,
  panel: true,
};

const KEY = "frontdesk.console";
const listeners = new Set<() => void>();
let current = parse(recall(KEY));

/** Unknown and mistyped values fall back to the default, one by one. */
export function parse(stored: string | null): Settings {
  let raw: unknown = null;
  try {
    raw = JSON.parse(stored ?? "");
  } catch {
    return DEFAULTS;
  }
  if (typeof raw !== "object" || raw === null) return DEFAULTS;
  const known = Object.entries(DEFAULTS).map(([key, standard]: [string, unknown]) => {
    const value = (raw as Record<string, unknown>)[key];
    return [key, typeof value === typeof standard ? value : standard] as const;
  });
  const settings = Object.fromEntries(known) as unknown as Settings;
  return ["system", "light", "dark"].includes(settings.theme)
    ? settings
    : { ...settings, theme: "system" };
}

export const settings = (): Settings => current;

export function set(change: Partial<Settings>): void {
  current = { ...current, ...change };
  remember(KEY, JSON.stringify(current));
  for (const listener of listeners) listener();
}

export function onSettings(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Hears what another tab of this browser set. */
export function followOtherTabs(): void {
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    current = parse(event.newValue);
    for (const listener of listeners) listener();
  });
}

export function useSettings(): Settings {
  return useSyncExternalStore(onSettings, settings);
}
