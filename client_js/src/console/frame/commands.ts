/** Everything that can be done by key or from the palette. Components offer what they can do while
 * they are on the screen; the keyboard and the palette look here. */
import { useEffect, useSyncExternalStore } from "react";

export interface Command {
  id: string;
  name: string;
  /** "a", "g i" (one after the other), "Enter". Alt with it also works while writing. */
  keys?: string;
  /** Words beside its name to find it by. */
  also?: string;
  run: () => void;
  /** Has a key but no line in the palette. */
  unlisted?: boolean;
}

let commands: readonly Command[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Command[]): void {
  commands = next;
  for (const listener of listeners) listener();
}

/** Offers commands and takes them back; what was offered last wins a key. */
export function offer(offered: readonly Command[]): () => void {
  const own = new Set(offered);
  change([...offered, ...commands]);
  return () => change(commands.filter((command) => !own.has(command)));
}

export const offered = (): readonly Command[] => commands;

/** Offers while the component is there. Pass a memoised list. */
export function useCommands(list: readonly Command[]): void {
  useEffect(() => offer(list), [list]);
}

export function useOffered(): readonly Command[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, offered);
}
