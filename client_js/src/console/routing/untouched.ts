/** Rules that were just added and that nobody has edited yet: what they lack isn't held against them
 * until somebody wants to save or publish. An edit makes another object of a rule, so that the very
 * object that was added is the untouched one. */
import { useSyncExternalStore } from "react";

import type { Handling, Rule, RuleSet } from "../api/routing";

const untouched = new WeakSet<Handling>();
const listeners = new Set<() => void>();
let held = 0; // how often they were held against them

export function asUntouched(rule: Rule): Rule {
  untouched.add(rule);
  return rule;
}

export const isUntouched = (one: Handling | undefined): boolean =>
  one !== undefined && untouched.has(one);

/** From now on everything that is wrong in these rules is said. */
export function sayAllOf(set: RuleSet): void {
  for (const rule of set.rules) untouched.delete(rule);
  held++;
  for (const listener of listeners) listener();
}

/** Another number each time `sayAllOf` was called: whoever shows faults looks again. */
export const useSaidAll = (): number =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => held,
  );
