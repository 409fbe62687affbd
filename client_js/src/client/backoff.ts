/**
 * When to try again: exponential with jitter, so that a server that comes back isn't met by all at
 * once. The first tries come soon: a node that
 * died is one of several, or back within two seconds. The longest wait is 30 s.
 */
const FIRST_MS = 250;
const GROWTH = 1.7;
const LONGEST_MS = 30_000;

/** Milliseconds to wait before try number `attempt` (from 1): between half and all of the step. */
export function backoff(attempt: number, random: () => number): number {
  const step = Math.min(LONGEST_MS, FIRST_MS * GROWTH ** Math.min(attempt - 1, 16));
  return Math.round(step * (0.5 + random() / 2));
}
