/** Ending a conversation takes five seconds in which it can be undone; a visitor who writes in that
 * time undoes it too. Leaving the page ends at once what was about to end. */
import { useEffect, useSyncExternalStore } from "react";

import { chatName } from "../format";
import { say } from "../kit/toast";
import type { Live } from "../live/live";
import { texts } from "../texts";
import { isFromVisitor } from "./timeline";

export const GRACE = 5000;

interface Ending {
  /** ms since 1970. */
  at: number;
  /** The newest offset when it was asked for. */
  offset: number;
  timer: ReturnType<typeof setTimeout>;
}

let endings: ReadonlyMap<string, Ending> = new Map();
const listeners = new Set<() => void>();

function change(edit: (next: Map<string, Ending>) => void): void {
  const next = new Map(endings);
  edit(next);
  endings = next;
  for (const listener of listeners) listener();
}

export function endSoon(live: Live, id: string): void {
  const chat = live.state().chats.find((one) => one.conversation.id === id);
  if (!chat || chat.over || endings.has(id)) return;
  const timer = setTimeout(() => void finish(live, id), GRACE);
  const { offset } = chat.conversation;
  change((next) => next.set(id, { at: Date.now() + GRACE, offset, timer }));
}

export function undoEnd(id: string): void {
  clearTimeout(endings.get(id)?.timer);
  change((next) => next.delete(id));
}

async function finish(live: Live, id: string): Promise<void> {
  undoEnd(id);
  try {
    await live.close(id);
  } catch {
    say(texts.ending.failed, { bad: true });
  }
}

/** Takes back the endings whose visitor has written since. */
export function undoAnswered(live: Live): void {
  for (const [id, ending] of endings) {
    const chat = live.state().chats.find((one) => one.conversation.id === id);
    if (!chat || chat.over) undoEnd(id);
    else if (chat.conversation.entries.some((e) => isFromVisitor(e) && e.offset > ending.offset)) {
      undoEnd(id);
      say(texts.ending.undone(chatName(chat.conversation)));
    }
  }
}

export function useEndings(live: Live): void {
  useEffect(() => {
    const stop = live.subscribe(() => undoAnswered(live));
    const leave = () => {
      for (const id of endings.keys()) void finish(live, id);
    };
    window.addEventListener("pagehide", leave);
    return () => {
      stop();
      window.removeEventListener("pagehide", leave);
    };
  }, [live]);
}

/** When this conversation ends, or null. */
export function useEnding(id: string): number | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => endings.get(id)?.at ?? null,
  );
}
