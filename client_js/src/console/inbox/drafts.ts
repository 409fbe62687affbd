/** What a rep has written and not sent, per conversation: it survives a reload and a crash. */
import { useSyncExternalStore } from "react";

import { recall, remember, storedKeys } from "../storage";

const PREFIX = "frontdesk.draft.";
/** A draft nobody came back to is forgotten after a week. */
const KEEP = 7 * 24 * 3600_000;

const drafts = new Map<string, string>();
const listeners = new Set<() => void>();

export function draftOf(conversation: string): string {
  const known = drafts.get(conversation);
  if (known !== undefined) return known;
  const text = parse(recall(PREFIX + conversation))?.text ?? "";
  drafts.set(conversation, text);
  return text;
}

export function setDraft(conversation: string, text: string, now = Date.now()): void {
  drafts.set(conversation, text);
  remember(PREFIX + conversation, text === "" ? null : JSON.stringify({ text, at: now }));
  for (const listener of listeners) listener();
}

/** Takes old drafts away; called once at the start. */
export function sweepDrafts(now = Date.now()): void {
  for (const key of storedKeys(PREFIX)) {
    const draft = parse(recall(key));
    if (draft === null || now - draft.at > KEEP) remember(key, null);
  }
}

function parse(stored: string | null): { text: string; at: number } | null {
  try {
    const value: unknown = JSON.parse(stored ?? "");
    const { text, at } = value as { text?: unknown; at?: unknown };
    return typeof text === "string" && typeof at === "number" ? { text, at } : null;
  } catch {
    return null;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useDraft(conversation: string): string {
  return useSyncExternalStore(subscribe, () => draftOf(conversation));
}
