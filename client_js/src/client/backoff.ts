/**
 * When to try again: exponential with jitter, so that a server that comes back isn't met by all at
 * once. The first try comes soon (a node that died is one of several); the longest wait is 30 s.
 */
const FIRST_MS = 300;
const LONGEST_MS = 30_000;

/** Milliseconds to wait before try number `attempt` (from 1): between half and all of the step. */
export function backoff(attempt: number, random: () => number): number {
  const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(step * (0.5 + random() / 2));
}
